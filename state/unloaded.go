package state

import (
	"bytes"
	"fmt"

	"github.com/cockroachdb/pebble/v2"

	"github.com/weirstream/weir/runtime/vec"
	"github.com/weirstream/weir/sql/types"
)

// unloaded is what a restored table has left in the database: the entries of whole key groups, but for those that were read since,
// because a row came for them. An entry in memory counts before that in the database; one that was deleted in
// memory is deleted, although the database may learn of it later. Entries of these key groups that are moved out of memory are left to the database.
// Where entries have owners, all this holds of owners: all of an owner's entries are in memory, or none.
//
// So that reading one by one comes to an end, each entry that is read pays for a few of which nobody has asked:
// with these, key group after key group is loaded as a whole. What is done at a time depends on the rows, not on the size of the state.
type unloaded struct {
	groups []bool // by key group: its entries are in the database
	left   int    // how many groups
	next   int    // the group that is loaded next, or one before that
	paid   int    // entries that may be loaded; less than 0: more were
	wholly bool   // loaded groups go to memory, which is thought to hold them, and not to where moved entries are

	follows bool // the table follows another (see followers.go), which says what is read

	deleted *vec.GroupTable // keys that are deleted, which the database may not have heard of; nil: none
	types   []types.Type    // of the key: that of an owner, where there are owners

	keys   *vec.KeyBatch // scratch
	ids    []uint32
	rows   []int32
	wanted *vec.Batch // keys
	found  *vec.Batch // entries
	sorter writer     // of wanted
}

// How many entries are loaded for one that is read by itself, into memory and to where moved entries are: about as many as take the same time. For an
// owner it is as many, and those that it has.
const (
	loadPerRead = 8
	movePerRead = 4
)

// newUnloaded leaves some key groups in the database. by is how many columns of the key say whose an entry is.
func newUnloaded(t *table, by int, g Groups, wholly bool) *unloaded {
	u := &unloaded{
		groups: make([]bool, t.max), left: g.To - g.From, next: g.From, wholly: wholly,
		wanted: vec.NewBatch(t.Key[:by]), found: vec.NewBatch(t.columns()),
	}
	u.types = typesOf(t.Key[:by])
	u.keys = vec.NewKeyBatch(u.types)
	for k := g.From; k < g.To; k++ {
		u.groups[k] = true
	}
	return u
}

// has reports whether a key group's entries are in the database. A nil *unloaded has none.
func (u *unloaded) has(group int) bool { return u != nil && u.left > 0 && u.groups[group] }

func (u *unloaded) any() bool { return u != nil && u.left > 0 }

// noteDeleted has what the database says of the keys of some entries, which are being deleted, count as gone: those of the last n rows of gone. Where
// they have owners, it is what the database says of these: one that still has entries is in memory, which counts before.
func (r *Rows) noteDeleted(n int) {
	if r.cold == nil || r.cold.leader != nil || !r.cold.unloaded.any() {
		return
	}
	u := r.cold.unloaded
	if u.deleted == nil {
		u.deleted = vec.NewGroupTable(u.types)
	}
	u.rows = u.rows[:0]
	for i := r.gone.Len() - n; i < r.gone.Len(); i++ {
		u.rows = append(u.rows, int32(i))
	}
	u.keys.Set(r.gone.Cols[:len(u.types)], n, u.rows)
	u.ids = u.deleted.Insert(u.keys, u.ids)
}

// isDeleted names those of n keys whose entries count as gone, by anything but vec.NoGroup; nil: none do.
func (u *unloaded) isDeleted(keys []*vec.Vector, n int) []uint32 {
	if u.deleted == nil {
		return nil
	}
	u.keys.Set(keys, n, nil)
	u.ids = u.deleted.Lookup(u.keys, u.ids)
	return u.ids
}

// Read takes those entries in that a restored table has left in the database, of the keys of some rows, named by sel, that are not in memory.
// keys are whole columns. An operator calls it before it asks Away about the same rows.
func (r *Rows) Read(keys []*vec.Vector, sel []int32) error {
	u := r.cold.unloaded
	if !u.any() {
		return nil
	}
	e := r.cold
	e.takeKeys(keys, sel)
	groups := e.route.of(e.keys.Cols, len(sel))
	deleted := u.isDeleted(e.keys.Cols, len(sel))
	u.rows = u.rows[:0]
	for k, g := range groups {
		if u.groups[g] && (deleted == nil || deleted[k] == vec.NoGroup) {
			u.rows = append(u.rows, int32(k))
		}
	}
	if len(u.rows) == 0 {
		return nil
	}
	u.wanted.Reset()
	u.wanted.AppendRows(e.keys, u.rows)
	if err := r.readWanted(); err != nil {
		return fmt.Errorf("restoring %s: %w", r.table, damaged(err))
	}
	return nil
}

// readWanted loads the entries of the keys wanted, as far as there are some, in the order of the database.
func (r *Rows) readWanted() error {
	u := r.cold.unloaded
	u.sorter.sortBy(r.table, len(u.types), u.wanted)
	it, err := r.scope.store.db.NewIter(nil)
	if err != nil {
		return err
	}
	defer func() { _ = it.Close() }()
	read := u.readEntry
	if len(r.table.Key) > len(u.types) {
		read = u.readOwner
	}
	u.found.Reset()
	var before []byte
	for _, k := range u.sorter.order {
		key := u.sorter.key(k.row)
		if string(key) == string(before) {
			continue
		}
		before = key
		if err := read(it, r.table, key); err != nil {
			return err
		}
		if u.found.Len() < vec.DefaultBatchSize {
			continue
		}
		if err := r.takeFound(); err != nil {
			return err
		}
	}
	if err := it.Error(); err != nil {
		return err
	}
	if err := r.takeFound(); err != nil {
		return err
	}
	return r.readFollowers()
}

// takeFound loads the entries that were found.
func (r *Rows) takeFound() error {
	found := r.cold.unloaded.found
	if found.Len() == 0 {
		return nil
	}
	r.wantFound()
	err := r.takeIn(found)
	found.Reset()
	return err
}

// readEntry adds the entry with a key to found, if there is one.
func (u *unloaded) readEntry(it *pebble.Iterator, t *table, key []byte) error {
	if !it.SeekPrefixGE(key) { // which tables without the key do not cost anything to speak of
		return nil
	}
	u.pay()
	return u.add(it, t)
}

// readOwner adds the entries of an owner to found, those whose keys begin with its own. Whether it has any is not known before the tables are read, so that is paid for in any case.
func (u *unloaded) readOwner(it *pebble.Iterator, t *table, key []byte) error {
	if !u.follows {
		u.pay()
	}
	for ok := it.SeekGE(key); ok && bytes.HasPrefix(it.Key(), key); ok = it.Next() {
		u.paid++
		if err := u.add(it, t); err != nil {
			return err
		}
	}
	return nil
}

// pay has entries loaded for a read.
func (u *unloaded) pay() {
	if u.wholly {
		u.paid += loadPerRead
	} else {
		u.paid += movePerRead
	}
}

// add adds the entry at an iterator to found.
func (u *unloaded) add(it *pebble.Iterator, t *table) error {
	value, err := it.ValueAndErr()
	if err != nil {
		return err
	}
	if err := readEntry(it.Key()[prefixLen+groupLen:], value, u.found.Cols, len(t.Key)); err != nil {
		return corrupt("reading "+t.String(), err)
	}
	u.found.SetLen(u.found.Len() + 1)
	return nil
}

// takeIn has the operator take entries in that are in the database as they are.
func (r *Rows) takeIn(b *vec.Batch) error {
	ids, err := r.cold.load(b.Cols, b.Len())
	r.loaded(ids)
	return err
}

// LoadMore loads key groups of a restored table that are still in the database, as many as what has been read of it by itself
// pays for. It is called between two batches.
func (r *Rows) LoadMore() error {
	if !r.OnDisk() || !r.cold.unloaded.any() {
		return nil
	}
	for u := r.cold.unloaded; u.paid > 0 && u.left > 0; {
		for !u.groups[u.next] {
			u.next++
		}
		if err := r.loadGroup(u.next); err != nil {
			return err
		}
	}
	return nil
}

// loadGroup takes the entries of a key group out of the database, those that are in memory apart.
func (r *Rows) loadGroup(group int) error {
	e, u := r.cold, r.cold.unloaded
	if !u.has(group) {
		return nil
	}
	if err := r.takeGroup(group); err != nil {
		return fmt.Errorf("restoring %s: %w", r.table, damaged(err))
	}
	for _, t := range e.withFollowers(r) {
		if !u.wholly {
			t.emptied = append(t.emptied, group)
		}
		u := t.cold.unloaded
		u.groups[group] = false
		if u.left--; u.left == 0 {
			u.deleted = nil
		}
	}
	e.any = u.left > 0 || len(e.known.parts) > 0
	return nil
}

// takeGroup takes the entries of a key group, and those of followers, that are neither in memory nor deleted to memory or to where moved entries are.
func (r *Rows) takeGroup(group int) error {
	e, u := r.cold, r.cold.unloaded
	tables := e.withFollowers(r)
	direct := u.wholly && len(tables) == 1
	rest := make([]*vec.Batch, len(tables))
	for k, t := range tables { // all before the first is taken in: what is in memory then is not read
		rest[k] = vec.NewBatch(t.table.columns())
		err := r.scope.store.scanKeyed(t.table, len(u.types), Groups{group, group + 1}, func(b *vec.Batch) error {
			u.paid -= b.Len()
			switch b = r.notRead(b, t.cold.unloaded.found); {
			case b.Len() == 0:
				return nil
			case direct:
				return r.takeIn(b)
			}
			rest[k].AppendRows(b, nil)
			return nil
		})
		if err != nil {
			return err
		}
	}
	for k, t := range tables {
		if rest[k].Len() == 0 {
			continue
		}
		place := t.takeIn
		if !u.wholly {
			place = func(b *vec.Batch) error { return t.putRestored(group, b) }
		}
		if err := place(rest[k]); err != nil {
			return err
		}
	}
	return nil
}

// putRestored has entries of a key group be where those that were moved out of memory are.
func (r *Rows) putRestored(group int, b *vec.Batch) error {
	e := r.cold
	r.settle(b)
	hashes := make([]uint64, b.Len())
	vec.HashRows(b.Cols[:len(e.keys.Cols)], nil, hashes)
	halves := make([]uint32, len(hashes))
	for i, h := range hashes {
		halves[i] = uint32(h)
		e.noteMoved(group, halves[i])
	}
	return e.cold.put(group, b, halves)
}

// notRead gives those of some entries of the database, of the table or a follower, that are neither in memory nor deleted. found is scratch.
func (r *Rows) notRead(b, found *vec.Batch) *vec.Batch {
	e, u := r.cold, r.cold.unloaded
	keys := b.Cols[:len(u.types)]
	deleted := u.isDeleted(keys, b.Len())
	u.rows = u.rows[:0]
	for i, id := range e.find(keys, b.Len()) {
		if id == vec.NoGroup && (deleted == nil || deleted[i] == vec.NoGroup) {
			u.rows = append(u.rows, int32(i))
		}
	}
	if len(u.rows) == b.Len() {
		return b
	}
	found.Reset()
	if len(u.rows) > 0 {
		found.AppendRows(b, u.rows)
	}
	return found
}
