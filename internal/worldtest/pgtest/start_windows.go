package pgtest

import "errors"

// start has no Windows form: the store's own tests run on SQLite there.
func start(Options) (*cluster, error) {
	return nil, errors.New("the starter needs Unix sockets and a shell")
}
