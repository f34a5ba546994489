package op

import (
	"math"
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
// State: 12 bytes a key, whose table is the operator's; 28 bytes a session, and 12 for its timer; where a key has several sessions a list of
// them by start (12 bytes an entry). A session that grows keeps its timer: when that comes up it is put behind again, so
// that a row that extends the last session of its key touches nothing else; nor does one that opens a key's first. All else costs O(log n)
// in the sessions of the key. A session that is gone before its time leaves its timer, and its place, until that comes up, or until there are too many of these.
type sessions struct {
	slicer  *slicer
	gap     int64
	last    []lastSession // by key
	several *order.Forest // by key: its sessions, where there are at least two
	held    int           // keys with sessions
	timers  order.Timers

	all     []session // the first is noSession's
	number  []int64   // by session: where it is kept, a name for good
	key     []uint32  // by session; noRow: there is none at this place
	free    []uint32
	left    int   // places that are neither free nor of a session: their timers have not come up
	opened  int64 // the last number
	tracked *state.Rows

	// merge is told that session from has become a part of into.
	merge func(into, from uint32) error

	touched int64 // keeps the reads of touch
}

// session is the bounds of one of them, or a free place: what each row looks at.
type session struct{ start, end int64 }

// lastSession is twice the number of a key's session with the latest start, or of noSession, and 1 more where the key has several.
type lastSession uint32

func (l lastSession) id() uint32    { return uint32(l >> 1) }
func (l lastSession) several() bool { return l&1 != 0 }

// noSession is the number of no session, at whose place there is one that no row touches.
const noSession = 0

func newSessions(w plan.Window, zone *time.Location) *sessions {
	s := &sessions{
		slicer: newSlicer(plan.Window{Kind: plan.Tumble, Size: w.Size, Local: w.Local}, zone), gap: w.Size, several: order.NewForest(nil),
		all: []session{noSession: {start: math.MaxInt64, end: math.MinInt64}}, number: []int64{noSession: 0}, key: []uint32{noSession: noRow},
	}
	s.timers.Renew = s.ends
	return s
}

// ends gives the ends of sessions, as words.
func (s *sessions) ends(ids []uint32, words []uint64) {
	for i, id := range ids {
		words[i] = order.WordOf(s.all[id].end)
	}
}

// touchRows is how many rows are read ahead.
const touchRows = 256

// touch fetches the last sessions of keys: what is done with them has branches that depend on them, which keep the processor from
// running past a cache miss.
func (s *sessions) touch(keys []uint32) {
	sum := int64(0)
	for _, key := range keys {
		sum += s.all[s.last[key].id()].end
	}
	s.touched = sum
}

// grow makes room for keys below a bound.
func (s *sessions) grow(bound int) {
	s.several.Grow(bound)
	for len(s.last) < bound {
		s.last = append(s.last, noSession)
	}
}

// local gives an instant on the clock of window time.
func (s *sessions) local(ts int64) int64 { return s.slicer.local(ts) }

// assign gives the session of a row at ts, opening one where it touches none; noSession where that one would have ended
// at watermark wm already: the row is late.
func (s *sessions) assign(key uint32, ts, wm int64) (uint32, error) {
	l := s.last[key].id()
	if x := &s.all[l]; ts >= x.start && ts <= x.end {
		x.end = max(x.end, ts+s.gap)
		s.tracked.MarkOne(l)
		return l, nil
	}
	left, right := s.around(key, ts)
	if left != noSession && ts > s.all[left].end {
		left = noSession
	}
	if right != noSession && s.all[right].start > ts+s.gap {
		right = noSession
	}
	switch {
	case left != noSession && right != noSession:
		return left, s.join(key, left, right)
	case left != noSession:
		s.all[left].end = max(s.all[left].end, ts+s.gap)
		s.tracked.MarkOne(left)
		return left, nil
	case right != noSession:
		s.unlink(key, right)
		s.all[right].start = ts
		s.link(key, right)
		s.tracked.MarkOne(right)
		return right, nil
	case s.slicer.fireAt(ts+s.gap) <= wm:
		return noSession, nil
	}
	return s.open(key, ts), nil
}

// around gives the sessions of a key next to ts: that which begins last at or before it, and that which begins first after it; noSession where
// there is none.
func (s *sessions) around(key uint32, ts int64) (left, right uint32) {
	if l := s.last[key]; !l.several() {
		if s.all[l.id()].start > ts {
			return noSession, l.id()
		}
		return l.id(), noSession
	}
	left, right = noSession, noSession
	at := s.several.Search(key, order.WordOf(ts), 0)
	if at > 0 {
		_, left = s.several.At(key, at-1)
	}
	if at < s.several.Len(key) {
		_, right = s.several.At(key, at)
	}
	return left, right
}

// at gives the session of a key that a time lies in; noSession where there is none.
func (s *sessions) at(key uint32, ts int64) uint32 {
	if left, _ := s.around(key, ts); left != noSession && ts <= s.all[left].end {
		return left
	}
	return noSession
}

// link makes a session one of its key's.
func (s *sessions) link(key, id uint32) {
	l := s.last[key]
	if l.id() == noSession {
		s.last[key] = lastSession(id << 1)
		s.held++
		return
	}
	if !l.several() {
		s.several.Insert(key, order.WordOf(s.all[l.id()].start), l.id())
	}
	s.several.Insert(key, order.WordOf(s.all[id].start), id)
	s.setLast(key)
}

// setLast notes the last of several sessions, or the one that is left of them.
func (s *sessions) setLast(key uint32) {
	n := s.several.Len(key)
	_, id := s.several.At(key, n-1)
	s.last[key] = lastSession(id << 1)
	if n > 1 {
		s.last[key]++
	}
}

// unlink takes a session from its key.
func (s *sessions) unlink(key, id uint32) {
	if !s.last[key].several() {
		s.last[key] = noSession
		s.held--
		return
	}
	s.several.Remove(key, s.several.Search(key, order.WordOf(s.all[id].start), 0)-1)
	s.setLast(key)
	if s.several.Len(key) == 1 {
		s.several.Clear(key)
	}
}

// taken gives the session that a row lies in that is taken back, or noSession: it has been fired already, and the row is late,
// or nothing is known of it.
func (s *sessions) taken(key uint32, ts, wm int64) (id uint32, late bool) {
	id = s.at(key, ts)
	return id, id == noSession && s.slicer.fireAt(ts+s.gap) <= wm
}

// join makes one of two sessions of a key.
func (s *sessions) join(key, left, right uint32) error {
	s.unlink(key, right)
	s.all[left].end = s.all[right].end
	s.tracked.MarkOne(left)
	if err := s.merge(left, right); err != nil {
		return err
	}
	s.tracked.ForgetOne(right)
	s.vacate(right)
	return nil
}

// vacate notes that a session is no more, whose timer has not come up.
func (s *sessions) vacate(id uint32) {
	s.key[id] = noRow
	s.left++
}

func (s *sessions) open(key uint32, ts int64) uint32 {
	s.opened++
	id := s.put(key, ts, ts+s.gap, s.opened)
	s.tracked.MarkOne(id)
	return id
}

// put makes a session [start, end). One that has been on disk may end before others that have been closed.
func (s *sessions) put(key uint32, start, end, number int64) uint32 {
	id := uint32(len(s.all))
	if n := len(s.free); n > 0 {
		id = s.free[n-1]
		s.free = s.free[:n-1]
	} else {
		s.all, s.number, s.key = append(s.all, session{}), append(s.number, 0), append(s.key, 0)
	}
	s.all[id], s.number[id], s.key[id] = session{start: start, end: end}, number, key
	s.link(key, id)
	s.timers.Add(end, id)
	return id
}

// bound is greater than the number of every session.
func (s *sessions) bound() int { return len(s.all) }

// ended appends up to limit sessions that watermark wm ends, in the order of their ends, to dst. They are closed by close.
func (s *sessions) ended(dst []uint32, wm int64, limit int) []uint32 {
	due := func(end int64) bool { return s.slicer.fireAt(end) <= wm }
	for len(dst) < limit {
		id, at, ok := s.timers.Pop(due)
		if !ok {
			break
		}
		switch end := s.all[id].end; {
		case s.key[id] == noRow:
			s.free = append(s.free, id)
			s.left--
		case end > at: // it has grown
			s.timers.Add(end, id)
		default:
			dst = append(dst, id)
		}
	}
	return dst
}

// next gives the watermark at which a session may end; ok is false where there is none.
func (s *sessions) next() (wm int64, ok bool) {
	_, end, ok := s.timers.Next()
	if !ok {
		return 0, false
	}
	return s.slicer.fireAt(end), true
}

// close forgets sessions that have ended.
func (s *sessions) close(ids []uint32) {
	for _, id := range ids {
		s.unlink(s.key[id], id)
	}
	s.tracked.Forget(ids)
	for _, id := range ids {
		s.key[id] = noRow
	}
	s.free = append(s.free, ids...)
}

// first gives a key's session that ends first, or noSession.
func (s *sessions) first(key uint32) uint32 {
	if l := s.last[key]; !l.several() {
		return l.id()
	}
	_, id := s.several.At(key, 0)
	return id
}

// of appends the sessions of a key to dst.
func (s *sessions) of(dst []uint32, key uint32) []uint32 {
	switch l := s.last[key]; {
	case l.several():
		return s.several.Append(dst, key, 0, s.several.Len(key))
	case l.id() != noSession:
		return append(dst, l.id())
	}
	return dst
}

// forget drops sessions of keys that have been moved to disk.
func (s *sessions) forget(keys, ids []uint32) {
	for _, key := range keys {
		if l := s.last[key]; l.id() != noSession {
			s.held--
			if s.last[key] = noSession; l.several() {
				s.several.Clear(key)
			}
		}
	}
	for _, id := range ids {
		s.vacate(id)
	}
	if s.left > minLeft && s.left > s.timers.Len()/8 {
		s.renewTimers()
	}
}

// minLeft is how many timers without sessions are left in any case.
const minLeft = 64

// renewTimers has timers for sessions only.
func (s *sessions) renewTimers() {
	s.timers.Clear()
	s.free, s.left = s.free[:0], 0
	for id := len(s.all) - 1; id > noSession; id-- {
		if s.key[id] == noRow {
			s.free = append(s.free, uint32(id))
		} else {
			s.timers.Add(s.all[id].end, uint32(id))
		}
	}
}

// count is the number of sessions.
func (s *sessions) count() int { return len(s.all) - 1 - len(s.free) - s.left }

// memory gives the bytes that they take.
func (s *sessions) memory() int {
	return 16*cap(s.all) + 8*cap(s.number) + 4*(cap(s.key)+cap(s.free)+cap(s.last)) + s.several.Memory() + s.timers.Memory()
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
	switch c {
	case plan.WindowStart:
		for k, id := range ids {
			vals[k] = s.all[id].start
		}
	case plan.WindowEnd:
		for k, id := range ids {
			vals[k] = s.all[id].end
		}
	default:
		for k, id := range ids {
			vals[k] = s.slicer.fireAt(s.all[id].end)
		}
	}
}
