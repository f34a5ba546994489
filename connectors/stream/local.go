package stream

import (
	"context"
	"errors"
	"io"
	"sync"
	"sync/atomic"
	"time"

	"github.com/weirstream/weir/connectors"
	"github.com/weirstream/weir/connectors/shardlog"
)

// local is a stream of the log in a folder.
type local struct {
	stream  *shardlog.Stream
	release func() error
	bounded bool
	latest  bool // reads from LATEST

	mu   sync.Mutex
	tips map[shardlog.ShardID]uint64 // where shards ended when they were first listed: for bounded and latest
}

// shards is backend's.
func (l *local) shards(context.Context) ([]shard, error) {
	infos := l.stream.Shards()
	out := make([]shard, len(infos))
	for i, info := range infos {
		out[i] = shard{id: info.ID.String(), closed: info.Closed()}
		for _, p := range []shardlog.ShardID{info.Parent, info.AdjacentParent} {
			if p != shardlog.NoShard {
				out[i].parents = append(out[i].parents, p.String())
			}
		}
	}
	if l.bounded || l.latest {
		return out, l.note(infos)
	}
	return out, nil
}

// note takes down where the shards end now. A record that is stored meanwhile is in or out; children
// are looked at before their parents, so that no record is in whose forerunner is not.
func (l *local) note(infos []shardlog.ShardInfo) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.tips != nil {
		return nil
	}
	tips := make(map[shardlog.ShardID]uint64, len(infos))
	for i := len(infos) - 1; i >= 0; i-- {
		end, err := l.stream.Seek(infos[i].ID, shardlog.Latest())
		if err != nil {
			return err
		}
		tips[infos[i].ID] = end
	}
	l.tips = tips
	return nil
}

// tip is where a shard ended when the job began.
func (l *local) tip(id shardlog.ShardID) (end uint64, ok bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	end, ok = l.tips[id]
	return end, ok
}

// seek turns a position into an offset.
func (l *local) seek(id shardlog.ShardID, from position) (uint64, error) {
	var p shardlog.Position
	switch from.where {
	case newest:
		if end, ok := l.tip(id); ok {
			return end, nil
		}
		p = shardlog.Latest()
	case since:
		p = shardlog.Since(time.UnixMilli(from.since))
	case after, inside:
		n := from.seq.number
		if from.seq.text != "" {
			var err error
			if n, err = shardlog.ParseSequenceNumber(from.seq.text); err != nil {
				return 0, err
			}
		}
		if p = shardlog.After(n); from.where == inside {
			p = shardlog.At(n)
		}
	default:
		p = shardlog.TrimHorizon()
	}
	return l.stream.Seek(id, p)
}

// follow is backend's.
func (l *local) follow(ctx context.Context, name string, from position, wake func()) (cursor, error) {
	id, err := shardlog.ParseShardID(name)
	if err != nil {
		return nil, err
	}
	info, err := l.stream.Shard(id)
	if err != nil {
		return nil, err
	}
	c := &localCursor{stream: l.stream, id: id, begun: from, wake: wake}
	if c.offset, err = l.seek(id, from); err != nil {
		return nil, err
	}
	if c.until = from.until; c.until == 0 && l.bounded {
		c.until, _ = l.tip(id)
	}
	if from.where != inside {
		// The offset in words: behind the record before it, which need not exist.
		n := info.First()
		n.Index = c.offset - 1
		c.begun = position{where: after, seq: sequence{number: n}}
	}
	c.begun.until = c.until
	c.ctx, c.cancel = context.WithCancel(ctx)
	return c, nil
}

// put is backend's.
func (l *local) put(ctx context.Context, c *chunk, _ func(int, error)) error {
	if err := l.stream.WaitActive(ctx); err != nil {
		return err
	}
	_, err := l.stream.Append(ctx, c.puts())
	return err
}

func (l *local) close() error { return l.release() }

// localCursor reads a shard of the log. Nothing is held of the log between two reads.
type localCursor struct {
	stream *shardlog.Stream
	id     shardlog.ShardID
	begun  position
	offset uint64 // of the next record
	until  uint64 // where a bounded read ends; 0: nowhere
	batch  shardlog.Batch
	out    []record

	ctx     context.Context
	cancel  context.CancelFunc
	wake    func()
	waiting atomic.Bool
	waiter  sync.WaitGroup
}

// readLimits keep what is read at once near the processor.
var readLimits = shardlog.Limits{Records: 4096, Bytes: 512 << 10}

// next is cursor's.
func (c *localCursor) next() ([]record, error) {
	if c.until > 0 && c.offset >= c.until {
		return nil, io.EOF
	}
	err := c.stream.Read(c.id, c.offset, readLimits, &c.batch)
	switch {
	case errors.Is(err, shardlog.ErrNoShard):
		return nil, io.EOF // closed so long ago that nothing of it is kept
	case err != nil:
		return nil, err
	}
	c.offset = c.batch.Next
	c.out = c.out[:0]
	for i := range c.batch.Records {
		r := &c.batch.Records[i]
		if c.until > 0 && r.Seq.Index >= c.until {
			break
		}
		c.out = append(c.out, record{seq: sequence{number: r.Seq}, arrived: r.Arrived, key: r.Key, data: r.Data})
	}
	switch {
	case len(c.out) > 0:
		return c.out, nil
	case c.batch.Ended || c.until > 0 && c.offset >= c.until:
		return nil, io.EOF
	}
	c.wait()
	return nil, connectors.ErrNoData
}

// wait has wake called when the record at the offset can be read, or the shard has ended.
func (c *localCursor) wait() {
	if c.waiting.Swap(true) {
		return // for the same offset
	}
	offset := c.offset
	c.waiter.Go(func() {
		err := c.stream.Wait(c.ctx, c.id, offset)
		c.waiting.Store(false)
		if err == nil || c.ctx.Err() == nil {
			c.wake() // an error comes again with the next read
		}
	})
}

func (c *localCursor) start() position { return c.begun }

func (c *localCursor) close() error {
	c.cancel()
	c.waiter.Wait()
	return nil
}
