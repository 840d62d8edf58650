package module

import "errors"

// Order is a command that works with a node, whether or not the node is being
// served at that moment: a node's folder belongs to one process at a time, so
// what serves it does the work for whoever asks from the same computer. The
// command travels as JSON, so all that it was given stands in exported fields.
type Order interface {
	// Load reads what the command line names, on the side of the person who asks:
	// files are his, and relative to where he stands.
	Load(env *Env) error
	// Do does the work where the node is open.
	Do(env *Env, n *Node) error
}

// Give has an order done: by the process that serves the node in dir, if there is
// one, else by opening the node here. Faults: those of the order and of OpenNode;
// module.server_gone.
func (e *Env) Give(dir string, o Order) error {
	if err := o.Load(e); err != nil {
		return err
	}
	if e.Forward != nil {
		if taken, err := e.Forward(dir, o); taken || err != nil {
			return err
		}
	}
	n, err := e.OpenNode(dir)
	if err != nil {
		return err
	}
	return errors.Join(o.Do(e, n), n.Close())
}
