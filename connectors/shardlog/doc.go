// Package shardlog is a durable, embedded log of streams and shards: Kinesis Data
// Streams' model (partition keys, sequence numbers, retention, resharding) as a
// folder and a Go library.
//
// Open a folder with Open; it belongs to one process at a time. Log.Create makes a
// stream, Log.Stream finds one. Stream.Append writes records and returns when they
// are as durable as Options.Durability says; Stream.Reader follows one shard from a
// position that Stream.Seek found, and waits without polling.
//
// What a caller decides on are the Err… values, all meant for errors.Is. The
// package kinesis below this one serves a Log over the Kinesis wire protocol, and
// kpl unpacks the records of the Kinesis Producer Library.
package shardlog
