// Package tiles reads, copies and serves the files of a log (C2SP tlog-tiles).
//
//	checkpoint                      the log's size and root, signed and cosigned
//	tile/<level>/<n>[.p/<width>]    hashes, 256 to a full tile
//	tile/entries/<n>[.p/<width>]    the entries themselves, 256 to a full bundle
//	blob/<sha256>                   bodies over 16 KiB that statements name by hash (ours, not C2SP's)
//
// The same files stand behind a web server, in a folder and on a stick; a
// Source reads any of them, Mirror copies one into a folder, Handler serves a
// folder, and a served or mirrored folder is a Source again.
//
// # Why not torchwood's client alone
//
// Paths and bundles are torchwood's, hashes are x/mod's. Reading is our own for
// three reasons. Its TileFetcher does not fall back from a partial tile to the
// full one, which Tessera's garbage collection makes necessary. It retries for
// two and a half minutes in silence and reads bodies of any length. And neither
// it nor x/mod can say which file is damaged, which is what a person with a
// stick in the hand needs to hear.
//
// # Invariants
//
//   - A Tree gives nothing that it has not held against the root it was opened
//     with. Whether that root is to be believed is package policy's to say.
//   - A file that does not fit is named in the fault.
//   - A mirrored folder's checkpoint is replaced last, when everything it covers
//     is on the disk, and never by a smaller one or by one of another past.
//   - A blob is given out under its hash only while it has that hash.
//   - Handler serves the files above and nothing else that lies in the folder.
//
// It may import verify and fault.
package tiles
