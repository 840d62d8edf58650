// Package form is forms: what somebody typed or sent becomes a Go value or faults that
// name every field, and what he typed is shown again with each fault beside its field.
//
// One type of value is read from three kinds of form, and its fields have one name in
// all of them, the path in JSON with lists counted from one ("parcels[2].carats"):
//
//	v, err := form.Read[Application](json)             // a file, a program's request
//	v, err := form.Values[Application](r.PostForm)     // a page
//	f := form.Of(p, v)                                 // a page that shows a value
//
// A page:
//
//	f := form.New(p, r.PostForm)
//	v, err := form.Values[Application](r.PostForm)
//	if err == nil { err = desk.Apply(ctx, who, v) }
//	if err = f.Refuse(err); err != nil { return err }  // no fault of the form
//	if f.Wrong() { return view.RenderAs(w, r, 422, title, data{Form: f}) }
//
// and its template:
//
//	{{template "summary" .Data.Form.Summary}}
//	{{template "field" (.Data.Form.Text "exporter.name" "apply.exporter.name")}}
//
// A list has rows: {{range .Data.Form.Rows "parcels" 1}}, with names by {{.Name "carats"}}.
// A button named "more" with the list's name adds a row, one named "less" with the row's
// takes it out (Form.Changed); both work without script.
//
// # Invariants
//
//   - Nothing is guessed: an unknown field, a name that stands twice, a value of
//     another kind, text after the end are faults.
//   - What is read is the value that was written, or nothing.
//   - What was typed comes back as it was typed, whatever was wrong with it.
//   - A fault names the row that the person sees, also where empty rows stand before it.
//
// It may import floor 0.
package form
