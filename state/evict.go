package state

import (
	"errors"

	"github.com/cockroachdb/pebble/v2"

	"github.com/weirstream/weir/runtime/vec"
	"github.com/weirstream/weir/sql/types"
)

// eviction moves entries of a keyed table to disk that have not been written for a while, and back when their keys come again. A
// filter in memory knows the keys that are on disk alone, so that keys that are new cost nothing.
type eviction struct {
	evict func(ids []uint32)
	load  func(cols []*vec.Vector, n int) ([]uint32, error)
	hot   []uint64 // by id: written since the last eviction
	full  int      // entries with which some are moved; 0 until memory has been used up once
	known filter
	sweep sweep
	// dead are keys that have been deleted, while their rows may still be on disk.
	dead     *vec.GroupTable
	deadKeys *vec.KeyBatch

	keys   *vec.Batch // scratch: keys of new entries
	fresh  []uint32
	hashes []uint64
	w      writer
}

// evictBlock is how many entries are moved at a time.
const evictBlock = 1 << 18

// Trim moves entries to disk if the job's memory is used up. bytes is what the operator's tables take, live the number of
// entries. It is called between two batches, with Scope.Due. The entries are handed to Table.Evict and then no longer there.
func (r *Rows) Trim(bytes, live int) error {
	if r == nil || r.cold == nil {
		return nil
	}
	e := r.cold
	if e.full == 0 {
		if r.scope.Use(bytes) {
			e.full = live * 31 / 16 // memory has just doubled: so many fit
		}
		return nil
	}
	if live < e.full || !r.scope.await() {
		return nil
	}
	if err := r.writeGone(); err != nil {
		return r.scope.moving(err)
	}
	e.dead.Reset()
	for _, ids := range r.coldest(live / 2) {
		if err := r.move(ids); err != nil {
			return r.scope.moving(err)
		}
	}
	clear(e.hot)
	return nil
}

// coldest gives about n entries, in blocks: those that were not written since the last time, then others.
func (r *Rows) coldest(n int) [][]uint32 {
	var blocks [][]uint32
	var block []uint32
	for _, hot := range []bool{false, true} {
		for w := range r.stored {
			bits := r.stored[w] | r.dirty[w]
			if heat := r.cold.heat(w); hot {
				bits &= heat
			} else {
				bits &^= heat
			}
			if bits == 0 || n <= 0 {
				continue
			}
			from := len(block)
			block = appendIDs(block, []uint64{bits})
			for k := range block[from:] {
				block[from+k] += uint32(w << 6)
			}
			n -= len(block) - from
			if len(block) >= evictBlock {
				blocks, block = append(blocks, block), nil
			}
		}
	}
	if len(block) > 0 {
		blocks = append(blocks, block)
	}
	return blocks
}

func (e *eviction) heat(w int) uint64 {
	if w < len(e.hot) {
		return e.hot[w]
	}
	return 0
}

// writeGone writes the deletions so far: an entry that comes again may be on disk before the next snapshot.
func (r *Rows) writeGone() error {
	if r.gone == nil {
		return nil
	}
	w := &writer{store: r.scope.store, batch: r.scope.store.db.NewBatch()}
	defer func() { _ = w.batch.Close() }()
	if err := w.rows(frozenRows{table: r.table, gone: r.gone}); err != nil {
		return err
	}
	r.gone = nil
	return r.scope.store.commit(w.batch)
}

// move writes those of some entries that have changed, and takes all of them out of memory.
func (r *Rows) move(ids []uint32) error {
	e := r.cold
	changed := e.fresh[:0]
	for _, id := range ids {
		if vec.Bit(r.dirty, int(id)) {
			changed = append(changed, id)
		}
	}
	e.fresh = changed
	if len(changed) > 0 {
		w := &writer{store: r.scope.store, batch: r.scope.store.db.NewBatch()}
		defer func() { _ = w.batch.Close() }()
		b := r.table.borrow()
		defer r.table.giveBack(b)
		if err := r.copy(changed, b); err != nil {
			return err
		}
		if err := w.rows(frozenRows{table: r.table, rows: b}); err != nil {
			return err
		}
		if err := r.scope.store.commit(w.batch); err != nil {
			return err
		}
	}
	e.hash(r, ids)
	for _, h := range e.hashes {
		e.known.add(h)
		if e.sweep.on {
			e.sweep.left.add(h)
		}
	}
	for _, id := range ids {
		vec.ClearBit(r.dirty, int(id))
		vec.ClearBit(r.stored, int(id))
	}
	e.evict(ids)
	return nil
}

// hash hashes the keys of entries, which lie in keys afterwards.
func (e *eviction) hash(r *Rows, ids []uint32) {
	if e.keys == nil {
		e.keys = vec.NewBatch(r.table.Key)
	}
	e.keys.Reset()
	r.keys(ids, e.keys.Cols)
	e.keys.SetLen(len(ids))
	e.hashKeys(e.keys.Cols, len(ids))
}

func (e *eviction) hashKeys(cols []*vec.Vector, n int) {
	if cap(e.hashes) < n {
		e.hashes = make([]uint64, n)
	}
	e.hashes = e.hashes[:n]
	vec.HashRows(cols, nil, e.hashes)
}

// Fetch takes those of new entries in that lie on disk. It is called with the ids that a batch has given to keys which were not in
// memory, before they are used.
func (r *Rows) Fetch(fresh []uint32) error {
	if r == nil || r.cold == nil || len(fresh) == 0 || r.cold.known.empty() {
		return nil
	}
	e := r.cold
	if r.gone == nil && r.scope.pending.Load() == 0 {
		e.dead.Reset()
	}
	e.hash(r, fresh)
	var dead []uint32
	if e.dead.Len() > 0 {
		e.deadKeys.Set(e.keys.Cols, len(fresh), nil)
		dead = e.dead.Lookup(e.deadKeys, nil)
	}
	e.fresh = e.fresh[:0]
	for k, h := range e.hashes {
		if e.known.has(h) && (dead == nil || dead[k] == vec.NoGroup) {
			e.fresh = append(e.fresh, fresh[k])
		}
	}
	if len(e.fresh) == 0 {
		return nil
	}
	e.keys.Reset()
	r.keys(e.fresh, e.keys.Cols)
	e.keys.SetLen(len(e.fresh))
	b := r.table.borrow()
	defer r.table.giveBack(b)
	if err := r.get(b); err != nil || b.Len() == 0 {
		return err
	}
	ids, err := e.load(b.Cols, b.Len())
	r.loaded(ids)
	return err
}

// get reads the rows of e.keys that there are, in the order of their keys.
func (r *Rows) get(b *vec.Batch) error {
	e, db := r.cold, r.scope.store.db
	e.w.sort(r.table, e.keys)
	for _, k := range e.w.order {
		key := e.w.key(k.row)
		value, closer, err := db.Get(key)
		if errors.Is(err, pebble.ErrNotFound) {
			continue
		}
		if err != nil {
			return damaged(err)
		}
		err = readEntry(key[prefixLen+groupLen:], value, b.Cols, len(r.table.Key))
		if err = errors.Join(err, closer.Close()); err != nil {
			return corrupt("reading "+r.table.String(), err)
		}
		b.SetLen(b.Len() + 1)
	}
	return nil
}

// newEviction makes what moves the entries of a table.
func newEviction(t *table, declared *Table) *eviction {
	var ts []types.Type
	for _, f := range t.Key {
		ts = append(ts, f.Type)
	}
	return &eviction{evict: declared.Evict, load: declared.Load, dead: vec.NewGroupTable(ts), deadKeys: vec.NewKeyBatch(ts)}
}

// forget notes that the last n keys of gone are deleted.
func (e *eviction) forget(gone *vec.Batch, n int) {
	if e.known.empty() {
		return
	}
	rows := make([]int32, 0, n)
	for i := gone.Len() - n; i < gone.Len(); i++ {
		rows = append(rows, int32(i))
	}
	e.deadKeys.Set(gone.Cols, n, rows)
	e.dead.Insert(e.deadKeys, nil)
}

// heated notes entries that are written.
func (e *eviction) heated(ids []uint32, words int) {
	if len(e.hot) < words {
		e.hot = append(e.hot, make([]uint64, words-len(e.hot))...)
	}
	for _, id := range ids {
		e.hot[id>>6] |= 1 << (id & 63)
	}
}

// filter tells keys that may be on disk from those that are not: Bloom filters (Bloom, 1970) in blocks of a cache line, each
// of twice the size of the one before. A key that is not there passes once in about a hundred times.
type filter struct{ parts []filterPart }

type filterPart struct {
	blocks [][8]uint64
	room   int
}

const (
	firstFilter  = 1 << 16 // keys
	keysPerBlock = 42      // of 512 bits
	filterProbes = 6
)

func (f *filter) empty() bool { return len(f.parts) == 0 }

func (f *filter) add(h uint64) {
	if n := len(f.parts); n == 0 || f.parts[n-1].room == 0 {
		keys := firstFilter << n
		f.parts = append(f.parts, filterPart{make([][8]uint64, keys/keysPerBlock+1), keys})
	}
	p := &f.parts[len(f.parts)-1]
	p.room--
	b := &p.blocks[vec.KeyGroup(h, len(p.blocks))]
	for range filterProbes {
		h = h*0x9e3779b97f4a7c15 + 1
		b[h>>61] |= 1 << (h >> 55 & 63)
	}
}

func (f *filter) has(h uint64) bool {
	for i := range f.parts {
		if f.parts[i].has(h) {
			return true
		}
	}
	return false
}

func (p *filterPart) has(h uint64) bool {
	b := &p.blocks[vec.KeyGroup(h, len(p.blocks))]
	for range filterProbes {
		h = h*0x9e3779b97f4a7c15 + 1
		if b[h>>61]>>(h>>55&63)&1 == 0 {
			return false
		}
	}
	return true
}
