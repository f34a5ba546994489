package order

import (
	"math/bits"
	"slices"
)

// Timers gives numbers back in the order of their times; of one time, the smallest number first. It is a hierarchical timing wheel
// (Varghese and Lauck, 1987) of 256 slots a level, which is a radix heap as well (Ahuja et al., 1990): what is put in comes after
// what was taken out last, if need be later than its time, and in return an entry costs a few sequential copies, at most one for each byte in which its
// time differs from the present one, whatever the number of entries. Where 256 times have come together their entries are counted into
// their order instead.
//
// Slots are lists of pieces of one arena: an entry takes 12.4 bytes, a slot that is not empty up to 248 more.
type Timers struct {
	// Renew, which may be nil, is called with entries that come up soon, and gives each the time that it has by now (see WordOf), which
	// is no earlier: whose times are put off all the time need not be told to the timers. It may come too late for some.
	Renew func(ids []uint32, words []uint64)

	wheels [8]*wheel // by the highest byte in which a time differs from now; made when needed
	now    uint64    // a word: no entry is before it
	n      int
	pieces []piece // the first is not used
	free   uint32  // a list

	due   []dueEntry // entries that are taken next, in order
	next  int        // the first of them that has not been taken
	base  uint64     // their times but for the last byte
	taken []dueEntry // scratch: those entries before they are in order
}

// dueEntry is the last byte of a time and a number: their order is that of the entries.
type dueEntry uint64

func newDue(word uint64, id uint32) dueEntry { return dueEntry(word&0xff<<32 | uint64(id)) }

func (d dueEntry) id() uint32 { return uint32(d) }
func (d dueEntry) low() uint8 { return uint8(d >> 32) }

// word is the time of a due entry.
func (t *Timers) word(d dueEntry) uint64 { return t.base | uint64(d.low()) }

type wheel struct {
	used  [4]uint64   // a bit for each slot that has entries
	slots [256]uint32 // the first piece of each
}

const pieceLen = 20

// piece holds entries of one slot, in any order.
type piece struct {
	next  uint32 // 0: none
	n     uint32
	words [pieceLen]uint64
	ids   [pieceLen]uint32
}

// Len is the number of entries.
func (t *Timers) Len() int { return t.n }

// Add puts a number in. A time before the last that was taken out, or nearly, counts as that.
func (t *Timers) Add(at int64, id uint32) {
	t.n++
	word := max(WordOf(at), t.now)
	if n := len(t.due); t.next < n && word <= t.word(t.due[n-1]) {
		d := newDue(word, id)
		i, _ := slices.BinarySearch(t.due[t.next:], d)
		t.due = slices.Insert(t.due, t.next+i, d)
		return
	}
	t.put(word, id)
}

func (t *Timers) put(word uint64, id uint32) {
	level := max(0, bits.Len64(word^t.now)-1) / 8
	w := t.wheels[level]
	if w == nil {
		w = &wheel{}
		t.wheels[level] = w
	}
	slot := word >> (8 * level) & 0xff
	at := w.slots[slot]
	if at == 0 || t.pieces[at].n == pieceLen {
		at = t.piece(at)
		w.slots[slot] = at
		w.used[slot>>6] |= 1 << (slot & 63)
	}
	p := &t.pieces[at]
	p.words[p.n], p.ids[p.n] = word, id
	p.n++
}

// piece gives an empty one, before another in its list.
func (t *Timers) piece(next uint32) uint32 {
	at := t.free
	if at != 0 {
		t.free = t.pieces[at].next
	} else {
		if len(t.pieces) == 0 {
			t.pieces = append(t.pieces, piece{})
		}
		at = uint32(len(t.pieces))
		t.pieces = append(t.pieces, piece{})
	}
	t.pieces[at].next, t.pieces[at].n = next, 0
	return at
}

// Pop takes the first entry out, if due says that its time has come. What is due at some time must be so at all before it, and stay so.
func (t *Timers) Pop(due func(at int64) bool) (id uint32, at int64, ok bool) {
	if t.next == len(t.due) && !t.advance(due) {
		return 0, 0, false
	}
	d := t.due[t.next]
	t.next++
	t.n--
	return d.id(), IntOf(t.word(d)), true
}

// advance makes the entries of the first time, or those of 256 times, the due ones.
func (t *Timers) advance(due func(at int64) bool) bool {
	t.due, t.next = t.due[:0], 0
	for len(t.due) == 0 {
		level, slot := t.first()
		if level < 0 {
			return false
		}
		shift := 8 * uint(level)
		from := t.now>>(shift+8)<<(shift+8) | uint64(slot)<<shift // the first time of the slot
		if !due(IntOf(from)) {
			return false
		}
		t.now, t.base = from, from&^0xff
		t.empty(level, slot, level == 0 || level == 1 && due(IntOf(from|0xff)))
		t.sortTaken()
	}
	return true
}

// fewTaken are sorted by comparing them.
const fewTaken = 64

// sortTaken makes what was taken the due entries.
func (t *Timers) sortTaken() {
	if len(t.taken) < fewTaken {
		t.due = append(t.due, t.taken...)
		t.taken = t.taken[:0]
		slices.Sort(t.due)
		return
	}
	var places [256]int32 // by the last byte of the time
	for _, d := range t.taken {
		places[d.low()]++
	}
	place := int32(0)
	for low, n := range places {
		places[low] = place
		place += n
	}
	t.due = slices.Grow(t.due, len(t.taken))[:len(t.taken)]
	for _, d := range t.taken {
		t.due[places[d.low()]] = d
		places[d.low()]++
	}
	t.taken = t.taken[:0]
	from := int32(0)
	for _, to := range places {
		if to-from > 1 {
			slices.Sort(t.due[from:to])
		}
		from = to
	}
}

// empty moves a slot's entries to lower levels or, with take, takes those whose times lie in it.
func (t *Timers) empty(level, slot int, take bool) {
	w := t.wheels[level]
	at := w.slots[slot]
	w.slots[slot] = 0
	w.used[slot>>6] &^= 1 << (slot & 63)
	for at != 0 {
		p := &t.pieces[at]
		ids := p.ids[:p.n]
		if level == 1 && t.Renew != nil {
			t.Renew(ids, p.words[:p.n])
		}
		for i, id := range ids {
			if word := p.words[i]; take && word&^0xff == t.base {
				t.taken = append(t.taken, newDue(word, id))
			} else {
				t.put(word, id) // p may be an old copy then: it is only read
			}
		}
		next := p.next
		t.pieces[at].next, t.free = t.free, at
		at = next
	}
}

// first gives the slot with the earliest entries; a level below 0 where there is none. Entries of a lower level come before those of
// a higher one, which differ from now in a higher byte.
func (t *Timers) first() (level, slot int) {
	for level, w := range t.wheels {
		if w == nil {
			continue
		}
		for i, used := range w.used {
			if used != 0 {
				return level, i<<6 + bits.TrailingZeros64(used)
			}
		}
	}
	return -1, 0
}

// Clear takes all entries out.
func (t *Timers) Clear() {
	for _, w := range t.wheels {
		if w != nil {
			*w = wheel{}
		}
	}
	t.pieces, t.free = t.pieces[:min(1, len(t.pieces))], 0
	t.due, t.next, t.n = t.due[:0], 0, 0
}

// Next gives an entry of the first time; ok is false where there is none. It looks at all entries of that entry's slot.
func (t *Timers) Next() (id uint32, at int64, ok bool) {
	if t.next < len(t.due) {
		return t.due[t.next].id(), IntOf(t.word(t.due[t.next])), true
	}
	level, slot := t.first()
	if level < 0 {
		return 0, 0, false
	}
	word := ^uint64(0)
	for at := t.wheels[level].slots[slot]; at != 0; at = t.pieces[at].next {
		p := &t.pieces[at]
		for i, w := range p.words[:p.n] {
			if w <= word {
				word, id = w, p.ids[i]
			}
		}
	}
	return id, IntOf(word), true
}

// Memory gives the bytes held.
func (t *Timers) Memory() int { return 248*cap(t.pieces) + 8*(cap(t.due)+cap(t.taken)) }
