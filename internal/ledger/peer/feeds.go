package peer

import (
	"context"
	"fmt"
	"net/http"
	"path"
	"regexp"
	"slices"
	"strings"
	"time"

	"adamas.example/internal/fault"
	"adamas.example/internal/ledger/follow"
	"adamas.example/internal/ledger/tiles"
	"adamas.example/verify/policy"
	"adamas.example/verify/trust"
)

// Feeds says what is followed: each place of each configured log under the policy
// that the newest root document gives it, and each home log of a peer's
// Participant that is not configured and lies beside one that is, where its office
// goes on after a log has ended. problems are what keeps a log from being followed,
// to be shown loudly; the others are followed all the same.
//
// dir is the node's folder. own tells the logs that this node keeps itself. client
// may be nil. Looking for a log that is not configured reads its checkpoint.
//
// Faults in problems: exchange.log_not_in_root, exchange.log_own,
// exchange.successor_absent, ledger.source_address.
func (ps Peers) Feeds(ctx context.Context, dir string, chain *trust.Chain, own []string, client *http.Client) (feeds []follow.Feed, problems []error) {
	root := chain.Current()
	known := map[string][]string{} // by origin: places
	for _, p := range ps {
		for _, l := range p.Logs {
			known[l.Origin] = append(known[l.Origin], l.From...)
			if slices.Contains(own, l.Origin) {
				problems = append(problems, fault.Conflict("exchange.log_own", fault.Arg("origin", l.Origin)))
				continue
			}
			more, err := feedsOf(dir, root, l, client)
			feeds = append(feeds, more...)
			if err != nil {
				problems = append(problems, err)
			}
		}
	}
	for _, p := range root.Participants {
		places := []string{}
		for _, h := range p.Homes {
			places = append(places, known[h.Origin]...)
		}
		if len(places) == 0 {
			continue // no peer of ours
		}
		for _, h := range p.Homes {
			if known[h.Origin] != nil || slices.Contains(own, h.Origin) {
				continue
			}
			found := besides(ctx, dir, h.Origin, places, client)
			if len(found) == 0 {
				problems = append(problems, fault.Unavailable("exchange.successor_absent", fault.Arg("origin", h.Origin), fault.Arg("participant", p.Code)))
				continue
			}
			known[h.Origin] = found
			more, err := feedsOf(dir, root, Place{h.Origin, found}, client)
			feeds = append(feeds, more...)
			if err != nil {
				problems = append(problems, err)
			}
		}
	}
	return feeds, problems
}

// feedsOf gives one feed for each place of a log.
func feedsOf(dir string, root *trust.Root, l Place, client *http.Client) (out []follow.Feed, err error) {
	i := slices.IndexFunc(root.Logs, func(x trust.Log) bool { return x.Origin == l.Origin })
	if i < 0 {
		return nil, fault.Invalid("exchange.log_not_in_root", fault.Arg("origin", l.Origin), fault.Arg("version", fmt.Sprint(root.Version)))
	}
	pol, err := policy.Parse(root.Logs[i].Policy)
	if err != nil {
		return nil, err
	}
	for _, from := range l.From {
		src, bad := Open(dir, from, client)
		if bad != nil {
			err = bad
			continue
		}
		out = append(out, follow.Feed{Source: src, Policy: pol})
	}
	return out, err
}

// Open opens one place of a configuration. Fault ledger.source_address.
func Open(dir, from string, client *http.Client) (*tiles.Source, error) {
	if isAddress(from) {
		return tiles.OpenURL(from, client)
	}
	return tiles.OpenFolder(folder(dir, from)), nil
}

// numbered is how a node names the folders of its logs: log, log-2, log-3.
var numbered = regexp.MustCompile(`^log(-[0-9]+)?$`)

// mostSuccessors is how many logs of one node are looked for beside the first.
const mostSuccessors = 9

// lookTimeout bounds the search beside one place.
const lookTimeout = 30 * time.Second

// besides looks for a log beside known places of the same Participant. Only the
// name in the checkpoint is asked for: whether it is the log, its policy tells when
// it is followed.
func besides(ctx context.Context, dir, origin string, places []string, client *http.Client) (found []string) {
	for _, from := range places {
		trimmed := strings.TrimRight(from, `/\`)
		at := strings.LastIndexAny(trimmed, `/\`) + 1
		if !numbered.MatchString(path.Base(trimmed[at:])) {
			continue
		}
		ctx, cancel := context.WithTimeout(ctx, lookTimeout)
		for n := 1; n <= mostSuccessors; n++ {
			place := trimmed[:at] + "log"
			if n > 1 {
				place = fmt.Sprintf("%slog-%d", trimmed[:at], n)
			}
			if named(ctx, dir, place, client) == origin {
				found = append(found, place)
				break
			}
		}
		cancel()
	}
	return found
}

// named is the name that the checkpoint in a place bears; "" for none.
func named(ctx context.Context, dir, place string, client *http.Client) string {
	src, err := Open(dir, place, client)
	if err != nil {
		return ""
	}
	text, err := src.Checkpoint(ctx)
	if err != nil {
		return ""
	}
	cp, err := policy.ParseCheckpoint(text)
	if err != nil {
		return ""
	}
	return cp.Origin
}
