package state

import (
	"fmt"
	"math"
	"math/bits"
	"slices"

	"github.com/weirstream/weir/runtime/vec"
)

// eviction moves entries of a keyed table to disk that have not been written for a while (cold), or owners with all of theirs that have not been
// used, and back when their keys come again. A filter in memory knows the keys that are on disk, so that keys that are new cost nothing.
type eviction struct {
	evict func(ids []uint32)
	load  func(cols []*vec.Vector, n int) ([]uint32, error)
	find  func(cols []*vec.Vector, n int) []uint32
	stays func(id uint32) bool
	// owners are what moves, if not nil; else each entry does by itself.
	owners *Owners
	hot    []uint64 // by id, of entries or owners: written or used since the last eviction
	full   int      // entries with which some are moved; 0 until memory has been used up once
	most   int      // bytes with which some are moved before there are as many
	left   int      // bytes that were left when some had been moved; 0 until they are counted
	known  filter
	sweep  sweep
	cold   *cold
	any    bool // something is on disk
	// unloaded is what a restored table has left in the database; nil: nothing was left there.
	unloaded *unloaded
	// followers are tables whose entries go with the owners of this one; leader says of such a table with which it goes.
	followers []*Rows
	leader    *Rows
	own       Groups // the subtask's key groups
	even      bool   // owners are spread over these as their hashes are: all of their key is routed by
	// members are tables whose entries belong to those of this one, but move by themselves; member says so of such a table.
	members []*Rows
	member  *Member
	fixed   bool // only members move
	turns   turns

	keys   *vec.Batch // scratch: keys of owners
	hashes []uint64
	route  router
	going  moving
	away   []int32
	ids    []uint32 // of the entries of owners that move
	of     []uint32 // and for each the hash of its owner's key
	some   []uint32 // the hashes of those owners that have entries
	rows   *vec.Batch
}

// moving are owners that move, by key group: those of group g stand from ends[g-1] to ends[g] (exclusive).
type moving struct {
	ids    []uint32
	hashes []uint32 // the low halves of those of their keys
	ends   []int

	groups []uint16 // scratch, in the order in which they came
	halves []uint32
}

// evictBlock is how many entries are moved at a time.
const evictBlock = 1 << 20

// Trim moves entries to disk if the job's memory is used up. bytes is what the operator's tables take, live the number of
// entries, also where they have owners. It is called between two batches, with Scope.Due. The entries, or their owners, are handed to
// Table.Evict and then no longer there.
func (r *Rows) Trim(bytes, live int) error {
	if r == nil || r.cold == nil {
		return nil
	}
	e := r.cold
	for _, t := range e.family(r) {
		if err := t.renewFilter(); err != nil {
			return err
		}
	}
	if e.full == 0 {
		if r.scope.over(bytes) {
			e.fits(bytes, live)
		}
		return nil
	}
	if !e.crowded(bytes, live, r.knownMemory()) || e.unloaded.any() && !r.scope.await() {
		return nil
	}
	if r.scope.writable() { // else the next checkpoint writes them: what was deleted, or moved, of what the database has
		for _, t := range e.family(r) {
			if err := t.writeGone(); err != nil {
				return r.scope.moving(err)
			}
		}
	}
	if err := r.moveColdest(live); err != nil {
		return r.scope.moving(err)
	}
	e.left = 0
	for _, t := range e.family(r) {
		clear(t.cold.hot)
	}
	return r.tidy()
}

// tidy puts files of chunks together, where that pays.
func (r *Rows) tidy() error {
	for _, t := range r.cold.family(r) {
		if err := t.cold.cold.tidy(); err != nil {
			return r.scope.moving(err)
		}
	}
	return nil
}

// fits notes how many entries fit, when they take half of what there is: nearly twice as many. Tables grow by doubling, most of them at powers of two, so
// that it is rather as many as one of these than a few more.
func (e *eviction) fits(bytes, live int) {
	e.full, e.most = live*31/16, bytes*31/16
	if len(e.members) > 0 && !e.packed() { // hardly more: what is read together of them, and the filter of their keys, takes the rest, and sets that double take it at once
		e.full, e.most = live*17/16, bytes*17/16
		return
	}
	keys := live
	if e.owners != nil {
		keys = len(e.owners.IDs(nil))
	}
	whole := 1 << bits.Len(uint(keys)) // the next power of two
	if all := keys * 31 / 16; whole < all && all < whole*5/4 {
		e.full = live * (whole * 15 / 16) / keys
	}
}

// crowded reports whether some entries are to be moved: there are as many as fit, or they take as many bytes, and not only because tables that have grown keep
// their size. Known is what must be known of entries on disk, which takes its part of the memory.
func (e *eviction) crowded(bytes, live, known int) bool {
	if e.left == 0 {
		e.left = bytes
	}
	if e.packed() { // some entries take a tenth of what others do
		return bytes+known >= max(e.most, e.left+e.left/16+known)
	}
	full := e.full
	if over := min(bytes+known-e.most, known); over > 0 {
		full -= int(float64(full) * min(float64(over)/float64(e.most), 3./4))
	}
	if live >= max(full, 1) {
		return true
	}
	return bytes+known >= max(e.most, e.left+e.left/16+known) && live >= e.full*5/8
}

// knownMemory is how many bytes what is known of the entries on disk takes.
func (r *Rows) knownMemory() int {
	n := 0
	for _, t := range r.cold.family(r) {
		n += t.cold.known.memory() + t.cold.sweep.left.memory() + t.cold.cold.memory()
	}
	return n
}

// moveColdest moves half of the entries, of which there are live.
func (r *Rows) moveColdest(live int) error {
	switch {
	case len(r.cold.members) > 0:
		return r.moveWithMembers(live)
	case r.cold.owners != nil:
		return r.moveOwners(live, true)
	}
	for _, ids := range r.coldest(live/2, true) {
		if _, err := r.move(ids); err != nil {
			return err
		}
	}
	return nil
}

// coldest gives about n entries, in blocks: those that were not written or used since the last time, then, where that is asked for, others.
func (r *Rows) coldest(n int, others bool) [][]uint32 {
	var blocks [][]uint32
	var block []uint32
	for _, hot := range []bool{false, true} {
		if hot && !others {
			break
		}
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
			if stays := r.cold.stays; stays != nil {
				block = append(block[:from], slices.DeleteFunc(block[from:], stays)...)
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

// writeGone has the database do without the entries that were deleted or moved so far. No snapshot is on its way.
func (r *Rows) writeGone() error {
	if r.gone != nil {
		w := &writer{store: r.scope.store, batch: r.scope.store.db.NewBatch()}
		defer func() { _ = w.batch.Close() }()
		if err := w.rows(frozenRows{table: r.table, gone: r.gone}); err != nil {
			return err
		}
		if err := r.scope.store.apply(w.batch); err != nil {
			return err
		}
		r.gone = nil
	}
	if u := r.cold.unloaded; u != nil {
		u.deleted = nil
	}
	return nil
}

// move takes owners out of memory with all of their entries, and gives how many these are.
func (r *Rows) move(ids []uint32) (n int, err error) {
	if err := r.moveMembers(ids); err != nil {
		return 0, err
	}
	e := r.cold
	for _, t := range e.withFollowers(r) {
		t.cold.any = true
	}
	if e.member != nil && len(e.known.parts) == 0 {
		e.known.first = max(e.known.first, 2*len(ids)) // one part is faster than many
	}
	e.sortMoved(r, ids)
	from := 0
	for group, to := range e.going.ends {
		if from == to {
			continue
		}
		for _, t := range e.withFollowers(r) {
			moved, err := t.moveGroup(group, e.going.ids[from:to], e.going.hashes[from:to])
			if err != nil {
				return 0, err
			}
			n += moved
		}
		from = to
	}
	for some := range slices.Chunk(ids, hashStep) {
		e.evict(some)
	}
	return n, nil
}

// hashStep is how many keys are hashed at a time, whose hashes need not be kept.
const hashStep = 1 << 14

// sortMoved sorts owners by their key groups, and hashes their keys.
func (e *eviction) sortMoved(r *Rows, ids []uint32) {
	g := &e.going
	g.ends = slices.Grow(g.ends[:0], r.table.max)[:r.table.max]
	clear(g.ends)
	g.groups, g.halves = g.groups[:0], g.halves[:0]
	for some := range slices.Chunk(ids, hashStep) {
		e.hash(r, some)
		for _, h := range e.hashes {
			g.halves = append(g.halves, uint32(h))
		}
		for _, group := range e.groupsOf(len(some)) {
			g.groups = append(g.groups, uint16(group))
			g.ends[group]++
		}
	}
	at := 0
	for group, n := range g.ends { // where the group begins, until all of its owners stand there
		g.ends[group], at = at, at+n
	}
	g.ids, g.hashes = slices.Grow(g.ids[:0], len(ids))[:len(ids)], slices.Grow(g.hashes[:0], len(ids))[:len(ids)]
	for k, group := range g.groups {
		at := g.ends[group]
		g.ids[at], g.hashes[at] = ids[k], g.halves[k]
		g.ends[group]++
	}
}

// groupsOf gives the key groups of the owners, n of them, that were hashed last.
func (e *eviction) groupsOf(n int) []int {
	if e.even && e.route.route > 0 { // by what was hashed
		return e.route.grouped(e.hashes)
	}
	return e.route.of(e.keys.Cols, n)
}

// moveGroup writes the entries of some owners, all of one key group, to disk; that they are in memory is forgotten, and what the database has of them no longer counts. Where a
// restore has left the key group in the database, they go back there. Hashes are the low halves of those of the owners' keys. It gives how many entries these are.
func (r *Rows) moveGroup(group int, owners, hashes []uint32) (n int, err error) {
	e := r.cold
	left := e.unloaded.has(group)
	ids, of := owners, hashes
	if e.owners != nil {
		ids, of, hashes = e.entriesOf(owners, hashes)
	}
	if len(ids) == 0 {
		return 0, nil
	}
	if left {
		err = r.writeChanged(ids)
	} else {
		e.noteAllMoved(group, hashes)
		r.addGone(ids)
		e.rows.Reset()
		if err = r.copy(ids, e.rows); err == nil {
			err = e.cold.put(group, e.rows, of)
		}
	}
	if err != nil {
		return 0, err
	}
	for _, id := range ids {
		vec.ClearBit(r.dirty, int(id))
		vec.ClearBit(r.stored, int(id))
	}
	return len(ids), nil
}

// noteMoved has the filters know a key: those of its leader, where the table follows one.
func (e *eviction) noteMoved(group int, hash uint32) {
	if e.leader != nil {
		return
	}
	key := e.movedKey(group, hash)
	e.known.add(key)
	if e.sweep.on {
		e.sweep.left.add(key)
	}
}

// noteAllMoved is noteMoved for several keys.
func (e *eviction) noteAllMoved(group int, hashes []uint32) {
	for some := range slices.Chunk(hashes, touchStep) {
		if !e.even && e.leader == nil {
			e.touchMoved(group, some)
		}
		for _, h := range some {
			e.noteMoved(group, h)
		}
	}
}

// touchMoved fetches what noteMoved reads for at most touchStep keys.
func (e *eviction) touchMoved(group int, hashes []uint32) {
	var keys [touchStep]uint64
	for k, h := range hashes {
		keys[k] = e.movedKey(group, h)
	}
	e.known.touch(keys[:len(hashes)])
}

// movedKey is a key that was moved to disk as filters know it: by what chunks know of it. Keys of a key group lie side by side in a filter, so that what
// moves by key groups stays in the processor's cache. Where most keys may be of one group, those are spread over all of the filter.
func (e *eviction) movedKey(group int, hash uint32) uint64 {
	if !e.even {
		return (uint64(group)<<32 | uint64(hash)) * 0x9e3779b97f4a7c15
	}
	part := math.MaxUint64 / uint64(e.own.To-e.own.From)
	at, _ := bits.Mul64(uint64(hash)<<32, part)
	return uint64(group-e.own.From)*part + at
}

// writeChanged writes those of some entries that have changed to the database.
func (r *Rows) writeChanged(ids []uint32) error {
	changed := slices.DeleteFunc(slices.Clone(ids), func(id uint32) bool { return !vec.Bit(r.dirty, int(id)) })
	if len(changed) == 0 {
		return nil
	}
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
	return r.scope.store.apply(w.batch)
}

// hash hashes the keys of owners, which lie in keys afterwards.
func (e *eviction) hash(r *Rows, ids []uint32) {
	e.keys.Reset()
	if e.owners != nil {
		e.owners.Keys(ids, e.keys.Cols)
	} else {
		r.keys(ids, e.keys.Cols)
	}
	e.keys.SetLen(len(ids))
	e.hashKeys()
}

func (e *eviction) hashKeys() {
	e.hashes = slices.Grow(e.hashes[:0], e.keys.Len())[:e.keys.Len()]
	vec.HashRows(e.keys.Cols, nil, e.hashes)
}

// takeKeys takes the keys of some rows, named by sel, from whole columns.
func (e *eviction) takeKeys(cols []*vec.Vector, sel []int32) {
	e.keys.Reset()
	for c, v := range cols {
		e.keys.Cols[c].AppendRows(v, sel)
	}
	e.keys.SetLen(len(sel))
}

// OnDisk reports whether there are entries on disk, or members of entries: an operator then calls Read for keys that it does not have, and asks Away about them.
func (r *Rows) OnDisk() bool {
	if r == nil || r.cold == nil {
		return false
	}
	return r.cold.any || slices.ContainsFunc(r.cold.members, (*Rows).OnDisk)
}

// Away gives those of some rows, named by sel, whose keys may lie on disk, in order, and their key groups; both are valid until the next
// call. keys are whole columns. The rows wait until there are many, or time is up, and then are fetched at once (Fetch).
func (r *Rows) Away(keys []*vec.Vector, sel []int32) (rows []int32, groups []int) {
	e := r.cold
	e.hashes = slices.Grow(e.hashes[:0], len(sel))[:len(sel)]
	vec.HashRows(keys, sel, e.hashes)
	groups = r.KeyGroups(keys, sel)
	e.away = e.away[:0]
	var moved [touchStep]uint64
	for from := 0; from < len(sel); from += touchStep {
		part := e.hashes[from:min(from+touchStep, len(sel))]
		for k, h := range part {
			moved[k] = e.movedKey(groups[from+k], uint32(h))
		}
		e.known.touch(moved[:len(part)])
		for k, h := range part {
			if g := groups[from+k]; !e.unloaded.has(g) && e.known.has(moved[k]) {
				n := len(e.away)
				groups[n], e.hashes[n] = g, h
				e.away = append(e.away, sel[from+k])
			}
		}
	}
	e.turns.away += len(e.away)
	return e.away, groups[:len(e.away)]
}

// KeyGroups gives the key groups of some rows, named by sel, until the next call. keys are whole columns.
func (r *Rows) KeyGroups(keys []*vec.Vector, sel []int32) []int {
	return r.cold.route.ofRows(keys, sel, len(sel))
}

// MaxGroups is the number of key groups.
func (r *Rows) MaxGroups() int { return r.table.max }

// Patience is how many bytes of rows that are away an operator may hold before it fetches.
func (r *Rows) Patience() int {
	if len(r.cold.members) > 0 {
		return int(r.scope.store.memory.limit / 16)
	}
	return int(r.scope.store.memory.limit / 4)
}

// Fetch takes those of new entries in that lie on disk. It is called with the ids that were given to keys that are away, before
// they are used.
func (r *Rows) Fetch(fresh []uint32) error {
	if !r.OnDisk() || len(fresh) == 0 {
		return nil
	}
	e := r.cold
	e.hash(r, fresh)
	groups := e.route.of(e.keys.Cols, len(fresh))
	for _, t := range e.withFollowers(r) {
		if err := t.cold.cold.take(groups, e.hashes, e.find, t.takeBack); err != nil {
			return r.reading(err)
		}
	}
	return nil
}

// takeBack has the operator take entries in that were moved out of memory. The next checkpoint writes them, as long as they stay.
func (r *Rows) takeBack(b *vec.Batch) error {
	ids, err := r.cold.load(b.Cols, b.Len())
	if err == nil {
		r.Mark(ids, int(slices.Max(ids))+1)
	}
	return err
}

// reading says what failed.
func (r *Rows) reading(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("reading state of operator %s from disk: %w", r.scope.operator, damaged(err))
}

// newEviction makes what moves the entries of a table.
func newEviction(s *Scope, t *table, declared *Table) *eviction {
	e := &eviction{
		evict: declared.Evict, load: declared.Load, find: declared.Find, stays: declared.Stays, owners: declared.Owners, fixed: declared.Fixed,
		known: newFilter(declared.Member != nil),
		rows:  vec.NewBatch(t.columns()), route: router{route: t.Route, max: t.max},
	}
	by := len(t.Key)
	if e.owners != nil {
		by = t.Route
	}
	e.own, e.even = s.groups, by == t.Route
	e.keys, e.cold = vec.NewBatch(t.Key[:by]), newCold(s.store, s, t, by, e.owners.dueColumn(t.Key, t.Value))
	return e
}

// heated notes entries that are written or used.
func (e *eviction) heated(ids []uint32, words int) {
	for _, id := range ids {
		words = max(words, int(id>>6)+1)
	}
	if len(e.hot) < words {
		e.hot = append(e.hot, make([]uint64, words-len(e.hot))...)
	}
	for _, id := range ids {
		e.hot[id>>6] |= 1 << (id & 63)
	}
}
