package state

import (
	"slices"

	"github.com/weirstream/weir/runtime/vec"
)

// turns finds out whether keys come in turns, each when it has just been moved to disk since no other had been used for longer. Moving those that were used last is
// best then, as it is with pages that are read in a loop (Stone, 1982; Qureshi et al., 2007): the others come sooner, and are still there.
type turns struct {
	on   bool
	read int // keys that were read from disk and might have gone back
	// Rows since the last look: those with entries in memory, those of them whose entries had been used since, and those with entries on disk.
	here, again, away int
}

const (
	// turnsPart is the part of the rows with entries on disk that others must at least be: with entries in memory, as long as it is not known that keys come in turns, and
	// with such as were used a short while ago, for that not to be so any more.
	turnsPart = 8
	// turnsLook is which part of the entries that fit must have been on disk before it is decided.
	turnsLook = 32
	// One of turnsKept keys that were read stays in memory: where it turns out that others do not come between, as when the few that come are all on disk, that is seen by these.
	turnsKept = 256
)

// Missing appends those of some rows to miss whose entries are not in memory: ids are the entries, or owners, and vec.NoGroup for these.
func (r *Rows) Missing(ids []uint32, rows, miss []int32) []int32 {
	from, again := len(miss), 0
	hot := r.cold.hot
	for k, id := range ids {
		if id == vec.NoGroup {
			miss = append(miss, rows[k])
		} else if w := int(id >> 6); w < len(hot) {
			again += int(hot[w] >> (id & 63) & 1)
		}
	}
	t := &r.cold.turns
	t.here += len(ids) - (len(miss) - from)
	t.again += again
	return miss
}

// Returning is called before rows come back whose entries were away.
func (r *Rows) Returning() {
	e := r.cold
	t := &e.turns
	if e.full == 0 { // after a restore, say: there is memory for what is read
		t.here, t.again, t.away = 0, 0, 0
		return
	}
	if t.away*turnsLook < e.full {
		return
	}
	if t.on {
		t.on = t.again*turnsPart <= t.away
	} else {
		t.on = t.here*turnsPart < t.away
	}
	t.here, t.again, t.away = 0, 0, 0
	if t.on {
		clear(e.hot)
	}
}

// Return moves entries, or owners, back to disk that were read from there, if keys come in turns and memory is nearly used up: so a key group comes to memory as a whole, and goes as a whole.
// The rest is as with Trim.
func (r *Rows) Return(ids []uint32, bytes, live int) error {
	e := r.cold
	if !e.turns.on || len(e.members) > 0 || e.unloaded.any() || !e.crowded(bytes, live+live/16, r.knownMemory()) {
		return nil
	}
	ids = slices.DeleteFunc(ids, func(id uint32) bool {
		e.turns.read++
		return e.turns.read%turnsKept == 0 || !r.moves(id)
	})
	if len(ids) == 0 {
		return nil
	}
	for _, id := range ids {
		if w := int(id >> 6); w < len(e.hot) {
			e.hot[w] &^= 1 << (id & 63)
		}
	}
	if _, err := r.move(ids); err != nil {
		return r.scope.moving(err)
	}
	return r.tidy()
}

// moves reports whether an entry, or an owner, may be moved to disk: it is not one that stays, nor one of which there is nothing to move.
func (r *Rows) moves(id uint32) bool {
	e := r.cold
	switch {
	case e.stays != nil && e.stays(id):
		return false
	case e.owners == nil:
		w := int(id >> 6)
		return w < len(r.stored) && (r.stored[w]|r.dirty[w])>>(id&63)&1 != 0
	case e.owners.Soon != nil && e.owners.Soon(id):
		return false
	}
	e.ids = e.owners.Entries(e.ids[:0], id)
	return len(e.ids) > 0
}
