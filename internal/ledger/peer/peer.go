package peer

import (
	"net/mail"
	"net/url"
	"path/filepath"
	"slices"
	"strings"

	"adamas.example/internal/fault"
	"adamas.example/internal/ident"
	"adamas.example/internal/lang"
)

// Peer is another office, or all offices of another Participant that share a
// node, as a table [[peer]] of node.toml. Its comments are the manual.
type Peer struct {
	// Office is one office, e.g. "AE/dubai"; Participant stands for all offices of
	// one that have no table of their own. One of the two.
	Office      string `toml:"office,omitempty"`
	Participant string `toml:"participant,omitempty"`
	// Exchange is the address to which messages are sent, e.g.
	// "https://kp.ae.example/exchange". Without it they go by mail or stick.
	Exchange string `toml:"exchange,omitempty"`
	// Mail is where its people read mail, and Language (en, fr, pt) how they are
	// written to.
	Mail     string `toml:"mail,omitempty"`
	Language string `toml:"language,omitempty"`
	// Logs are the logs of this Participant that are followed.
	Logs []Place `toml:"log,omitempty"`
}

// Place is where the files of one log are read, as a table [[peer.log]].
type Place struct {
	// Origin is the log's name, e.g. "ae.kp.example/2026". The root documents must
	// name it: they say who witnesses it.
	Origin string `toml:"origin"`
	// From are the addresses and folders where its files may be read, each of them
	// whenever it is there: "https://kp.ae.example/log", a mirror, a stick. A folder
	// that does not begin at the root is one inside the node's.
	From []string `toml:"from"`
}

// Peers are all peers of a node.
type Peers []Peer

// Check reports everything that is wrong, by field. Faults: exchange.peer_name,
// peer_twice, peer_address, peer_mail, peer_language, peer_origin, peer_places,
// log_twice, and those of ident.
func (ps Peers) Check() error {
	var faults fault.List
	names, origins := map[string]bool{}, map[string]bool{}
	for i, p := range ps {
		at := func(field string) fault.Detail { return fault.At("peer." + field) }
		record := fault.Record(i + 1)
		faults.Add(fault.Locate(p.checkName(), record))
		if names[p.Name()] && p.Name() != "" {
			faults.Add(fault.Conflict("exchange.peer_twice", at("office"), record, fault.Text(p.Name())))
		}
		names[p.Name()] = true
		if u, err := url.Parse(p.Exchange); p.Exchange != "" && (err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.RawQuery != "" || u.Fragment != "") {
			faults.Add(fault.Invalid("exchange.peer_address", at("exchange"), record, fault.Text(p.Exchange)))
		}
		if a, err := mail.ParseAddress(p.Mail); p.Mail != "" && (err != nil || a.Address != p.Mail) {
			faults.Add(fault.Invalid("exchange.peer_mail", at("mail"), record, fault.Text(p.Mail)))
		}
		if p.Language != "" && !slices.Contains(lang.Languages(), lang.Language(p.Language)) {
			faults.Add(fault.Invalid("exchange.peer_language", at("language"), record, fault.Text(p.Language)))
		}
		for _, l := range p.Logs {
			switch {
			case l.Origin == "" || strings.ContainsAny(l.Origin, "+ \n"):
				faults.Add(fault.Invalid("exchange.peer_origin", at("log.origin"), record, fault.Text(l.Origin)))
			case origins[l.Origin]:
				faults.Add(fault.Conflict("exchange.log_twice", at("log.origin"), record, fault.Text(l.Origin)))
			case len(l.From) == 0 || slices.Contains(l.From, ""):
				faults.Add(fault.Invalid("exchange.peer_places", at("log.from"), record, fault.Text(l.Origin)))
			}
			origins[l.Origin] = true
		}
	}
	return faults.Err()
}

// Addresses are where anybody may read of each log, by origin: its places on the
// network, and the address of its node, which takes messages beside them. Folders of
// this computer are nobody else's matter.
func (ps Peers) Addresses() map[string][]string {
	out := map[string][]string{}
	for _, p := range ps {
		for _, l := range p.Logs {
			for _, from := range append(slices.Clone(l.From), p.Exchange) {
				if isAddress(from) {
					out[l.Origin] = append(out[l.Origin], from)
				}
			}
		}
	}
	return out
}

func (p Peer) checkName() error {
	switch {
	case (p.Office == "") == (p.Participant == ""):
		return fault.Invalid("exchange.peer_name", fault.At("peer.office"))
	case p.Office != "":
		_, err := ident.ParseOffice(p.Office)
		return fault.Locate(err, fault.At("peer.office"))
	}
	_, err := ident.ParseParticipant(p.Participant)
	return fault.Locate(err, fault.At("peer.participant"))
}

// Name is the office or the Participant.
func (p Peer) Name() string { return p.Office + p.Participant }

// Code is the Participant's.
func (p Peer) Code() string {
	code, _, _ := strings.Cut(p.Name(), "/")
	return code
}

// For finds the peer through which an office is reached: its own table, else its
// Participant's.
func (ps Peers) For(office string) (Peer, bool) {
	code, _, _ := strings.Cut(office, "/")
	for _, name := range []string{office, code} {
		if i := slices.IndexFunc(ps, func(p Peer) bool { return p.Name() == name }); i >= 0 {
			return ps[i], true
		}
	}
	return Peer{}, false
}

// isAddress tells a web address from a folder.
func isAddress(from string) bool {
	return strings.HasPrefix(from, "https://") || strings.HasPrefix(from, "http://")
}

// folder is where a folder of the configuration lies.
func folder(node, from string) string {
	if filepath.IsAbs(from) {
		return from
	}
	return filepath.Join(node, filepath.FromSlash(from))
}
