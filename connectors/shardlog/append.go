package shardlog

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"unicode/utf8"
)

// Put is a record to append.
type Put struct {
	Key  string   // partition key, 1 to 256 characters; may be empty when Hash is set
	Hash *HashKey // routes in the key's place when set
	Data []byte   // copied by Append
}

// Appended says where a record went, or why it did not.
type Appended struct {
	Shard ShardID
	Seq   SequenceNumber
	Err   error
}

// Append writes records and returns when all are as durable as the log's
// Durability says. Records of one shard keep the order that they have in puts, and
// come after those of every Append that returned before this one began. A record that breaks
// the stream's limits fails the whole call before anything is written; otherwise the
// error is that of the first failed record and each result tells its own. When ctx ends
// while records wait for the disk, whether they are stored is not known.
func (st *Stream) Append(ctx context.Context, puts []Put) ([]Appended, error) {
	if err := st.check(puts); err != nil {
		return nil, err
	}
	l := st.log
	l.gate.RLock()
	defer l.gate.RUnlock()
	if l.closed {
		return nil, ErrClosed
	}
	results := make([]Appended, len(puts))
	groups, err := st.enqueue(ctx, puts, results)
	if err != nil {
		return nil, err
	}
	var failed error
	for _, g := range groups {
		failed = errors.Join(failed, g.settle(ctx, results))
	}
	return results, failed
}

// check refuses what no shard would take.
func (st *Stream) check(puts []Put) error {
	limit := st.meta.Load().MaxRecordKiB << 10
	for i := range puts {
		p := &puts[i]
		if (len(p.Key) == 0 && p.Hash == nil) || len(p.Key) > 256 && utf8.RuneCountInString(p.Key) > 256 {
			return fmt.Errorf("record %d: %w: its partition key has %d characters, want 1 to 256", i, ErrArgument, utf8.RuneCountInString(p.Key))
		}
		if len(p.Key)+len(p.Data) > limit {
			return fmt.Errorf("record %d: %w: %d bytes, at most %d", i, ErrRecordTooBig, len(p.Key)+len(p.Data), limit)
		}
	}
	return nil
}

// group is the part of a batch that goes to one shard.
type group struct {
	shard  *shard
	pick   []int32 // indices into the batch
	ticket ticket
	err    error
}

// enqueue hands every record to its shard's writer. It holds the routes still, so
// that a reshard comes before or after the whole batch.
func (st *Stream) enqueue(ctx context.Context, puts []Put, results []Appended) ([]group, error) {
	st.mu.RLock()
	groups, err := st.route(puts)
	if err != nil {
		st.mu.RUnlock()
		return nil, err
	}
	now := st.log.opts.Clock.Now().UnixMilli()
	for i := range groups {
		g := &groups[i]
		g.ticket, g.err = g.shard.begin(ctx, puts, g.pick, now)
		// The last shard is written by this goroutine, the others meanwhile by their own.
		if g.ticket.lead && i < len(groups)-1 {
			st.log.work.Go(g.shard.flushAll)
			g.ticket.lead = false
		}
	}
	st.mu.RUnlock()
	if last := &groups[len(groups)-1]; last.ticket.lead && last.shard.flush() {
		st.log.work.Go(last.shard.flushAll)
	}
	return groups, nil
}

// route sorts a batch by shard, each in its order. The caller holds mu.
func (st *Stream) route(puts []Put) ([]group, error) {
	if len(st.routes) == 0 || len(puts) == 0 {
		if len(puts) == 0 {
			return nil, fmt.Errorf("%w: nothing to append", ErrArgument)
		}
		return nil, fmt.Errorf("stream %s: %w: it is %s", st.name, ErrNotActive, st.meta.Load().Status)
	}
	var groups []group
	byRoute := make([]int32, len(st.routes)) // index into groups + 1
	for i := range puts {
		r := st.routeOf(&puts[i])
		g := byRoute[r]
		if g == 0 {
			groups = append(groups, group{shard: st.routes[r].shard})
			g = int32(len(groups))
			byRoute[r] = g
		}
		groups[g-1].pick = append(groups[g-1].pick, int32(i))
	}
	return groups, nil
}

func (st *Stream) routeOf(p *Put) int {
	if len(st.routes) == 1 {
		return 0
	}
	var k HashKey
	if p.Hash != nil {
		k = *p.Hash
	} else {
		k = HashOf(p.Key)
	}
	i, found := slices.BinarySearchFunc(st.routes, k, func(r route, k HashKey) int { return r.start.Compare(k) })
	if found {
		return i
	}
	return i - 1
}

// settle waits for a group's commit and writes its results.
func (g *group) settle(ctx context.Context, results []Appended) error {
	err := g.err
	if err == nil {
		select {
		case <-g.ticket.done:
			err = g.ticket.err
		case <-ctx.Done():
			err = fmt.Errorf("waiting for the disk: %w", ctx.Err())
		}
	}
	seq := SequenceNumber{
		Created: uint64(g.shard.created), Index: g.ticket.first,
		Time: uint64(max(g.ticket.arrived/1000, g.shard.created)), Shard: uint32(g.shard.id),
	}
	for _, i := range g.pick {
		results[i] = Appended{Shard: g.shard.id, Seq: seq, Err: err}
		seq.Index++
	}
	return err
}

// Route tells the shard that would take a record now; NoShard when the stream is not active.
func (st *Stream) Route(p Put) ShardID {
	st.mu.RLock()
	defer st.mu.RUnlock()
	if len(st.routes) == 0 {
		return NoShard
	}
	return st.routes[st.routeOf(&p)].shard.id
}
