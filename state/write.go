package state

import (
	"context"
	"encoding/binary"
	"fmt"
	"slices"

	"github.com/cockroachdb/pebble/v2"

	"github.com/weirstream/weir/runtime/vec"
)

// Write writes what operators have frozen: the asynchronous part of a checkpoint. It may be called by any goroutine, but for one
// scope in the order of its snapshots. What was frozen is used up. An error leaves the database without a part of it, so that no
// checkpoint may be made of it any more.
func (s *Store) Write(ctx context.Context, frozen ...Frozen) error {
	for i := range frozen {
		if frozen[i].scope == nil {
			continue
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := s.write(&frozen[i]); err != nil {
			return fmt.Errorf("writing the state of operator %s: %w", frozen[i].scope.operator, damaged(err))
		}
	}
	return nil
}

// write writes one snapshot: first what is dropped, then what is gone, then what is there.
func (s *Store) write(f *Frozen) error {
	w := &writer{store: s, batch: s.db.NewBatch()}
	defer func() {
		_ = w.batch.Close()
		f.scope.pending.Add(-1)
	}()
	for _, d := range f.drops {
		if err := w.drop(d, f.scope.groups); err != nil {
			return err
		}
	}
	for _, v := range f.ints {
		if err := w.batch.Set(intKey(f.scope.operator, v.name, f.scope.subtask), binary.AppendVarint(nil, v.x), nil); err != nil {
			return err
		}
	}
	for _, r := range f.rows {
		if err := w.rows(r); err != nil {
			return err
		}
		if r.rows != nil {
			r.table.giveBack(r.rows)
		}
	}
	if err := w.batch.Set(numberKey, binary.AppendUvarint(nil, s.number.Load()), nil); err != nil {
		return err
	}
	if err := s.apply(w.batch); err != nil {
		return err
	}
	for _, r := range f.rows {
		s.files.written(r.dirs)
	}
	return nil
}

// maxBatch is how many bytes are collected before they are handed to the database: a batch of up to twice as many keeps its
// memory for the next ones.
const maxBatch = 1 << 19

type writer struct {
	store *Store
	batch *pebble.Batch
	keys  []byte
	ends  []int
	order []sortKey
	value []byte

	byGroup []int32 // of chunks
	route   router
	part    *vec.Batch // a chunk's rows
	of      *table     // what part is for
}

// full hands over what has been collected, if that is enough.
func (w *writer) full() error {
	if w.batch.Len() < maxBatch {
		return nil
	}
	return w.store.apply(w.batch)
}

// apply hands a batch over and empties it. Whoever has made the batch closes it, once: the database gives a closed one to the next
// who asks, and closed again it would be taken from him.
func (s *Store) apply(b *pebble.Batch) error {
	if err := s.room(int64(b.Len())); err != nil {
		return err
	}
	if err := s.db.Apply(b, pebble.NoSync); err != nil {
		return err
	}
	b.Reset()
	return nil
}

func (w *writer) drop(d spanDrop, g Groups) error {
	base := appendSpan(tablePrefix(nil, d.table.number), d.span)
	if d.part == 0 {
		return w.batch.DeleteRange(appendGroup(slices.Clone(base), g.From), appendGroup(slices.Clone(base), g.To), nil)
	}
	for group := g.From; group < g.To; group++ {
		key := binary.BigEndian.AppendUint64(appendGroup(slices.Clone(base), group), d.part)
		end := binary.BigEndian.AppendUint64(slices.Clone(key), d.before)
		if err := w.batch.DeleteRange(key, end, nil); err != nil {
			return err
		}
	}
	return nil
}

func (w *writer) rows(r frozenRows) error {
	if r.table.Kind == BySpan {
		if err := w.chunks(r, r.gone, chunkGone); err != nil {
			return err
		}
		return w.chunks(r, r.rows, chunkRows)
	}
	for _, g := range r.emptied {
		lower := appendGroup(tablePrefix(nil, r.table.number), g)
		if err := w.batch.DeleteRange(lower, successor(lower), nil); err != nil {
			return err
		}
	}
	if err := w.directories(r.dirs); err != nil {
		return err
	}
	if r.gone != nil {
		w.sort(r.table, r.gone)
		for _, k := range w.order {
			if err := w.batch.Delete(w.key(k.row), nil); err != nil {
				return err
			}
		}
	}
	if r.rows == nil {
		return nil
	}
	w.sort(r.table, r.rows)
	if len(w.order) >= ingestFrom {
		return w.ingest(r)
	}
	for _, k := range w.order {
		w.value = appendRow(w.value[:0], r.rows.Cols[len(r.table.Key):], int(k.row))
		if err := w.batch.Set(w.key(k.row), w.value, nil); err != nil {
			return err
		}
	}
	return w.full()
}

// directories writes where rows lie that were moved.
func (w *writer) directories(dirs []frozenDir) error {
	if len(dirs) == 0 {
		return nil
	}
	if err := w.batch.Set(formatKey, w.store.format(movedVersion), nil); err != nil {
		return err
	}
	for _, d := range dirs {
		var err error
		if d.value == nil {
			err = w.batch.Delete(dirKey(d.dirPlace), nil)
		} else {
			err = w.batch.Set(dirKey(d.dirPlace), d.value, nil)
		}
		if err == nil {
			err = w.full()
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// byGroup sorts rows by key group, keeping the order within each.
func byGroup[G int | uint16](order []int32, groups []G, max int) {
	at := make([]int, max+1)
	for _, g := range groups {
		at[int(g)+1]++
	}
	for g := range max {
		at[g+1] += at[g]
	}
	for i, g := range groups {
		order[at[g]] = int32(i)
		at[g]++
	}
}

// maxChunk bounds the rows of a chunk.
const maxChunk = 1 << 14

// chunks writes rows as chunks, one or more a key group.
func (w *writer) chunks(r frozenRows, b *vec.Batch, kind byte) error {
	if b == nil {
		return nil
	}
	w.route.route, w.route.max = r.table.Route, r.table.max
	groups := w.route.of(b.Cols, b.Len())
	order := slices.Grow(w.byGroup[:0], b.Len())[:b.Len()]
	w.byGroup = order
	byGroup(order, groups, r.table.max)
	if w.of != r.table || len(w.part.Cols) != len(b.Cols) {
		w.part, w.of = vec.NewBatch(r.table.columns()[:len(b.Cols)]), r.table
	}
	part := w.part
	for from := 0; from < len(order); {
		group, to := groups[order[from]], from+1
		for to < len(order) && to-from < maxChunk && groups[order[to]] == group {
			to++
		}
		part.Reset()
		part.AppendRows(b, order[from:to])
		w.value = appendChunk(w.value[:0], part.Cols, part.Len())
		w.keys = chunkKey(w.keys[:0], r.table.number, r.span, group, r.part, w.store.number.Add(1), kind)
		if r.scratch {
			w.keys[0] = scratchArea
		}
		if err := w.batch.Set(w.keys, w.value, nil); err != nil {
			return err
		}
		if err := w.full(); err != nil {
			return err
		}
		from = to
	}
	return nil
}
