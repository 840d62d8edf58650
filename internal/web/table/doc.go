// Package table is lists of records on a page: sorted, filtered, in pages, and as a file
// of exactly what is shown. All of it stands in the address, so that a list can be sent
// to somebody, and works without script.
//
//	var list = table.Table[Filed]{
//		Name: "apply.list",                       // its words: caption, names of files
//		Columns: []table.Column[Filed]{
//			{Key: "number", Title: "apply.number", Value: func(f Filed) any { return f.Number }, Sort: true},
//			{Key: "carats", Title: "apply.carats", Unit: "ct", Value: func(f Filed) any { return f.Carats }, Sort: true},
//		},
//		Filters: []table.Filter[Filed]{{Key: "number", Label: "apply.number"}},
//		Link:    func(f Filed) string { return "/desk/applications/" + string(f.ID) },
//		Order:   "-number",
//		Empty:   "apply.none",
//	}
//
//	shown, err := list.Answer(w, r, site, table.Rows(&list, all)) // or a Source in SQL
//	if shown == nil { return err }                                // a file was sent
//	return view.Render(w, r, title, data{List: shown})
//
// and its template: {{template "table" .Data.List}}.
//
// # Invariants
//
//   - Nothing of the address reaches a Source but a key of a column that sorts, a value
//     among a filter's options, a text of bounded length, and numbers.
//   - A file has the rows of every page, in the order shown, under the same right as
//     the page: it is the same address.
//   - Text that somebody typed is never a formula in a file (package sheet).
//
// It may import floor 0, sheet, web and form.
package table
