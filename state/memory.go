package state

import (
	"fmt"
	"sync/atomic"
	"time"

	"github.com/cockroachdb/pebble/v2"

	"github.com/weirstream/weir/runtime/vec"
)

// memory is the budget that all tables of a job share: half of what the job was given. The other half is for what tables need
// while they grow, for copies on their way to disk, and for the database's buffers.
type memory struct {
	limit  int64
	used   atomic.Int64
	scopes atomic.Int64
}

// Memory is counted every countEvery batches; more often where the budget is small, always where it is so small that a batch matters.
const (
	countEvery = 16
	small      = 64 << 20
	tiny       = 1 << 20
)

// Due is asked once a batch, and reports whether memory is to be counted now (see Use).
func (s *Scope) Due() bool {
	if !s.budgeted() {
		return false
	}
	s.batches++
	switch limit := s.store.memory.limit; {
	case limit < tiny:
		return true
	case limit < small:
		return s.batches%(countEvery/4) == 0
	}
	return s.batches%countEvery == 0
}

// budgeted reports whether memory is bounded.
func (s *Scope) budgeted() bool { return s != nil && s.store.memory.limit > 0 }

// Bound is how many bytes the job's state may take; 0: without a bound.
func (s *Scope) Bound() int64 {
	if s == nil {
		return 0
	}
	return 2 * s.store.memory.limit
}

// Checkpointed reports whether there are checkpoints.
func (s *Scope) Checkpointed() bool { return s != nil && !s.store.scratch }

// Use says how many bytes the operator's tables take, and reports whether it should move some to the database now: what tables may take
// would be exceeded if they doubled, it
// holds its share of it, and the database may be written, which it may not between the operator's barrier and
// the moment when the checkpoint has been made.
func (s *Scope) Use(bytes int) bool { return s.over(bytes) && s.await() }

// over is Use for what does not move to the database.
func (s *Scope) over(bytes int) bool {
	if !s.budgeted() {
		return false
	}
	m := &s.store.memory
	if s.used == 0 && bytes > 0 {
		m.scopes.Add(1)
	}
	total := m.used.Add(int64(bytes) - s.used)
	s.used = int64(bytes)
	return total > m.limit/2 && s.used*m.scopes.Load() >= total
}

// maxWait bounds how long an operator waits for a checkpoint before it goes on: one that waited for good could hold up a barrier
// behind it.
const maxWait = time.Second

// await waits until rows may be written outside of a checkpoint, and reports whether they may.
func (s *Scope) await() bool {
	for end := time.Now().Add(maxWait); !s.writable() && time.Now().Before(end); {
		time.Sleep(time.Millisecond)
	}
	return s.writable()
}

// Writable reports whether an operator that has been told to move rows to disk may go on with that now.
// It waits for a checkpoint that is being made, for a while.
func (s *Scope) Writable() bool { return s.budgeted() && s.await() }

// writable reports whether rows may be written outside of a checkpoint.
func (s *Scope) writable() bool { return s.sealed <= s.store.epoch.Load() && s.pending.Load() == 0 }

// large reports whether the operator has more state on disk than a number of bytes.
func (s *Scope) large(bytes int64) bool {
	s.store.mu.Lock()
	defer s.store.mu.Unlock()
	sum := uint64(0)
	for _, t := range s.store.tables {
		if t.Operator != s.operator {
			continue
		}
		prefix := tablePrefix(nil, t.number)
		size, err := s.store.db.EstimateDiskUsage(prefix, successor(prefix))
		if err != nil {
			return false
		}
		sum += size
	}
	return sum > uint64(bytes)
}

// Spill writes what has changed of some tables by span and leaves them to the disk: they are tracked no more, and
// read by Scan until they are dropped. The caller has been told so by Use. Their memory is free for others after it.
func (s *Scope) Spill(rows []*Rows) error {
	w := &writer{store: s.store, batch: s.store.db.NewBatch()}
	defer func() { _ = w.batch.Close() }()
	for _, r := range rows {
		r.once = !r.any && r.gone == nil
		if r.gone != nil {
			if err := w.chunks(frozenRows{table: r.table, span: r.span, part: r.part}, r.gone, chunkGone); err != nil {
				return s.moving(err)
			}
			r.gone = nil
		}
		if err := w.blocks(r, r.dirty, false); err != nil {
			return s.moving(err)
		}
		r.any = true
	}
	if err := s.store.apply(w.batch); err != nil {
		return s.moving(err)
	}
	for _, r := range rows {
		r.spans.leave(r)
	}
	return nil
}

func (s *Scope) moving(err error) error {
	return fmt.Errorf("moving state of operator %s to disk: %w", s.operator, damaged(err))
}

// blockWords is how many words of a bitmap, 64 rows each, are written at a time.
const blockWords = 1 << 10

// blocks writes the entries that a bitmap names as chunks, a few at a time, so that there is never a copy of all.
func (w *writer) blocks(r *Rows, named []uint64, scratch bool) error {
	b := r.table.borrow()
	defer r.table.giveBack(b)
	for from := 0; from < len(named); from += blockWords {
		r.scrap = appendIDs(r.scrap[:0], named[from:min(from+blockWords, len(named))])
		if len(r.scrap) == 0 {
			continue
		}
		for k := range r.scrap {
			r.scrap[k] += uint32(from << 6)
		}
		b.Reset()
		if err := r.copy(r.scrap, b); err != nil {
			return err
		}
		if err := w.chunks(frozenRows{table: r.table, span: r.span, part: r.part, scratch: scratch}, b, chunkRows); err != nil {
			return err
		}
	}
	return nil
}

// leave takes a part from those in memory.
func (sp *Spans) leave(r *Rows) {
	for i, o := range sp.open {
		if o == r {
			sp.open = append(sp.open[:i], sp.open[i+1:]...)
			break
		}
	}
	sp.disk = append(sp.disk, r)
	r.dirty, r.stored, r.scrap = nil, nil, nil
}

// Scratch copies all entries of tables by span that are in memory to where Scan finds them beside those of other parts. It is
// no part of any checkpoint, and is gone after ClearScratch.
func (s *Scope) Scratch(rows []*Rows) error {
	w := &writer{store: s.store, batch: s.store.db.NewBatch()}
	defer func() { _ = w.batch.Close() }()
	for _, r := range rows {
		all := make([]uint64, len(r.dirty))
		for i := range all {
			all[i] = r.dirty[i] | r.stored[i]
		}
		if err := w.blocks(r, all, true); err != nil {
			return s.moving(err)
		}
	}
	return s.store.apply(w.batch)
}

// ClearScratch removes what Scratch has copied for this operator's groups.
func (s *Scope) ClearScratch(rows []*Rows) error {
	for _, r := range rows {
		for g := s.groups.From; g < s.groups.To; g++ {
			lower := partKey(r.table.number, r.span, g, r.part, true)
			if err := s.store.db.DeleteRange(lower, successor(lower), pebble.NoSync); err != nil {
				return damaged(err)
			}
		}
	}
	return nil
}

// Groups are the key groups of the subtask.
func (s *Scope) Groups() Groups { return s.groups }

// Scan gives the entries of one key group of a part that lies on disk, or of its copy in the scratch area. The batch is the
// callee's for the call.
func (r *Rows) Scan(group int, scratch bool, give func(cols []*vec.Vector, n int) error) error {
	if r == nil {
		return nil
	}
	s := r.scope.store
	lower := partKey(r.table.number, r.span, group, r.part, scratch)
	it, err := s.db.NewIter(&pebble.IterOptions{LowerBound: lower, UpperBound: successor(lower)})
	if err != nil {
		return damaged(err)
	}
	defer func() { _ = it.Close() }()
	reader := &spanReader{table: r.table}
	if r.once || scratch {
		return reader.all(it, give)
	}
	for ok := it.First(); ok; ok = it.Next() {
		if err := reader.take(it); err != nil {
			return err
		}
	}
	if err := it.Error(); err != nil {
		return damaged(err)
	}
	return reader.newest(func(b *vec.Batch) error { return give(b.Cols, b.Len()) })
}

// applyDrops removes what was dropped from the database, if that may be written: without checkpoints nobody else does.
func (sp *Spans) applyDrops() error {
	if !sp.scope.budgeted() || !sp.scope.writable() || len(sp.drops) == 0 {
		return nil
	}
	f := Frozen{scope: sp.scope}
	sp.takeDrops(&f)
	sp.scope.pending.Add(1)
	return sp.scope.store.write(&f)
}

// Tidy removes from disk what has been dropped, if there is a budget: without checkpoints nobody else would.
func (s *Scope) Tidy() error {
	if s == nil {
		return nil
	}
	for _, sp := range s.spans {
		if err := sp.applyDrops(); err != nil {
			return fmt.Errorf("removing state of operator %s: %w", s.operator, damaged(err))
		}
	}
	return nil
}
