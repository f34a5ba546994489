// Package checkpoint is what a job's checkpoints look like on disk: manifests, the folder that they
// lie in, its lock, and which of them are kept. It knows nothing of running jobs: package task
// decides when one is taken and what is in it.
//
// A state folder holds
//
//	LOCK             held by the process whose job it is
//	chk-12/          one checkpoint
//	  MANIFEST       what it is made of; written last, so that a folder without it was never complete
//	  COMMITTED      its sinks have been told to commit, and have done so
//	  state/         keyed state: files that checkpoints share as hard links
//	live/            the database of the run; nothing is ever restored from it
//	fetched/         a checkpoint of an object store that the run is about to begin with
//
// In an object store, which is only written and read whole, there are
//
//	HEAD             whose it is, and which checkpoints are complete: the one object that is changed (head.go)
//	chk-12-3.1/      one checkpoint: its number, then those of the owner and of the owner's attempt to write it, so that
//	  MANIFEST       nobody ever writes what another has written
//	  state/         files that belong to it alone
//	shared/          files that checkpoints share; manifests say which
//
// Checkpoints are made in a state folder all the same, on the machine that runs the job; a Mirror brings what is new of
// them to the store.
//
// Enter at Own and Folder, or OwnAt and Mirror, for writing, at All and Find for reading what a job has left, at Manifest for the contents, at Compare
// for whether a plan can go on from it.
package checkpoint
