// Package demo plays the demonstration: one honest line from a mining site to a
// verdict, then the life of certificates between three sovereign nodes. Every
// Participant is a node of its own (folder, database, log, process), so that nothing
// passes between them but statements, bundles and messages. What an office does in
// the second chapter is typed: each step runs the program's own command line against
// a node that is being served, and prints the command. Asked for the rogues instead,
// it plays the gallery of forged certificates (package rogues).
//
// # Invariants
//
//   - The site is real; everything else is made up, is marked SYNTHETIC in the signed
//     bytes, and its bodies and hosts are examples.
//   - Nobody holds another's key: every body, authority and officer has a ring.
//   - A folder is finished or it is begun again: the file that says so is put in
//     place last.
//
// It may import node and everything below app.
package demo
