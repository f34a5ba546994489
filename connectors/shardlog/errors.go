package shardlog

import (
	"errors"

	"github.com/weirstream/weir/connectors/shardlog/internal/segment"
)

// What callers decide on. Errors that a method returns wrap these with the place.
var (
	ErrNotFound      = errors.New("no such stream")
	ErrNoShard       = errors.New("no such shard")
	ErrNoConsumer    = errors.New("no such consumer")
	ErrNoChannel     = errors.New("no such channel")
	ErrExists        = errors.New("already there")
	ErrNotActive     = errors.New("stream is not active")
	ErrOnDemand      = errors.New("stream is in on-demand mode")
	ErrProvisioned   = errors.New("stream is not in on-demand mode")
	ErrArgument      = errors.New("argument is out of range")
	ErrLimit         = errors.New("limit exceeded")
	ErrRecordTooBig  = errors.New("record is larger than the stream takes")
	ErrClosed        = errors.New("shard log is closed")
	ErrLocked        = errors.New("folder is in use by another process")
	ErrHasConsumers  = errors.New("stream has registered consumers")
	ErrHasChannels   = errors.New("stream has channels")
	ErrOtherShard    = errors.New("sequence number of another shard")
	ErrFutureInstant = errors.New("timestamp is in the future")

	// ErrCorrupt marks damage on disk; the error names the file and the byte.
	ErrCorrupt = segment.ErrCorrupt
)
