package state

import (
	"bytes"
	"cmp"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"

	"github.com/cockroachdb/pebble/v2/objstorage/objstorageprovider"
	"github.com/cockroachdb/pebble/v2/sstable"

	"github.com/weirstream/weir/runtime/vec"
)

// sortKey is a row with the bytes of its key that tell most keys apart.
type sortKey struct {
	word uint64
	row  int32
}

// sort makes the keys of a batch's rows and puts them in order.
func (w *writer) sort(t *table, b *vec.Batch) { w.sortBy(t, len(t.Key), b) }

// sortBy is sort by some columns of the key, from the first on: by what the keys begin with.
func (w *writer) sortBy(t *table, by int, b *vec.Batch) {
	w.route.route, w.route.max = t.Route, t.max
	groups := w.route.of(b.Cols, b.Len())
	w.keys, w.ends = w.keys[:0], append(w.ends[:0], 0)
	for i := range b.Len() {
		w.keys = appendGroup(tablePrefix(w.keys, t.number), groups[i])
		for _, v := range b.Cols[:by] {
			w.keys = appendKey(w.keys, v, i)
		}
		w.ends = append(w.ends, len(w.keys))
	}
	w.sortKeys(groups, t.max)
}

// sortKeys orders by group first, without comparing, then by 8 bytes behind what all keys have in common, last by the
// whole key.
func (w *writer) sortKeys(groups []int, max int) {
	n, from := len(groups), prefixLen+groupLen
	order := slices.Grow(w.byGroup[:0], n)[:n]
	w.byGroup = order
	byGroup(order, groups, max)
	common := w.common(n, from)
	w.order = w.order[:0]
	for _, row := range order {
		w.order = append(w.order, sortKey{wordAt(w.key(row), from+common), row})
	}
	for at := 0; at < n; {
		end := at + 1
		for end < n && groups[order[end]] == groups[order[at]] {
			end++
		}
		slices.SortFunc(w.order[at:end], func(a, b sortKey) int {
			if a.word != b.word {
				return cmp.Compare(a.word, b.word)
			}
			return bytes.Compare(w.key(a.row)[from:], w.key(b.row)[from:])
		})
		at = end
	}
}

// common gives how many bytes from a position on all n keys have in common.
func (w *writer) common(n, from int) int {
	if n == 0 {
		return 0
	}
	first := w.key(0)[from:]
	for i := range n {
		key := w.key(int32(i))[from:]
		k := 0
		for k < len(first) && k < len(key) && first[k] == key[k] {
			k++
		}
		first = first[:k]
	}
	return len(first)
}

// wordAt gives 8 bytes of a key as a number, zeros where it ends earlier.
func wordAt(key []byte, at int) uint64 {
	if at+8 <= len(key) {
		return binary.BigEndian.Uint64(key[at:])
	}
	var word [8]byte
	if at < len(key) {
		copy(word[:], key[at:])
	}
	return binary.BigEndian.Uint64(word[:])
}

func (w *writer) key(row int32) []byte { return w.keys[w.ends[row]:w.ends[row+1]] }

// ingestFrom is from how many rows on a table of the database is built at once, beside its buffers.
const ingestFrom = 1 << 14

// ingest writes the sorted rows as a table of the database.
func (w *writer) ingest(r frozenRows) (err error) {
	s := w.store
	if err := s.apply(w.batch); err != nil { // what came before stays before
		return err
	}
	name := s.fs.PathJoin(s.dir, fmt.Sprintf("weir-%d.tmp", s.number.Add(1)))
	defer func() {
		if err != nil {
			err = errors.Join(err, s.fs.RemoveAll(name))
		}
	}()
	size, err := w.build(r, name)
	if err != nil {
		return err
	}
	if err := s.room(size); err != nil {
		return err
	}
	return s.db.Ingest(context.Background(), []string{name})
}

func (w *writer) build(r frozenRows, name string) (int64, error) {
	f, err := w.store.fs.Create(name, "weir-state")
	if err != nil {
		return 0, err
	}
	out := sstable.NewWriter(objstorageprovider.NewFileWritable(f), w.store.options.MakeWriterOptions(0, w.store.db.TableFormat()))
	for _, k := range w.order {
		w.value = appendRow(w.value[:0], r.rows.Cols[len(r.table.Key):], int(k.row))
		if err := out.Set(w.key(k.row), w.value); err != nil {
			return 0, errors.Join(err, out.Close())
		}
	}
	if err := out.Close(); err != nil {
		return 0, err
	}
	meta, err := out.Metadata()
	if err != nil {
		return 0, err
	}
	return int64(meta.Size), nil
}
