package app

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"

	"github.com/alecthomas/kong"

	"adamas.example/internal/app/upkeep"
	"adamas.example/internal/fault"
	"adamas.example/internal/lang"
	"adamas.example/internal/module"
)

// order is a command on its way to the process that serves the node: its path
// ("consignment issue") and its fields, as they were parsed and loaded.
type order struct {
	Command  string          `json:"command"`
	Fields   json.RawMessage `json:"fields"`
	Language lang.Language   `json:"language"`
	JSON     bool            `json:"json"`
}

// orderLine is one piece of the answer: what the command prints, and last its
// exit status.
type orderLine struct {
	Out  string `json:"out,omitempty"`
	Err  string `json:"err,omitempty"`
	Last bool   `json:"last,omitempty"`
	Exit int    `json:"exit,omitempty"`
}

// mostOrder bounds an order's fields in bytes: a command with the files it has
// loaded. Larger files do not travel; their names do, made whole.
const mostOrder = 64 << 20

// commandPath is what a person types to reach a command.
func commandPath(n *kong.Node) string {
	var words []string
	for ; n != nil && n.Type != kong.ApplicationNode; n = n.Parent {
		words = append(words, n.Name)
	}
	slices.Reverse(words)
	return strings.Join(words, " ")
}

// forward has the process that serves the node do an order, and prints here what
// it prints there. taken is false when nobody serves the node.
func forward(in Invocation, env *module.Env, command, dir string, o module.Order) (taken bool, err error) {
	fields, err := json.Marshal(o)
	if err != nil {
		return false, err
	}
	if len(fields) > mostOrder {
		if err := upkeep.Served(env.Context, dir); errors.Is(err, upkeep.ErrNotServed) {
			return false, nil
		}
		return true, fault.TooLarge("module.order_too_large", fault.File(dir), fault.Arg("most", mostOrder>>20))
	}
	resp, err := upkeep.Ask(env.Context, dir, "/order", order{Command: command, Fields: fields, Language: env.Words.Language(), JSON: slices.Contains(in.Args, "--json")})
	if errors.Is(err, upkeep.ErrNotServed) {
		return false, nil
	}
	gone := func(err error) error {
		if env.Context.Err() != nil {
			return env.Context.Err()
		}
		return fault.Busy("module.server_gone", fault.File(dir), fault.Because(err))
	}
	if err != nil {
		return true, gone(err)
	}
	defer resp.Body.Close()
	for lines := json.NewDecoder(resp.Body); ; {
		var line orderLine
		if err := lines.Decode(&line); err != nil {
			return true, gone(err)
		}
		io.WriteString(env.Out, line.Out)
		io.WriteString(env.Err, line.Err)
		switch {
		case !line.Last:
		case line.Exit == 0:
			return true, nil
		case line.Exit == interrupted: // not here: the serving process is ending
			return true, gone(context.Canceled)
		default:
			return true, module.Exit(line.Exit)
		}
	}
}

// orders does the orders of the node's owner with the node that is open.
func orders(env *module.Env, n *module.Node, words *lang.Catalogue) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var o order
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, mostOrder+1<<16)) // fields, and what stands around them
		if err == nil {
			err = json.Unmarshal(body, &o)
		}
		if err != nil {
			http.Error(w, "order", http.StatusBadRequest)
			return
		}
		answer := &answering{enc: json.NewEncoder(w), flush: http.NewResponseController(w)}
		code := do(r.Context(), env, n, words, o, answer)
		answer.line(orderLine{Last: true, Exit: code})
	})
}

// do runs one order in an environment that prints to the person who asks, in his
// language.
func do(ctx context.Context, env *module.Env, n *module.Node, words *lang.Catalogue, o order, answer *answering) int {
	his := &module.Env{Context: ctx, In: bytes.NewReader(nil), Out: answer.stream(false), Err: answer.stream(true), Now: env.Now, Getenv: env.Getenv,
		Words: words.Printer(o.Language)}
	asked := Invocation{}
	if o.JSON {
		asked.Args = []string{"--json"}
	}
	cmd, err := orderOf(his, o)
	if err != nil {
		return fail(asked, his, err)
	}
	return fail(asked, his, cmd.Do(his, n))
}

// orderOf finds the command of an order and fills it in.
func orderOf(env *module.Env, o order) (module.Order, error) {
	parser, err := newParser(env)
	if err != nil {
		return nil, err
	}
	var cmd module.Order
	err = kong.Visit(parser.Model, func(v kong.Visitable, next kong.Next) error {
		if n, ok := v.(*kong.Node); ok && cmd == nil && commandPath(n) == o.Command && n.Target.IsValid() && n.Target.CanAddr() {
			cmd, _ = n.Target.Addr().Interface().(module.Order)
		}
		return next(nil)
	})
	if err == nil && cmd == nil {
		err = fmt.Errorf("app: %q is no order", o.Command)
	}
	if err == nil {
		err = json.Unmarshal(o.Fields, cmd)
	}
	return cmd, err
}

// answering writes an answer piece by piece; two streams share it.
type answering struct {
	mu    sync.Mutex
	enc   *json.Encoder
	flush *http.ResponseController
}

func (a *answering) line(l orderLine) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.enc.Encode(l) // who asked may be gone: then the order's context has ended too
	a.flush.Flush()
}

type stream struct {
	*answering
	err bool
}

func (a *answering) stream(err bool) io.Writer { return stream{a, err} }

func (s stream) Write(p []byte) (int, error) {
	if s.err {
		s.line(orderLine{Err: string(p)})
	} else {
		s.line(orderLine{Out: string(p)})
	}
	return len(p), nil
}
