package streams

import (
	"context"
	"fmt"
	"time"

	"github.com/weirstream/weir/connectors/shardlog"
)

// local is a folder.
type local struct{ log *shardlog.Log }

func openLocal(path string) (backend, error) {
	l, err := shardlog.Open(path, shardlog.Options{})
	if err != nil {
		return nil, err
	}
	return &local{l}, nil
}

func (l *local) close() error { return l.log.Close() }

func (l *local) create(_ context.Context, name string, shards int, onDemand bool) error {
	spec := shardlog.Spec{Name: name, Shards: shards}
	if onDemand {
		spec.Mode = shardlog.OnDemand
	}
	_, err := l.log.Create(spec)
	return err
}

func (l *local) list(context.Context) ([]string, error) { return l.log.Streams(), nil }

func (l *local) describe(_ context.Context, name string) (description, error) {
	st, err := l.log.Stream(name)
	if err != nil {
		return description{}, err
	}
	info := st.Info()
	d := description{name: name, status: string(info.Status), mode: string(info.Mode), retention: int(info.Retention / time.Hour), created: info.Created}
	for _, s := range st.Shards() {
		d.shards = append(d.shards, shardInfo{
			id: s.ID.String(), parent: parentName(s.Parent), adjacent: parentName(s.AdjacentParent),
			firstHash: s.Hash.Start.String(), lastHash: s.Hash.End.String(), closed: s.Closed(),
		})
	}
	return d, nil
}

func parentName(id shardlog.ShardID) string {
	if id == shardlog.NoShard {
		return ""
	}
	return id.String()
}

func (l *local) remove(_ context.Context, name string, force bool) error {
	return l.change(name, func(st *shardlog.Stream) error { return st.Delete(force) })
}

func (l *local) change(name string, f func(st *shardlog.Stream) error) error {
	st, err := l.log.Stream(name)
	if err != nil {
		return err
	}
	return f(st)
}

func (l *local) put(ctx context.Context, name string, records []record) error {
	return l.change(name, func(st *shardlog.Stream) error {
		puts := make([]shardlog.Put, len(records))
		for i, r := range records {
			puts[i] = shardlog.Put{Key: r.key, Data: r.data}
		}
		_, err := st.Append(ctx, puts)
		return err
	})
}

// onShard parses a shard's name and calls f with it.
func (l *local) onShard(name, shard string, f func(st *shardlog.Stream, info shardlog.ShardInfo) error) error {
	return l.change(name, func(st *shardlog.Stream) error {
		id, err := shardlog.ParseShardID(shard)
		if err != nil {
			return err
		}
		info, err := st.Shard(id)
		if err != nil {
			return err
		}
		return f(st, info)
	})
}

func (l *local) split(_ context.Context, name, shard, hashKey string) error {
	return l.onShard(name, shard, func(st *shardlog.Stream, info shardlog.ShardInfo) error {
		at := info.Hash.Middle()
		if hashKey != "" {
			var err error
			if at, err = shardlog.ParseHashKey(hashKey); err != nil {
				return err
			}
		}
		return st.Split(info.ID, at)
	})
}

func (l *local) merge(_ context.Context, name, shard, adjacent string) error {
	return l.onShard(name, shard, func(st *shardlog.Stream, a shardlog.ShardInfo) error {
		b, err := shardlog.ParseShardID(adjacent)
		if err != nil {
			return err
		}
		return st.Merge(a.ID, b)
	})
}

func (l *local) scale(_ context.Context, name string, shards int) error {
	return l.change(name, func(st *shardlog.Stream) error { return st.Scale(shards) })
}

func (l *local) retention(_ context.Context, name string, hours int) error {
	return l.change(name, func(st *shardlog.Stream) error { return st.SetRetention(time.Duration(hours) * time.Hour) })
}

func (l *local) open(_ context.Context, name, shard string, from start) (cursor, error) {
	var c *localCursor
	err := l.onShard(name, shard, func(st *shardlog.Stream, info shardlog.ShardInfo) error {
		p, err := from.position()
		if err != nil {
			return err
		}
		offset, err := st.Seek(info.ID, p)
		if err != nil {
			return err
		}
		c = &localCursor{stream: st, id: info.ID, name: shard, offset: offset}
		return nil
	})
	return c, err
}

func (s start) position() (shardlog.Position, error) {
	switch s.kind {
	case newest:
		return shardlog.Latest(), nil
	case atTime:
		return shardlog.Since(s.time), nil
	case afterSequence:
		seq, err := shardlog.ParseSequenceNumber(s.seq)
		if err != nil {
			return shardlog.Position{}, fmt.Errorf("--from: %w", err)
		}
		return shardlog.After(seq), nil
	}
	return shardlog.TrimHorizon(), nil
}

// localCursor reads a shard of a folder.
type localCursor struct {
	stream *shardlog.Stream
	id     shardlog.ShardID
	name   string
	offset uint64
	batch  shardlog.Batch
}

func (c *localCursor) next(context.Context) ([]record, bool, error) {
	if err := c.stream.Read(c.id, c.offset, shardlog.Limits{}, &c.batch); err != nil {
		return nil, false, err
	}
	c.offset = c.batch.Next
	records := make([]record, len(c.batch.Records))
	for i, r := range c.batch.Records {
		records[i] = record{shard: c.name, seq: r.Seq.String(), arrived: time.UnixMilli(r.Arrived), key: string(r.Key), data: r.Data}
	}
	return records, c.batch.Ended, nil
}

func (c *localCursor) behind() bool { return len(c.batch.Records) > 0 }

// wait blocks until a record comes, by a reader of its own that leaves the cursor where it is.
func (c *localCursor) wait(ctx context.Context) error {
	return c.stream.Wait(ctx, c.id, c.offset)
}
