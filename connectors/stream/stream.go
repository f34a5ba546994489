// Package stream is the connectors of streams made of shards: 'shardlog', Weir's own log, and
// 'kinesis', Amazon Kinesis Data Streams.
//
// Both share one source (source.go, reader.go) and one sink (sink.go, writer.go), which know
// streams only as a backend: local.go is the log in a folder, remote.go an endpoint of the Kinesis
// protocol. Enter at ShardLog in shardlog.go and Kinesis in kinesis.go, which read the options.
//
// A split is a shard. A shard whose parents were split or merged waits until they have been read
// to their end, so that rows with the same partition key come in the order in which they were put.
package stream

import (
	"context"

	"github.com/weirstream/weir/connectors/shardlog"
)

// backend is a stream somewhere.
type backend interface {
	// shards lists the shards that can be read, parents before their children.
	shards(ctx context.Context) ([]shard, error)
	// follow reads a shard. wake is called, from any goroutine, when a cursor that gave
	// connectors.ErrNoData has something again; ctx ends what the cursor waits for.
	follow(ctx context.Context, id string, from position, wake func()) (cursor, error)
	// put stores records, those with the same key in their order, and returns when they are stored. Those that are refused for
	// now, and sent again, are told to retrying.
	put(ctx context.Context, c *chunk, retrying func(records int, cause error)) error
	close() error
}

// shard is one shard of a stream.
type shard struct {
	id      string
	parents []string
	closed  bool // takes no more records
}

// cursor reads one shard. It is used by one goroutine.
type cursor interface {
	// next gives the records that are there, borrowed until the next call: at least one, or
	// connectors.ErrNoData, or io.EOF at the shard's end. It does not wait.
	next() ([]record, error)
	// start is where the cursor began: a position that stays the same however late it is used.
	start() position
	close() error
}

// record is a record of a stream.
type record struct {
	seq     sequence
	arrived int64 // unix milliseconds
	key     []byte
	data    []byte
}

// sequence is a record's sequence number: as the log has it, or, when text is set, as an endpoint
// wrote it.
type sequence struct {
	number shardlog.SequenceNumber
	text   string
}

// append appends the decimal digits.
func (s sequence) append(dst []byte) []byte {
	if s.text != "" {
		return append(dst, s.text...)
	}
	return s.number.Append(dst)
}
