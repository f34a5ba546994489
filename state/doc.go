// Package state keeps what operators hold between batches so that it survives the process: named
// tables with typed columns in one Pebble database a job.
//
// Operators work on tables in memory (group tables, accumulators, row stores), whose entries are dense
// ids. To have such a table kept, an operator declares it in Open (Scope.Table): its name, its columns, how to
// read entries out and how to take them in. From then on it marks the ids that it writes (Rows.Mark) and
// says which are going (Rows.Forget). That is all: at a barrier the entries that were marked are copied
// (Snapshot), beside the running job they are written (Store.Write), and once all operators' are in, the database is
// checkpointed by hard links (Store.Checkpoint). A restore declares the same tables and gets its entries back.
//
// Two kinds of tables:
//
//   - keyed (Scope.Table): an entry on disk for each key, which a later one replaces. For keys that live long.
//   - by span (Scope.Spans): rows filed under a time, the end of a window's slice, written in column
//     chunks and dropped all at once when the time has passed. For what lives as long as a window.
//
// Entries are absolute, never differences: writing one twice is harmless. The database's log is switched off:
// what counts is checkpoints. Everything on disk describes itself: see Descriptor and Tables.
//
// Enter at Open for the store, at Scope for what an operator sees, at Table for a declaration.
package state
