package state

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"slices"

	"github.com/cockroachdb/pebble/v2"

	"github.com/weirstream/weir/runtime/vec"
	"github.com/weirstream/weir/sql/types"
)

// scanKeyed gives the rows of a keyed table in some key groups, in the order of groups and keys, batch by batch. Those that have the same first
// columns of the key, by of them, come in one batch.
func (s *Store) scanKeyed(t *table, by int, g Groups, give func(b *vec.Batch) error) error {
	lower := appendGroup(tablePrefix(nil, t.number), g.From)
	upper := appendGroup(tablePrefix(nil, t.number), g.To)
	it, err := s.db.NewIter(&pebble.IterOptions{LowerBound: lower, UpperBound: upper})
	if err != nil {
		return damaged(err)
	}
	defer func() { _ = it.Close() }()
	b := vec.NewBatch(t.columns())
	var last []byte // what the key of the last row begins with, where the batch has as many rows as it should
	for ok := it.First(); ok; ok = it.Next() {
		if b.Len() >= vec.DefaultBatchSize && !bytes.HasPrefix(it.Key(), last) {
			if err := s.failure.err(); err != nil {
				return err
			}
			if err := give(b); err != nil {
				return err
			}
			b.Reset()
		}
		value, err := it.ValueAndErr()
		if err != nil {
			return damaged(err)
		}
		if err := readEntry(it.Key()[prefixLen+groupLen:], value, b.Cols, len(t.Key)); err != nil {
			return corrupt("reading "+t.String(), err)
		}
		if b.SetLen(b.Len() + 1); b.Len() == vec.DefaultBatchSize {
			last = append(last[:0], it.Key()[:prefixLen+groupLen]...)
			for _, v := range b.Cols[:by] {
				last = appendKey(last, v, b.Len()-1)
			}
		}
	}
	if err := it.Error(); err != nil {
		return damaged(err)
	}
	if b.Len() == 0 {
		return nil
	}
	return give(b)
}

// readEntry appends a row to cols, of which the first keys are the key.
func readEntry(key, value []byte, cols []*vec.Vector, keys int) (err error) {
	for _, v := range cols[:keys] {
		if key, err = readKey(key, v); err != nil {
			return err
		}
	}
	if len(key) > 0 {
		return fmt.Errorf("a key is %d bytes longer than its columns", len(key))
	}
	return readRow(value, cols[keys:])
}

// scanSpans gives the rows of a table by span in some key groups: spans in order, within one parts in order. Of rows of a
// part with the same key only the newest is given.
func (s *Store) scanSpans(t *table, g Groups, give func(span int64, part uint64, b *vec.Batch) error) error {
	prefix := tablePrefix(nil, t.number)
	it, err := s.db.NewIter(&pebble.IterOptions{LowerBound: prefix, UpperBound: successor(prefix)})
	if err != nil {
		return damaged(err)
	}
	defer func() { _ = it.Close() }()
	for ok := it.First(); ok; {
		if len(it.Key()) != chunkLen {
			return corrupt("reading "+t.String(), fmt.Errorf("a chunk with a key of %d bytes", len(it.Key())))
		}
		span := readSpan(it.Key()[prefixLen:])
		base := appendSpan(slices.Clone(prefix), span)
		if err := s.failure.err(); err != nil {
			return err
		}
		if err := s.scanSpan(it, t, span, g, give); err != nil {
			return err
		}
		next := successor(base)
		if span == lastSpan || next == nil {
			break
		}
		ok = it.SeekGE(next)
	}
	return damaged(it.Error())
}

// scanSpan reads the groups of one span.
func (s *Store) scanSpan(it *pebble.Iterator, t *table, span int64, g Groups, give func(span int64, part uint64, b *vec.Batch) error) error {
	base := appendSpan(tablePrefix(nil, t.number), span)
	end := appendGroup(slices.Clone(base), g.To)
	r := &spanReader{table: t}
	var group int
	var part uint64
	flush := func() error {
		if len(r.chunks) == 0 {
			return nil
		}
		err := r.newest(func(b *vec.Batch) error { return give(span, part, b) })
		r.chunks, r.kinds = r.chunks[:0], r.kinds[:0]
		return err
	}
	for ok := it.SeekGE(appendGroup(slices.Clone(base), g.From)); ok && bytes.Compare(it.Key(), end) < 0; ok = it.Next() {
		key := it.Key()
		if len(key) != chunkLen {
			return corrupt("reading "+t.String(), fmt.Errorf("a chunk with a key of %d bytes", len(key)))
		}
		gr := int(binary.BigEndian.Uint16(key[prefixLen+spanLen:]))
		p := binary.BigEndian.Uint64(key[prefixLen+spanLen+groupLen:])
		if gr != group || p != part {
			if err := flush(); err != nil {
				return err
			}
			group, part = gr, p
		}
		if err := r.take(it); err != nil {
			return err
		}
	}
	if err := it.Error(); err != nil {
		return damaged(err)
	}
	return flush()
}

// listParts names the parts that a table by span has in some key groups.
func (s *Store) listParts(t *table, g Groups, give func(span int64, part uint64)) error {
	prefix := tablePrefix(nil, t.number)
	it, err := s.db.NewIter(&pebble.IterOptions{LowerBound: prefix, UpperBound: successor(prefix)})
	if err != nil {
		return damaged(err)
	}
	defer func() { _ = it.Close() }()
	type key struct {
		span int64
		part uint64
	}
	seen := map[key]bool{}
	for ok := it.First(); ok; {
		k := it.Key()
		if len(k) != chunkLen {
			return corrupt("reading "+t.String(), fmt.Errorf("a chunk with a key of %d bytes", len(k)))
		}
		span, group := readSpan(k[prefixLen:]), int(binary.BigEndian.Uint16(k[prefixLen+spanLen:]))
		part := binary.BigEndian.Uint64(k[prefixLen+spanLen+groupLen:])
		switch {
		case group < g.From:
			ok = it.SeekGE(appendGroup(appendSpan(tablePrefix(nil, t.number), span), g.From))
			continue
		case group >= g.To:
			next := successor(appendSpan(tablePrefix(nil, t.number), span))
			ok = next != nil && it.SeekGE(next)
			continue
		}
		if x := (key{span, part}); !seen[x] {
			seen[x] = true
			give(span, part)
		}
		ok = it.SeekGE(successor(partKey(t.number, span, group, part, false)))
	}
	return damaged(it.Error())
}

// spanReader puts the chunks of one group of a part together.
type spanReader struct {
	table  *table
	chunks [][]byte // oldest first
	kinds  []byte
}

// take copies the chunk at an iterator.
func (r *spanReader) take(it *pebble.Iterator) error {
	key := it.Key()
	if len(key) != chunkLen {
		return corrupt("reading "+r.table.String(), fmt.Errorf("a chunk with a key of %d bytes", len(key)))
	}
	value, err := it.ValueAndErr()
	if err != nil {
		return damaged(err)
	}
	r.chunks, r.kinds = append(r.chunks, slices.Clone(value)), append(r.kinds, key[chunkLen-1])
	return nil
}

// all gives the rows of all chunks, none of which replaces another.
func (r *spanReader) all(it *pebble.Iterator, give func(cols []*vec.Vector, n int) error) error {
	b := vec.NewBatch(r.table.columns())
	for ok := it.First(); ok; ok = it.Next() {
		if len(it.Key()) != chunkLen || it.Key()[chunkLen-1] != chunkRows {
			return corrupt("reading "+r.table.String(), fmt.Errorf("a chunk with the key %x", it.Key()))
		}
		value, err := it.ValueAndErr()
		if err != nil {
			return damaged(err)
		}
		b.Reset()
		n, err := readChunk(value, b.Cols)
		if err != nil {
			return corrupt("reading "+r.table.String(), err)
		}
		if err := give(b.Cols, n); err != nil {
			return err
		}
	}
	return damaged(it.Error())
}

// newest gives the rows that no later chunk replaces or takes away, those that were written first first.
func (r *spanReader) newest(give func(b *vec.Batch) error) error {
	t := r.table
	var count []*vec.Batch // newest first
	var ts []types.Type
	for _, f := range t.Key {
		ts = append(ts, f.Type)
	}
	seen, keys := vec.NewGroupTable(ts), vec.NewKeyBatch(ts)
	var ids []uint32
	for i := len(r.chunks) - 1; i >= 0; i-- {
		cols := t.columns()
		if r.kinds[i] == chunkGone {
			cols = cols[:len(t.Key)]
		}
		b := vec.NewBatch(cols)
		n, err := readChunk(r.chunks[i], b.Cols)
		if err != nil {
			return corrupt("reading "+t.String(), err)
		}
		b.SetLen(n)
		if len(r.chunks) == 1 && r.kinds[i] == chunkRows {
			return give(b)
		}
		keys.Set(b.Cols[:len(t.Key)], n, nil)
		ids = seen.Insert(keys, ids)
		if r.kinds[i] == chunkGone || len(seen.Fresh()) == 0 {
			continue
		}
		fresh := vec.NewBatch(t.columns())
		fresh.AppendRows(b, freshRows(ids, seen.Fresh()))
		count = append(count, fresh)
	}
	for _, b := range slices.Backward(count) {
		if err := give(b); err != nil {
			return err
		}
	}
	return nil
}

// freshRows names the first rows of new keys, whose ids come in the order of their rows.
func freshRows(ids, fresh []uint32) []int32 {
	rows := make([]int32, 0, len(fresh))
	for k, id := range ids {
		if len(rows) < len(fresh) && id == fresh[len(rows)] {
			rows = append(rows, int32(k))
		}
	}
	return rows
}
