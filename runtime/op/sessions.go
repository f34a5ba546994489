package op

import (
	"time"

	"github.com/weirstream/weir/runtime/order"
	"github.com/weirstream/weir/runtime/plan"
	"github.com/weirstream/weir/runtime/vec"
	"github.com/weirstream/weir/state"
)

// sessions keeps the open sessions of each key. A session is [start, end) with end one gap behind its last
// row; a row that touches a session, at either end, is a part of it, and one that touches two makes
// one of them. Times are window time: UTC for TIMESTAMP, the wall clock for TIMESTAMP_LTZ (see
// slicer).
//
// State: a group table of keys; a session's bounds, key, timer and number in columns by session (36 bytes); for
// each key a list of its sessions by start, and one list of all by the time at which they are looked at
// (12 bytes an entry). A session that grows keeps its entry: when that comes up it is put behind again, so
// that a row that extends the last session of its key costs no list operation. All else costs O(log n) in the
// sessions of the key, or in all of them.
type sessions struct {
	slicer *slicer
	gap    int64
	table  *vec.GroupTable
	keys   *vec.KeyBatch
	byKey  *order.Forest
	timers *order.Forest
	last   []uint32 // by key: its session with the latest start, where there is one

	start, end []int64 // by session
	timer      []int64 // the end that its entry among the timers has
	key        []uint32
	free       []uint32
	number     []int64 // by session, where it is kept: a name for good
	opened     int64   // the last number
	state      *state.Rows

	// merge is told that session from has become a part of into; from is free afterwards.
	merge func(into, from uint32) error

	keyCols []*vec.Vector
	ids     []uint32
	gone    []uint32 // keys without sessions
	idle    []uint32 // keys of late rows, each once
	listed  []bool   // by key: it is among idle
}

func newSessions(w plan.Window, in vec.Schema, keys []int, zone *time.Location) *sessions {
	ts := columnTypes(in, keys)
	s := &sessions{
		slicer: newSlicer(plan.Window{Kind: plan.Tumble, Size: w.Size, Local: w.Local}, zone), gap: w.Size, table: vec.NewGroupTable(ts),
		keys: vec.NewKeyBatch(ts), byKey: order.NewForest(nil), timers: order.NewForest(compareNumbers),
	}
	s.timers.Grow(1)
	return s
}

// begin takes a batch's keys: ids are those of its rows.
func (s *sessions) begin(b *vec.Batch, keys []int) {
	s.keyCols = columns(s.keyCols, b, keys)
	s.insert(s.keyCols, b.Rows(), b.Sel)
}

// insert finds the ids of keys.
func (s *sessions) insert(cols []*vec.Vector, n int, sel []int32) {
	s.keys.Set(cols, n, sel)
	s.ids = s.table.Insert(s.keys, s.ids)
	s.byKey.Grow(s.table.Bound())
	for len(s.last) < s.table.Bound() {
		s.last, s.listed = append(s.last, noRow), append(s.listed, false)
	}
}

// local gives an instant on the clock of window time.
func (s *sessions) local(ts int64) int64 {
	if z := s.slicer.zone; z != nil {
		return ts + z.offset(ts)
	}
	return ts
}

// assign gives the session of a row at ts, opening one where it touches none; noRow where that one would have ended
// at watermark wm already: the row is late.
func (s *sessions) assign(key uint32, ts, wm int64) (uint32, error) {
	if l := s.last[key]; l != noRow && ts >= s.start[l] && ts <= s.end[l] {
		s.end[l] = max(s.end[l], ts+s.gap)
		s.state.MarkOne(l)
		return l, nil
	}
	at := s.byKey.Search(key, order.WordOf(ts), 0)
	left, right := noRow, noRow
	if at > 0 {
		if _, x := s.byKey.At(key, at-1); ts <= s.end[x] {
			left = x
		}
	}
	if at < s.byKey.Len(key) {
		if _, x := s.byKey.At(key, at); s.start[x] <= ts+s.gap {
			right = x
		}
	}
	switch {
	case left != noRow && right != noRow:
		return left, s.join(key, left, right, at)
	case left != noRow:
		s.end[left] = max(s.end[left], ts+s.gap)
		s.state.MarkOne(left)
		return left, nil
	case right != noRow:
		s.byKey.Remove(key, at)
		s.start[right] = ts
		s.state.MarkOne(right)
		s.byKey.Insert(key, order.WordOf(ts), right)
		return right, nil
	case s.slicer.fireAt(ts+s.gap) <= wm:
		if !s.listed[key] {
			s.listed[key] = true
			s.idle = append(s.idle, key)
		}
		return noRow, nil
	}
	return s.open(key, ts), nil
}

// taken gives the session that a row lies in that is taken back, or noRow: it has been fired already, and the row is late,
// or nothing is known of it.
func (s *sessions) taken(key uint32, ts, wm int64) (id uint32, late bool) {
	id = s.at(key, ts)
	if id == noRow {
		late = s.slicer.fireAt(ts+s.gap) <= wm
		if !s.listed[key] {
			s.listed[key] = true
			s.idle = append(s.idle, key)
		}
	}
	return id, late
}

// done ends a batch: keys of late rows that have no session are forgotten.
func (s *sessions) done() {
	s.gone = s.gone[:0]
	for _, key := range s.idle {
		s.listed[key] = false
		if s.byKey.Len(key) == 0 {
			s.gone = append(s.gone, key)
		}
	}
	s.idle = s.idle[:0]
	s.table.Delete(s.gone, s.keys)
}

// join makes one of two sessions; right is entry at of its key.
func (s *sessions) join(key, left, right uint32, at int) error {
	s.end[left] = s.end[right]
	s.state.MarkOne(left)
	s.byKey.Remove(key, at)
	if s.last[key] == right {
		s.last[key] = left
	}
	s.timers.Remove(0, s.timers.Search(0, order.WordOf(s.timer[right]), right)-1)
	if err := s.merge(left, right); err != nil {
		return err
	}
	s.state.ForgetOne(right)
	s.free = append(s.free, right)
	return nil
}

func (s *sessions) open(key uint32, ts int64) uint32 {
	s.opened++
	id := s.add(key, ts, ts+s.gap, s.opened)
	s.state.MarkOne(id)
	return id
}

// add makes a session [start, end).
func (s *sessions) add(key uint32, ts, end, number int64) uint32 {
	id := uint32(len(s.start))
	if n := len(s.free); n > 0 {
		id = s.free[n-1]
		s.free = s.free[:n-1]
	} else {
		s.start, s.end, s.timer, s.key = append(s.start, 0), append(s.end, 0), append(s.timer, 0), append(s.key, 0)
		s.number = append(s.number, 0)
	}
	s.start[id], s.end[id], s.timer[id], s.key[id], s.number[id] = ts, end, end, key, number
	if at := s.byKey.Insert(key, order.WordOf(ts), id); at == s.byKey.Len(key)-1 {
		s.last[key] = id
	}
	s.timers.Insert(0, order.WordOf(end), id)
	return id
}

// bound is greater than the number of every session.
func (s *sessions) bound() int { return len(s.start) }

// ended appends up to limit sessions that watermark wm ends, in the order of their ends, to dst. They are closed by close.
func (s *sessions) ended(dst []uint32, wm int64, limit int) []uint32 {
	for len(dst) < limit && s.timers.Len(0) > 0 {
		_, id := s.timers.At(0, 0)
		if s.slicer.fireAt(s.timer[id]) > wm {
			break
		}
		s.timers.Remove(0, 0)
		if s.end[id] > s.timer[id] { // it has grown
			s.timer[id] = s.end[id]
			s.timers.Insert(0, order.WordOf(s.end[id]), id)
			continue
		}
		dst = append(dst, id)
	}
	return dst
}

// next gives the watermark at which a session may end; ok is false where there is none.
func (s *sessions) next() (wm int64, ok bool) {
	if s.timers.Len(0) == 0 {
		return 0, false
	}
	_, id := s.timers.At(0, 0)
	return s.slicer.fireAt(s.timer[id]), true
}

// close forgets sessions that have ended, and keys that have none left.
func (s *sessions) close(ids []uint32) {
	s.gone = s.gone[:0]
	for _, id := range ids {
		key := s.key[id]
		s.byKey.Remove(key, s.byKey.Search(key, order.WordOf(s.start[id]), id)-1)
		switch n := s.byKey.Len(key); {
		case n == 0:
			s.last[key] = noRow
			s.gone = append(s.gone, key)
		case s.last[key] == id:
			_, s.last[key] = s.byKey.At(key, n-1)
		}
	}
	s.state.Forget(ids)
	s.free = append(s.free, ids...)
	s.table.Delete(s.gone, s.keys)
}

// groups appends the keys of sessions to dst.
func (s *sessions) groups(dst, ids []uint32) []uint32 {
	for _, id := range ids {
		dst = append(dst, s.key[id])
	}
	return dst
}

// fill appends a property of the windows ids to v.
func (s *sessions) fill(v *vec.Vector, c plan.WindowColumn, ids []uint32) {
	from := v.Len()
	v.Resize(from + len(ids))
	vals := vec.Values[int64](v)[from:]
	for k, id := range ids {
		switch c {
		case plan.WindowStart:
			vals[k] = s.start[id]
		case plan.WindowEnd:
			vals[k] = s.end[id]
		default:
			vals[k] = s.slicer.fireAt(s.end[id])
		}
	}
}
