// Package upkeep is what whoever looks after a node does at the command line:
//
//	adamas backup   the whole database into a new file, also while it serves
//	adamas restore  a backup into a node that has neither database nor log
//	adamas recover  asks the witnesses what the log lacks, fetches it, goes on;
//	                or gives the log up for a new one
//
// Without --apply the last two write nothing and say so. What they do is package
// recovery's; here it gets its words and its place in a node's folder.
//
// A node's folder belongs to one process at a time. So that a backup can be made
// while it serves, the serving process listens on loopback for its own owner (see
// Listen).
//
// It may import node, the faces, and what lies below.
package upkeep

// Commands are this package's, for the program's command line.
type Commands struct {
	Backup  backup     `cmd:"" help:"cli_backup"`
	Restore restore    `cmd:"" help:"cli_restore"`
	Recover recoverLog `cmd:"" help:"cli_recover"`
}
