package issuing

import "adamas.example/internal/web"

// grid is a table.
type grid struct {
	Caption string
	Heads   []head
	Rows    [][]cell
	Empty   string // said instead of a table without rows
}

type head struct {
	Text string
	N    bool // of figures
}

type cell struct {
	Text, Sub string
	Path      string // where it leads
	Label     string // the column's head, for a phone
	N, Mono   bool
	Row       bool // the whole row leads there
	Mark      *web.Mark
}

// add adds a row; each cell takes over what its column is.
func (g *grid) add(cells ...cell) {
	for i := range cells {
		cells[i].Label, cells[i].N = g.Heads[i].Text, g.Heads[i].N
	}
	g.Rows = append(g.Rows, cells)
}

// fact is a name and what stands under it.
type fact struct {
	Name, Text string
	Mono       bool
}

// link is a way on.
type link struct {
	Path, Text, Hint string
	First            bool // the obvious next step
}
