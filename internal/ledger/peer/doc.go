// Package peer is the other nodes that a node knows by its configuration: where
// their offices take messages, and where their logs are read.
//
// # Invariants
//
//   - A place says where a log's files lie, never whether they are to be believed:
//     the policy of a log comes from the root documents (package trust).
//   - A log that no root document names is not followed, and this is said.
//   - A log that goes on under a new origin is followed there by itself once the
//     root documents name the new one: its files lie beside the old one's, where
//     "adamas recover --close-to" puts them.
//
// It may import follow, tiles, verify and the words of floor 0.
package peer
