package tables

import (
	"context"
	"database/sql/driver"
)

// connector opens SQLite by its driver's value: nothing is looked up by a name
// that another package may have registered something else under.
type connector struct {
	driver driver.Driver
	dsn    string
}

// Connect opens one connection.
func (c connector) Connect(context.Context) (driver.Conn, error) { return c.driver.Open(c.dsn) }

// Driver is the engine's driver.
func (c connector) Driver() driver.Driver { return c.driver }
