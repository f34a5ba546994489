package shardlog

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"unsafe"

	"github.com/weirstream/weir/connectors/shardlog/internal/segment"
)

// chunkBytes is about how much of a lane goes into the shards with one intent.
const chunkBytes = 8 << 20

// Commit moves prepared records into the shards, each exactly once however often it is called, and also
// where a call before it was cut short. Those of one lane keep their order. ErrFenced when a later
// run of the owner has begun.
func (st *Stream) Commit(ctx context.Context, list []Prepared) error {
	return st.commitAll(ctx, list, false)
}

// Recommit is Commit for a run that goes on from what an earlier one has left, before it calls Fence. What is not there
// any more has been committed: only a later run's Fence has removed it, which comes after its Recommit.
func (st *Stream) Recommit(ctx context.Context, list []Prepared) error {
	return st.commitAll(ctx, list, true)
}

func (st *Stream) commitAll(ctx context.Context, list []Prepared, again bool) error {
	for _, p := range list {
		if err := st.commit(ctx, p, again); err != nil {
			return fmt.Errorf("stream %s: committing staged records: %w", st.name, err)
		}
	}
	return nil
}

func (st *Stream) commit(ctx context.Context, p Prepared, again bool) error {
	l := st.log
	l.gate.RLock()
	defer l.gate.RUnlock()
	if l.closed {
		return ErrClosed
	}
	s, err := st.staging(p.Owner)
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	switch epoch := s.state.Epoch; {
	case p.Epoch > epoch || p.Epoch < 0 || p.From < segment.FirstOffset || p.From > p.To:
		return fmt.Errorf("%w: run %d of %q, records %d to %d; the stream knows of %d runs: is it another one of the same name?", ErrArgument, p.Epoch, p.Owner, p.From, p.To, epoch)
	case p.Epoch < epoch && again:
		return nil
	case p.Epoch < epoch:
		return ErrFenced
	}
	return s.commit(ctx, p)
}

// commit goes on where the lane's last commit ended, chunk by chunk. The caller holds mu.
func (s *staging) commit(ctx context.Context, p Prepared) error {
	at := max(p.From, s.state.Lanes[p.Lane].Done)
	if at >= p.To {
		return nil
	}
	if in := s.state.Intent; in != nil && (in.Lane != p.Lane || in.From != at) {
		return fmt.Errorf("records %d to %d of %s are half committed: commit them first", in.From, in.To, in.Lane)
	}
	store, err := s.store(p.Lane)
	if err != nil {
		return err
	}
	if store.Next() < p.To || store.First() > at {
		return fmt.Errorf("%w: records %d to %d were staged in %s, and are not there", ErrCorrupt, at, p.To, p.Lane)
	}
	for at < p.To {
		to := p.To
		if in := s.state.Intent; in != nil {
			to = min(to, in.To) // the same chunk as before
		}
		puts, next, err := readStaged(store, at, to)
		if err != nil {
			return err
		}
		if err := s.move(ctx, intent{Lane: p.Lane, From: at, To: next}, puts); err != nil {
			return err
		}
		at = next
	}
	return s.save()
}

// readStaged reads a chunk of a lane, and gives the offset behind it.
func readStaged(store *segment.Store, from, to uint64) ([]Put, uint64, error) {
	var puts []Put
	for size := 0; from < to && size < chunkBytes; {
		c := &segment.Chunk{} // the records point into it
		if err := store.Read(c, from, to, chunkBytes); err != nil {
			return nil, 0, err
		}
		for _, f := range c.Frames {
			body := f.Body
			for i := f.First; i < f.End() && i < to; i++ {
				key, data, rest, err := segment.NextRecord(body)
				if err != nil {
					return nil, 0, fmt.Errorf("%w: staged record %d: %w", ErrCorrupt, i, err)
				}
				body = rest
				if i < from {
					continue
				}
				puts = append(puts, Put{Key: unsafe.String(unsafe.SliceData(key), len(key)), Data: data})
				size += len(key) + len(data)
				from = i + 1
			}
		}
		if len(c.Frames) == 0 {
			return nil, 0, fmt.Errorf("%w: staged records %d to %d are missing", ErrCorrupt, from, to)
		}
	}
	return puts, from, nil
}

// move appends a chunk to the shards. What an earlier attempt at it has appended is left out.
func (s *staging) move(ctx context.Context, in intent, puts []Put) error {
	st := s.st
	if err := st.WaitActive(ctx); err != nil {
		return err
	}
	st.mu.RLock() // reshards come before or behind the chunk
	defer st.mu.RUnlock()
	if s.state.Intent != nil {
		in.Shards = landed(s.state.Intent.Shards)
	}
	if left := missing(puts, in.Shards); len(left) > 0 {
		if err := s.land(in, left); err != nil {
			return err
		}
	}
	s.state.Lanes[in.Lane], s.state.Intent = lane{Done: in.To}, nil // on disk with the next intent, or at the end
	return nil
}

// missing leaves the records that are not in the shards yet.
func missing(puts []Put, there []landing) []Put {
	if len(there) == 0 {
		return puts
	}
	return slices.DeleteFunc(puts, func(p Put) bool {
		k := HashOf(p.Key)
		return slices.ContainsFunc(there, func(l landing) bool { return l.Hash.Contains(k) })
	})
}

// land appends records to their shards: it takes places for them, writes the intent, and lets them go to the disk.
// The caller holds mu and the stream's routes.
func (s *staging) land(in intent, puts []Put) error {
	st := s.st
	groups, err := st.route(puts)
	if err != nil {
		return err
	}
	now := st.log.opts.Clock.Now().UnixMilli()
	for i := range groups {
		g := &groups[i]
		if g.ticket, err = g.shard.reserve(puts, g.pick, now); err != nil {
			giveUp(groups[:i], err)
			return err
		}
		info, _ := st.meta.Load().shard(g.shard.id)
		in.Shards = append(in.Shards, landing{Shard: g.shard.id, Hash: info.Hash, First: g.ticket.first, Count: len(g.pick)})
	}
	before := s.state.Intent
	s.state.Intent = &in
	if err := s.save(); err != nil {
		s.state.Intent = before
		giveUp(groups, err)
		return err
	}
	return s.settle(&in, groups)
}

// giveUp takes back places in commits that have not begun.
func giveUp(groups []group, err error) {
	for i := range groups {
		groups[i].shard.giveUp(groups[i].ticket, err)
	}
}

// settle has the shards commit, and notes which of them could.
func (s *staging) settle(in *intent, groups []group) error {
	for i := range groups {
		g := &groups[i]
		if g.shard.letGo(); g.ticket.lead {
			s.st.log.work.Go(g.shard.flushAll)
		}
	}
	var failed error
	done := in.Shards[len(in.Shards)-len(groups):]
	for i := range groups {
		<-groups[i].ticket.done
		done[i].Done = groups[i].ticket.err == nil
		failed = errors.Join(failed, groups[i].ticket.err)
	}
	if failed == nil {
		return nil
	}
	// The offsets of what was not appended are free for others, but not before the intent no longer says that they are ours.
	in.Shards = landed(in.Shards)
	if err := s.save(); err != nil {
		return errors.Join(failed, err)
	}
	for i := range groups {
		if groups[i].ticket.err != nil {
			groups[i].shard.resume()
		}
	}
	return failed
}
