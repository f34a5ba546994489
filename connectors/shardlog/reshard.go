package shardlog

import (
	"fmt"
	"slices"
	"time"
)

// addShard appends a shard with the next index.
func (m *meta) addShard(parent, adjacent ShardID, r HashRange, created int64) ShardID {
	id := ShardID(m.NextShard)
	m.NextShard++
	m.Shards = append(m.Shards, ShardInfo{ID: id, Parent: parent, AdjacentParent: adjacent, Hash: r, Created: created})
	return id
}

// reshardable checks what all reshards ask for.
func (m *meta) reshardable() error {
	if m.Mode == OnDemand {
		return ErrOnDemand
	}
	return m.active()
}

func (m *meta) active() error {
	if m.Status != Active {
		return fmt.Errorf("%w: it is %s", ErrNotActive, m.Status)
	}
	return nil
}

func (m *meta) openShard(id ShardID) (*ShardInfo, error) {
	s, ok := m.shard(id)
	if !ok {
		return nil, fmt.Errorf("%w: %v", ErrNoShard, id)
	}
	if s.Closed() {
		return nil, fmt.Errorf("%w: %v is closed", ErrArgument, id)
	}
	return s, nil
}

// Split closes a shard and opens two: the second takes the hash keys from at on. at must
// be greater than the shard's first hash key plus one and less than its last.
func (st *Stream) Split(id ShardID, at HashKey) error {
	return st.split(id, at, (*meta).reshardable)
}

func (st *Stream) split(id ShardID, at HashKey, allowed func(*meta) error) error {
	return st.start(change{Kind: changeSplit, Shards: []int{int(id)}, At: &at}, func(m *meta) error {
		s, err := m.openShard(id)
		if err != nil {
			return err
		}
		if at.Compare(s.Hash.Start.Next()) <= 0 || at.Compare(s.Hash.End) >= 0 {
			return fmt.Errorf("%w: hash key %v is not inside %v", ErrArgument, at, id)
		}
		if err := allowed(m); err != nil {
			return err
		}
		m.Status = Updating
		return nil
	})
}

// Merge closes two shards and opens one for the hash keys of both. The first's last
// hash key must lie right before the second's first.
func (st *Stream) Merge(id, adjacent ShardID) error {
	return st.start(change{Kind: changeMerge, Shards: []int{int(id), int(adjacent)}}, func(m *meta) error {
		a, err := m.openShard(id)
		if err != nil {
			return err
		}
		b, err := m.openShard(adjacent)
		if err != nil {
			return err
		}
		if a.Hash.End == MaxHashKey || a.Hash.End.Next() != b.Hash.Start {
			return fmt.Errorf("%w: %v and %v are not adjacent", ErrArgument, id, adjacent)
		}
		if err := m.reshardable(); err != nil {
			return err
		}
		m.Status = Updating
		return nil
	})
}

// Scale changes the number of open shards to target, each with an equal part of the
// hash keys, by splits and merges: every new shard has the parents that a reader
// must drain first. At most twice and at least half as many as now: ErrLimit.
func (st *Stream) Scale(target int) error {
	return st.start(change{Kind: changeScale, Target: target}, func(m *meta) error {
		open := len(m.open())
		if target < 1 || target > maxShards {
			return fmt.Errorf("%w: %d shards", ErrArgument, target)
		}
		if err := m.reshardable(); err != nil {
			return err
		}
		if target > 2*open || 2*target < open {
			return fmt.Errorf("%w: from %d shards to %d: want at most double and at least half", ErrLimit, open, target)
		}
		m.Status = Updating
		return nil
	})
}

// reshard makes a split, merge or rescale effective. Appends wait meanwhile; the
// metadata's rename is the moment at which it has happened.
func (st *Stream) reshard(c change) error {
	st.mu.Lock()
	defer st.mu.Unlock()
	if st.gone != nil {
		return st.gone
	}
	now := st.log.opts.Clock.Now()
	m := st.meta.Load().clone()
	m.Status, m.Pending = Active, nil
	var closing []ShardID
	switch c.Kind {
	case changeSplit:
		closing = m.splitShard(ShardID(c.Shards[0]), *c.At, now)
	case changeMerge:
		closing = m.mergeShards(ShardID(c.Shards[0]), ShardID(c.Shards[1]), now)
	case changeScale:
		closing = m.scale(c.Target, now)
		m.ScaledAt = append(lastDay(m.ScaledAt, now), now.UnixMilli())
	default:
		return fmt.Errorf("unknown change %q", c.Kind)
	}
	var err error
	for i, id := range closing {
		if err = st.close(m, id); err != nil {
			st.unseal(closing[:i])
			return err
		}
	}
	if err := saveMeta(st.dir, m); err != nil {
		st.unseal(closing)
		return err
	}
	st.show(m)
	for _, id := range closing {
		if s := st.shards[id]; s != nil {
			s.mu.Lock()
			s.sealed = true
			s.notify()
			s.mu.Unlock()
		}
	}
	return nil
}

// close seals a shard that has a writer and notes its end. Those that were made and
// closed within one rescale have none and never had a record.
func (st *Stream) close(m *meta, id ShardID) error {
	info, _ := m.shard(id)
	s := st.shards[id]
	if s == nil {
		info.End = 1
		return nil
	}
	end, err := s.seal()
	if err != nil {
		return fmt.Errorf("closing %v: %w", id, err)
	}
	info.End = end
	return nil
}

func (st *Stream) unseal(ids []ShardID) {
	for _, id := range ids {
		if s := st.shards[id]; s != nil {
			s.unseal()
		}
	}
}

// Children begin one second later than now, as on AWS: their sequence numbers are
// greater than all of their parents'.
func childBirth(now time.Time) int64 { return now.Unix() + 1 }

func (m *meta) splitShard(id ShardID, at HashKey, now time.Time) []ShardID {
	s, _ := m.shard(id)
	r := s.Hash
	s.ClosedAt = now.UnixMilli()
	m.addShard(id, NoShard, HashRange{r.Start, at.Prev()}, childBirth(now))
	m.addShard(id, NoShard, HashRange{at, r.End}, childBirth(now))
	return []ShardID{id}
}

func (m *meta) mergeShards(a, b ShardID, now time.Time) []ShardID {
	first, _ := m.shard(a)
	second, _ := m.shard(b)
	r := HashRange{first.Hash.Start, second.Hash.End}
	first.ClosedAt, second.ClosedAt = now.UnixMilli(), now.UnixMilli()
	m.addShard(a, b, r, childBirth(now))
	return []ShardID{a, b}
}

// scale splits every open shard at the new borders inside it, then merges what
// lies between two borders.
func (m *meta) scale(target int, now time.Time) []ShardID {
	var closing []ShardID
	ranges := EvenRanges(target)
	var pieces []ShardInfo
	next := 1 // the range whose start is the next border
	for _, s := range m.open() {
		for ; next < target && ranges[next].Start.Compare(s.Hash.End) <= 0; next++ {
			if ranges[next].Start == s.Hash.Start {
				continue // the border is there
			}
			closing = append(closing, m.splitShard(s.ID, ranges[next].Start, now)...)
			pieces = append(pieces, m.Shards[len(m.Shards)-2])
			s = m.Shards[len(m.Shards)-1]
		}
		pieces = append(pieces, s)
	}
	for _, r := range ranges {
		n := 0
		for n < len(pieces) && r.Contains(pieces[n].Hash.Start) {
			n++
		}
		merged := pieces[0]
		for _, s := range pieces[1:n] {
			closing = append(closing, m.mergeShards(merged.ID, s.ID, now)...)
			merged = m.Shards[len(m.Shards)-1]
		}
		pieces = pieces[n:]
	}
	return closing
}

// ScaledToday is how often the stream was rescaled in the last 24 hours.
func (st *Stream) ScaledToday() int {
	return len(lastDay(st.meta.Load().ScaledAt, st.log.opts.Clock.Now()))
}

func lastDay(times []int64, now time.Time) []int64 {
	from := now.Add(-24 * time.Hour).UnixMilli()
	return slices.DeleteFunc(slices.Clone(times), func(t int64) bool { return t < from })
}
