package state

import (
	"fmt"
	"math/bits"
	"slices"

	"github.com/weirstream/weir/runtime/vec"
)

// Table declares a table in memory that is to be kept. Its entries are named by dense ids, of which those of
// entries that are gone may be given out again.
type Table struct {
	Name  string
	Key   vec.Schema // no two entries have the same
	Value vec.Schema
	// Route is how many columns of the key, from the first on, the exchange before the operator hashes.
	Route int
	// Keys and Values append the entries ids to vectors of the key's and the value's columns.
	Keys   func(ids []uint32, out []*vec.Vector)
	Values func(ids []uint32, out []*vec.Vector) error
	// Load takes n entries in: their key, then their value columns, borrowed for the call. It gives their ids.
	Load func(cols []*vec.Vector, n int) ([]uint32, error)
	// Evict, which may be nil, takes entries out of memory that are on disk (see Rows.Trim); the operator asks Rows.Away about
	// keys that it does not have, and calls Rows.Fetch.
	Evict func(ids []uint32)
	// Find gives the ids of n keys, vec.NoGroup for those that are not there. It goes with Evict.
	Find func(cols []*vec.Vector, n int) []uint32
	// Stays, which may be nil, names entries, or owners, that are not moved.
	Stays func(id uint32) bool
	// Owners, which may be nil, says whose the entries are: they move with their owners, whose key is the Route columns. Evict, Find, Stays, Rows.Touch,
	// Away and Fetch are about owners then.
	Owners *Owners
	// Member, which may be nil, says that the entries belong to those of another table.
	Member *Member
	// Whole has all of the table be read at a restore, into memory or, where that is bounded, to where moved entries are; Fixed has its entries stay in memory: only
	// its members move.
	Whole, Fixed bool
}

// Owners are what the entries of a table belong to, such as the partitions of rows. An owner moves to disk, and back, with all of its entries.
type Owners struct {
	// IDs appends the ids of all owners in memory, Keys the keys of some.
	IDs  func(dst []uint32) []uint32
	Keys func(ids []uint32, out []*vec.Vector)
	// Entries appends the entries of an owner in the order in which Table.Load is to take them in again.
	Entries func(dst []uint32, owner uint32) []uint32
	// Leader, which may be nil, is a table with an entry an owner, with which the entries of this table go: its Rows are told of use, asked about keys that are away, and
	// trimmed, for all; Table.Evict is the leader's alone.
	Leader *Rows
	// Latest, which may be empty, names the value column, a BIGINT, of which the greatest of an owner's entries counts for all of them.
	Latest string
	// Due, which may be empty, names the value column, a BIGINT, that says when an entry is due: the operator must have it back then, with its
	// owner, although no row comes for it (see Rows.FetchDue). All is read at a restore then. Soon reports whether an owner in memory has an entry that is due soon:
	// others are moved to disk before.
	Due  string
	Soon func(owner uint32) bool
	// DueKey, in place of Due, is 1 more than the key column, a time, that says when all entries of an owner are due; 0: none does.
	DueKey int
}

// dueColumn gives the column, of an entry's key and value, that says when it is due, or noColumn.
func (o *Owners) dueColumn(key, value vec.Schema) int {
	if o == nil {
		return noColumn
	}
	if o.DueKey > 0 {
		return o.DueKey - 1
	}
	if at := slices.IndexFunc(value, func(f vec.Field) bool { return f.Name == o.Due }); at >= 0 {
		return len(key) + at
	}
	return noColumn
}

// Rows tracks which entries of a table differ from what is kept of them. The operator tells it what it
// writes and what it deletes; all methods cost nothing to speak of where nothing is kept, and a nil *Rows may be
// used. It belongs to the operator's goroutine.
type Rows struct {
	scope  *Scope
	table  *table
	keys   func(ids []uint32, out []*vec.Vector)
	values func(ids []uint32, out []*vec.Vector) error

	dirty  []uint64 // by id
	stored []uint64 // by id: the entry has been written
	gone   *vec.Batch
	scrap  []uint32

	cold    *eviction   // nil: all is in memory
	emptied []int       // key groups of which nothing that the database has counts any more
	dropped []frozenDir // directories that are no longer needed

	// By span.
	spans   *Spans
	span    int64
	part    uint64
	written int  // rows since the part began
	any     bool // something of the part is on disk, or on its way
	once    bool // each entry of the part has been written once
}

// On reports whether the table is kept at all: who pays for tracking can leave it.
func (r *Rows) On() bool { return r != nil && r.table != nil }

// Mark says that entries are written, or new. bound is greater than all ids of the table.
func (r *Rows) Mark(ids []uint32, bound int) {
	if r == nil || r.table == nil {
		return
	}
	r.grow(bound)
	dirty := r.dirty
	for _, id := range ids {
		dirty[id>>6] |= 1 << (id & 63)
	}
	if r.cold != nil && r.cold.owners == nil {
		r.cold.heated(ids, len(dirty))
	}
}

// MarkOne is Mark of one entry.
func (r *Rows) MarkOne(id uint32) {
	if r == nil || r.table == nil {
		return
	}
	r.grow(int(id) + 1)
	r.dirty[id>>6] |= 1 << (id & 63)
	if r.cold != nil && r.cold.owners == nil {
		r.cold.heated([]uint32{id}, len(r.dirty))
	}
}

// Touch says that entries were used without being written: those that were not are the first to be moved to disk.
func (r *Rows) Touch(ids []uint32) {
	if r != nil && r.cold != nil {
		r.cold.heated(ids, 0)
	}
}

func (r *Rows) grow(bound int) {
	if n := vec.WordsFor(bound); n > len(r.dirty) {
		more := make([]uint64, max(n, 2*len(r.dirty))-len(r.dirty))
		r.dirty, r.stored = append(r.dirty, more...), append(r.stored, more...)
	}
}

// Forget says that entries are going; their keys must still be there.
func (r *Rows) Forget(ids []uint32) {
	if r == nil || r.table == nil || len(ids) == 0 {
		return
	}
	r.scrap = r.scrap[:0]
	for _, id := range ids {
		w, bit := id>>6, uint64(1)<<(id&63)
		if int(w) >= len(r.dirty) {
			continue
		}
		if r.stored[w]&bit != 0 {
			r.scrap = append(r.scrap, id)
		}
		r.dirty[w] &^= bit
		r.stored[w] &^= bit
	}
	if len(r.scrap) > 0 {
		r.appendGone(r.scrap)
		r.noteDeleted(len(r.scrap))
	}
}

// addGone has the database do without those of some entries that it has.
func (r *Rows) addGone(ids []uint32) {
	r.scrap = r.scrap[:0]
	for _, id := range ids {
		if vec.Bit(r.stored, int(id)) {
			r.scrap = append(r.scrap, id)
		}
	}
	if len(r.scrap) > 0 {
		r.appendGone(r.scrap)
	}
}

func (r *Rows) appendGone(ids []uint32) {
	if r.gone == nil {
		r.gone = vec.NewBatch(r.table.Key)
	}
	r.keys(ids, r.gone.Cols)
	r.gone.SetLen(r.gone.Len() + len(ids))
}

// ForgetOne is Forget of one entry.
func (r *Rows) ForgetOne(id uint32) {
	if r == nil || r.table == nil {
		return
	}
	one := [1]uint32{id}
	r.Forget(one[:])
}

// loaded notes entries that have come from the store.
func (r *Rows) loaded(ids []uint32) {
	for _, id := range ids {
		r.grow(int(id) + 1)
		vec.SetBit(r.stored, int(id))
		vec.ClearBit(r.dirty, int(id))
	}
}

// freeze copies what has changed.
func (r *Rows) freeze() (frozenRows, error) {
	f := frozenRows{table: r.table, span: r.span, part: r.part, gone: r.gone, emptied: r.emptied, dirs: r.dropped}
	if err := r.rewriteEmptied(); err != nil {
		return f, err
	}
	r.gone, r.emptied, r.dropped = nil, nil, nil
	if r.cold != nil {
		dirs, err := r.cold.cold.freeze()
		if err != nil {
			return f, r.scope.moving(err)
		}
		f.dirs = append(f.dirs, dirs...)
	}
	r.scrap = appendIDs(r.scrap[:0], r.dirty)
	if len(r.scrap) == 0 {
		return f, nil
	}
	f.rows = r.table.borrow()
	if err := r.copy(r.scrap, f.rows); err != nil {
		return f, err
	}
	for w, x := range r.dirty {
		r.stored[w] |= x
		r.dirty[w] = 0
	}
	r.written += len(r.scrap)
	r.any = true
	return f, nil
}

// appendIDs appends the positions of set bits.
func appendIDs(ids []uint32, w []uint64) []uint32 {
	ids = slices.Grow(ids, vec.CountBits(w, 64*len(w)))
	for i, x := range w {
		if x == ^uint64(0) {
			for j := range 64 {
				ids = append(ids, uint32(i<<6+j))
			}
			continue
		}
		for ; x != 0; x &= x - 1 {
			ids = append(ids, uint32(i<<6+bits.TrailingZeros64(x)))
		}
	}
	return ids
}

// copy appends entries to a batch of the table's columns.
func (r *Rows) copy(ids []uint32, b *vec.Batch) error {
	k := len(r.table.Key)
	r.keys(ids, b.Cols[:k])
	if err := r.values(ids, b.Cols[k:]); err != nil {
		return fmt.Errorf("freezing %s: %w", r.table, err)
	}
	for c, v := range b.Cols {
		if v.Len() != len(ids) {
			return fmt.Errorf("internal error: freezing %s: column %d has %d values for %d entries", r.table, c, v.Len(), len(ids))
		}
	}
	b.SetLen(len(ids))
	return nil
}

// all marks every entry that was ever written or marked.
func (r *Rows) all() {
	for w := range r.dirty {
		r.dirty[w] |= r.stored[w]
	}
}

func (r *Rows) count() int { return vec.CountBits(r.stored, 64*len(r.stored)) }
