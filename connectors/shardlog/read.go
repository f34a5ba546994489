package shardlog

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/weirstream/weir/connectors/shardlog/internal/segment"
)

// Record is a stored record. Key and Data are borrowed from the Batch.
type Record struct {
	Seq     SequenceNumber
	Arrived int64 // unix milliseconds
	Key     []byte
	Data    []byte
}

// Batch is what a read fills. Its memory is used again by the next read into it;
// who keeps a record copies it.
type Batch struct {
	Records []Record
	// Next is the offset to go on with.
	Next uint64
	// Ended says that the shard is closed and has nothing behind Next.
	Ended bool
	// MillisBehind is the age of the last record read, 0 at the tip of the shard.
	MillisBehind int64

	chunks []*segment.Chunk
	// unread is the shard whose frames from Next on are in the first chunk: the last read's limits ended inside what it had
	// fetched and checked. nil when there are none.
	unread *shard
}

// Limits bound a read. Zero values mean 10,000 records and 1 MiB. At least one
// record is read, however large.
type Limits struct {
	Records int
	Bytes   int // of keys and data
}

// Read fills b with the records of a shard from an offset on, without waiting.
// Records past their retention are passed over.
func (st *Stream) Read(id ShardID, from uint64, limits Limits, b *Batch) error {
	s, err := st.shard(id)
	if err != nil {
		return err
	}
	return st.read(s, from, limits, b)
}

func (st *Stream) read(s *shard, from uint64, limits Limits, b *Batch) error {
	if limits.Records == 0 {
		limits.Records = 10_000
	}
	if limits.Bytes == 0 {
		limits.Bytes = 1 << 20
	}
	b.Records = b.Records[:0]
	store, err := s.ready()
	if err != nil {
		return err
	}
	end := s.end.Load()
	horizon, err := st.trimHorizon(s, store, end)
	if err != nil {
		return err
	}
	b.Next = max(from, horizon)
	fetched := b.unread == s && b.chunks[0].Frames[0].First == b.Next
	b.unread = nil
	for n := 0; b.Next < end && len(b.Records) < limits.Records && limits.Bytes > 0; n++ {
		if !fetched {
			if err := s.fetch(store, n, end, limits, b); err != nil {
				return s.readError(err)
			}
		}
		fetched = false
		if err := s.unpack(n, &limits, b); err != nil {
			return s.readError(err)
		}
	}
	b.Ended = st.ended(s.id, b.Next)
	b.MillisBehind = 0
	if n := len(b.Records); n > 0 && b.Next < end {
		b.MillisBehind = max(0, st.log.opts.Clock.Now().UnixMilli()-b.Records[n-1].Arrived)
	}
	return nil
}

// readError prefers the news that the stream is gone to the error of reading its removed files.
func (s *shard) readError(err error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.gone != nil {
		return s.gone
	}
	return fmt.Errorf("reading %v: %w", s.id, err)
}

// fetch reads one stretch of a file into the n-th chunk of b.
func (s *shard) fetch(store *segment.Store, n int, end uint64, limits Limits, b *Batch) error {
	if n == len(b.chunks) {
		b.chunks = append(b.chunks, &segment.Chunk{})
	}
	c := b.chunks[n]
	// A reader who wants few records should not pay for a megabyte.
	guess := max(16<<10, (limits.Records-len(b.Records))*1024)
	if err := store.Read(c, b.Next, end, min(limits.Bytes+limits.Bytes/8, guess)); err != nil {
		return err
	}
	if len(c.Frames) == 0 {
		return fmt.Errorf("%w: records %d to %d are not in %s", ErrCorrupt, b.Next, end, s.dir)
	}
	return nil
}

// unpack appends the records of the n-th chunk from b.Next on, as far as the limits go. What is left of the chunk
// stays for the next read.
func (s *shard) unpack(n int, limits *Limits, b *Batch) error {
	c := b.chunks[n]
	for i := range c.Frames {
		f := &c.Frames[i]
		if err := s.unpackFrame(f, limits, b); err != nil {
			return err
		}
		if f.Count > 0 {
			c.Frames = c.Frames[:copy(c.Frames, c.Frames[i:])]
			b.chunks[0], b.chunks[n] = c, b.chunks[0]
			b.unread = s
			return nil
		}
	}
	return nil
}

// unpackFrame takes the records off a frame and appends those from b.Next on. It leaves in the frame what the limits do not allow.
func (s *shard) unpackFrame(f *segment.Frame, limits *Limits, b *Batch) error {
	seq := SequenceNumber{
		Created: uint64(s.created), Index: f.First,
		Time: uint64(max(f.Arrived/1000, s.created)), Shard: uint32(s.id),
	}
	end := f.End()
	for ; seq.Index < end; seq.Index++ {
		key, data, rest, err := segment.NextRecord(f.Body)
		if err != nil {
			return fmt.Errorf("%w: record %d in %s: %w", ErrCorrupt, seq.Index, s.dir, err)
		}
		if seq.Index >= b.Next {
			size := len(key) + len(data)
			if len(b.Records) >= limits.Records || (size > limits.Bytes && len(b.Records) > 0) {
				limits.Bytes = 0
				break
			}
			limits.Bytes -= size
			b.Records = append(b.Records, Record{Seq: seq, Arrived: f.Arrived, Key: key, Data: data})
			b.Next = seq.Index + 1
		}
		f.Body = rest
	}
	f.First, f.Count = seq.Index, int(end-seq.Index)
	return nil
}

// ended reports whether a shard is closed and offset is behind its last record.
func (st *Stream) ended(id ShardID, offset uint64) bool {
	info, ok := st.meta.Load().shard(id)
	return ok && info.Closed() && offset >= info.End
}

// Reader follows one shard.
type Reader struct {
	stream *Stream
	shard  *shard
	next   uint64
	limits Limits
}

// Reader starts at an offset, as Seek gives it or a Batch.Next told.
func (st *Stream) Reader(id ShardID, from uint64, limits Limits) (*Reader, error) {
	s, err := st.shard(id)
	if err != nil {
		return nil, err
	}
	return &Reader{stream: st, shard: s, next: from, limits: limits}, nil
}

// Offset is where the next call of Next begins: what to keep to resume.
func (r *Reader) Offset() uint64 { return r.next }

// Next fills b and goes on behind it. It waits, without polling, while there is nothing
// to read, and returns io.EOF when the shard is closed and drained: its children (see
// Stream.Children) hold what came later.
func (r *Reader) Next(ctx context.Context, b *Batch) error {
	for {
		if err := r.stream.read(r.shard, r.next, r.limits, b); err != nil {
			return err
		}
		r.next = b.Next
		if len(b.Records) > 0 {
			return nil
		}
		if b.Ended {
			return io.EOF
		}
		if err := r.shard.wait(ctx, r.next); err != nil {
			return err
		}
		if err := r.stream.settled(ctx); err != nil {
			return err
		}
	}
}

// settled waits for a reshard that has sealed the shard but not yet saved it.
func (st *Stream) settled(ctx context.Context) error {
	st.mu.RLock()
	defer st.mu.RUnlock()
	if st.gone != nil {
		return st.gone
	}
	return ctx.Err()
}

// IsGone reports whether an error says that the stream was deleted or the log closed.
func IsGone(err error) bool { return errors.Is(err, ErrNotFound) || errors.Is(err, ErrClosed) }

// Wait returns when the record at offset can be read, or the shard has ended before it.
func (st *Stream) Wait(ctx context.Context, id ShardID, offset uint64) error {
	s, err := st.shard(id)
	if err != nil {
		return err
	}
	if err := s.wait(ctx, offset); err != nil {
		return err
	}
	return st.settled(ctx)
}
