// Package access decides who may do what, and prints the decision as one table.
//
// An Actor holds Grants: a Role at one office, at every office of a Participant,
// or everywhere. A module declares its Permissions and which roles hold them.
// The Matrix of all permissions is built once, from the list of modules in app,
// printed, and kept as a golden file: whoever widens a right changes a line that
// a reviewer sees.
//
// # The rule
//
// A permission is granted to an actor at an office when the permission is held
// by Public, or when one of the actor's grants has a role that holds it and
// reaches the office. Anything else is refused: an unknown permission, an unknown
// role, a grant that reaches another office, an actor with no grants. A
// permission that is not about an office (Anywhere) asks for the role alone.
//
// What needs two people (KPCS four eyes), a fresh proof of identity or a state of
// the record is not here: those are guards of the act itself.
//
// Which office is a record's own is the caller's to say; passing an office the
// record does not belong to is how a right would leak, so nouns take it from the
// record and never from the request.
//
// Imports: floor 0 to its left; words in text/.
package access
