// Package follow keeps views of what is recorded: in this node's own log, in its
// vault, and in the logs of other nodes, read over HTTP, from a folder or from a
// stick (design.md §6, "Followers"). A module that wants figures or pages from
// statements brings a Follower.
//
// # Invariants
//
//   - Nothing of another log reaches a follower before its checkpoint has passed
//     our policy, the checkpoint is proven to contain what was followed before,
//     and the entry is proven to be in it.
//   - Two checkpoints of one log that contradict each other stop the following
//     of that log, and both are kept as evidence.
//   - Where a follower stands is written in the transaction that writes its view:
//     every entry is applied once, whatever crashes between.
//   - A view that is emptied and followed anew comes out the same, if its follower
//     keeps the rules that stand at Follower.
//   - One follower's failure, and one source's, stops no other.
//
// It may import ledger, tiles, store, verify and the words of floor 0.
package follow
