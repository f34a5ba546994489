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
//
// Enter at Folder for writing, at Look for reading what a job has left, at Manifest for the contents, at Compare
// for whether a plan can go on from it.
package checkpoint
