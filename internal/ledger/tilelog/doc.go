// Package tilelog keeps a tlog-tiles log in a folder on any system that Go
// runs on. It is a driver for Tessera's append lifecycle: what Tessera's own
// POSIX driver does on Linux, for the PCs where that driver does not compile
// (docs/adr/0004-windows-log-driver.md). It knows no statement and no office.
//
//	driver, err := tilelog.Open(tilelog.Config{Dir: dir})
//	appender, shutdown, reader, err := tessera.NewAppender(ctx, driver, opts)
//	...
//	err = shutdown(ctx) // until all that was added is published
//	err = driver.Close()
//
// # The folder
//
//	checkpoint              c2sp.org/tlog-checkpoint, with the witnesses' cosignatures
//	tile/entries/...        entry bundles of 256, c2sp.org/tlog-tiles
//	tile/<level>/...        hash tiles of 256
//	.state/version          "1"
//	.state/treeState        {"size":…,"root":…}: how far the log is durable
//	.state/gcState          how far obsolete partial files have been removed
//	.state/tmp/             files being written; emptied at the start
//	.state/tilelog.lock     held while a Driver is open
//
// All but the last two are written exactly as the POSIX driver of Tessera
// v1.0.4 writes them, from the same entries to the same bytes. A folder can be
// carried from the one to the other, but must not be used by both at a time:
// they do not know each other's locks.
//
// # Invariants
//
//   - An index is given out only when the entry, every tile above it and the
//     tree state that counts it are on the disk.
//   - A file is replaced whole: written beside, flushed, renamed. After a crash
//     at any moment the old or the new one is there.
//   - A batch writes bundles, then tiles, then treeState. What a crashed batch
//     left above the recorded size is never read for a size that was recorded,
//     and is written over by the next batch.
//   - A log never begins again at zero: where there are tiles or a checkpoint and
//     no readable treeState, Open refuses. It refuses as well when the files do
//     not add up to the recorded root, or the published checkpoint is not of this
//     log or is ahead of it.
//   - One process, and one Driver in it, has the folder, by a lock of the
//     operating system.
//   - A checkpoint is published only as tessera.AppendOptions.CheckpointPublisher
//     returns it, that is when the witness policy is met; otherwise the attempt
//     is repeated after CheckpointInterval. Entries go on being integrated.
//   - Partial files are removed only below the published size.
//
// # Files that others hold open
//
// On Windows a file cannot be replaced while another program has it open. Writing
// tries for two seconds, then the batch or the publication fails; a publication
// is repeated. Bundles and tiles are written once, so this concerns the
// checkpoint: a program that serves the log serves it from ReadCheckpoint rather
// than from the file.
//
// # Where it differs from the POSIX driver
//
//   - A first start without witnesses succeeds; the POSIX driver's first start
//     fails and its second succeeds.
//   - Futures that are open when the driver stops end with ErrClosed; there they
//     wait for ever.
//   - The pace of publication follows the monotonic clock: a PC whose clock is
//     put back goes on publishing. A republish interval below zero means never.
//   - ReadCheckpoint answers from memory what was last published.
//
// As there, PushbackMaxOutstanding has no effect, and duplicates are not looked
// for. Static-ct layouts are refused.
//
// # Faults
//
// Of Open: tilelog.directory (cannot be made or used), tilelog.directory_taken
// (another process), tilelog.version (of another format), tilelog.state_missing,
// tilelog.state_damaged, tilelog.files_damaged (a bundle or tile is missing or
// not what the state says), tilelog.checkpoint_damaged, tilelog.checkpoint_ahead
// (an older state was put back), tilelog.checkpoint_differs (of another tree).
// All other errors are plain.
//
// The folder must be on a local disk. Imports: fault; Tessera and its layout;
// merkle and formats of the same authors; golang.org/x/sys.
package tilelog
