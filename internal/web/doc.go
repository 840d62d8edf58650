// Package web is what every page stands on: the frame around it, three languages, the
// policy of what a browser may load, style and scripts, and errors in plain words.
//
// A face parses its templates into a View for the type of its data and renders with
// it; a test in app checks every View's template against that type. Everything works
// without script. Pages load nothing from elsewhere, and nothing inline
// (design.md §11).
//
// Style, scripts and typefaces are built by npm from the folder web/ into dist, which
// is embedded and not committed; they are stored compressed, as they are sent, under
// an address that holds their digest, and may be kept for ever.
//
// Imports: floor 0, access.
package web
