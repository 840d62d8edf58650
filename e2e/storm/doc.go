// Package storm has many clients work with three served nodes while nodes and
// witnesses are killed with SIGKILL, and then judges from outside.
//
// The world is that of `adamas demo`: three nodes, six witnesses, each a process on
// an address that it keeps. A client is a person at a command line: it runs the built
// program, one act after the other. When the program says that the node went away, it
// looks what became of the act and goes on; an act is sent again only when the file
// does not have it, and only to the file as it was seen (--seen). Every second client is
// a state's own system at the API: it sends each act under an Idempotency-Key until it is
// answered and looks at nothing, so that whatever is done twice is the node's fault.
//
// What must hold when all have settled: every act that was acknowledged stands in its
// consignment's file once and in order; every certificate stands in the log once,
// with the hash that was seen first; no number and no receipt twice; both sides of a
// journey agree; bundles are valid; the audit is clean. Acts that nobody acknowledged
// may have been done or not, but not twice.
//
// The short trial belongs to the suite. The long one is ADAMAS_SOAK=1, 50 clients for
// ten minutes; ADAMAS_STORM_TIME and ADAMAS_STORM_CLIENTS change that, and
// ADAMAS_STORM_SEED repeats the draws of a run (not its timing). A failure names the
// seed and keeps the folder.
package storm
