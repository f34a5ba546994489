package op

import (
	"fmt"

	"github.com/weirstream/weir/connectors"
	"github.com/weirstream/weir/runtime/plan"
	"github.com/weirstream/weir/runtime/vec"
)

// sessionTableFunction gives every row its session: the input's columns, then window_start, window_end and window_time.
// What a row's session is, is known when it ends: rows are held until then, and given session by session,
// in the order of their ends, with its change kind. A row that touches no open session and whose own
// would have ended is late: it is counted and dropped. One that is taken back belongs to the session that it lies in.
//
// State: see sessions; a group table of keys; the rows that wait, in columns by number and chained to their session by 4 bytes each. Where memory is bounded, keys
// move to disk with their sessions' rows, unless there is but one, without columns. Cost: that of
// sessions, and a copy of every row; joining two sessions chains their rows together.
type sessionTableFunction struct {
	sessionClock
	node    *plan.WindowTableFunction
	retract bool             // there are other rows than inserts
	kinds   []vec.ChangeKind // by row, if so
	store   *vec.RowStore
	next    []uint32 // by row: the next of its session
	time    []int64  // by row: its window time, where rows are kept
	first   []uint32 // by session
	tail    []uint32

	numbers numberedRows
	rows    []uint32 // of the batch that is given
	ofRows  []uint32 // and their sessions
	some    []uint32 // scratch: sessions of a key
	places  []int32
	out     *vec.Batch
}

func newSessionTableFunction(n *plan.WindowTableFunction) (*sessionTableFunction, error) {
	in := n.Input.Properties().Schema
	if err := checkSession(n.Window, in); err != nil {
		return nil, err
	}
	if len(n.Schema) != len(in)+3 {
		return nil, fmt.Errorf("planning sessions of %d columns as %d", len(in)+3, len(n.Schema))
	}
	all := make([]int, len(in))
	for c := range in {
		all[c] = c
	}
	t := &sessionTableFunction{node: n, retract: n.Changes != connectors.InsertOnly, store: vec.NewRowStore(columnTypes(in, all)), out: vec.NewBatch(n.Schema)}
	t.sessionClock = newSessionClock(t, n.Window, in, n.Keys, t.emit, t.chain)
	return t, nil
}

func (t *sessionTableFunction) Process(_ int, b *vec.Batch) error {
	if !t.retract {
		if err := onlyInserts(b, "SESSION of inserts"); err != nil {
			return err
		}
	}
	return t.process(b)
}

// add processes rows whose sessions are in memory.
func (t *sessionTableFunction) add(b *vec.Batch) error {
	times, err := t.begin(b)
	if err != nil {
		return err
	}
	waits := t.waits()
	for k, key := range t.ids {
		if k%touchRows == 0 {
			t.touch(t.ids[k:min(k+touchRows, len(t.ids))])
		}
		if waits {
			t.endBefore(key)
		}
		i := at(b.Sel, k)
		ts := t.timeOf(times, i)
		id, err := t.sessionOf(key, ts, b.Kind(i), t.came.wm)
		if err != nil {
			return err
		}
		if id == noSession {
			if t.slicer.fireAt(ts+t.gap) <= t.came.wm { // not for a row taken back of a session that is not known
				t.Ctx.dropLate(b, i, t.came.wm)
			}
			continue
		}
		row := t.store.Add(b.Cols, i)
		t.hold(id, row, ts)
		if t.retract {
			t.kind(row, b.Kind(i))
		}
		t.numbers.enter(key, row)
	}
	return t.givePast()
}

// sessionOf gives the session of a row that came when the watermark was wm; noSession for one that is dropped.
func (t *sessionTableFunction) sessionOf(key uint32, ts int64, kind vec.ChangeKind, wm int64) (uint32, error) {
	if kind.Retracts() {
		return t.sessions.at(key, ts), nil
	}
	return t.assign(key, ts, wm)
}

// kind notes a row's change kind.
func (t *sessionTableFunction) kind(row uint32, k vec.ChangeKind) {
	for len(t.kinds) <= int(row) {
		t.kinds = append(t.kinds, vec.Insert)
	}
	t.kinds[row] = k
}

// hold chains a row to its session.
func (t *sessionTableFunction) hold(id, row uint32, ts int64) {
	for t.numbers.on && len(t.time) <= int(row) {
		t.time = append(t.time, 0)
	}
	if t.numbers.on {
		t.time[row] = ts
	}
	for len(t.first) <= int(id) {
		t.first, t.tail = append(t.first, noRow), append(t.tail, noRow)
	}
	for len(t.next) <= int(row) {
		t.next = append(t.next, noRow)
	}
	t.next[row] = noRow
	if t.first[id] == noRow {
		t.first[id] = row
	} else {
		t.next[t.tail[id]] = row
	}
	t.tail[id] = row
}

// chain makes the rows of a session part of another. Both have rows.
func (t *sessionTableFunction) chain(into, from uint32) error {
	t.next[t.tail[into]] = t.first[from]
	t.tail[into] = t.tail[from]
	t.first[from] = noRow
	return nil
}

// emit gives the rows of sessions that have ended.
func (t *sessionTableFunction) emit(ids []uint32) error {
	for _, id := range ids {
		for row := t.first[id]; row != noRow; row = t.next[row] {
			t.rows, t.ofRows = append(t.rows, row), append(t.ofRows, id)
			if len(t.rows) >= batchSize(t.Ctx.Config) {
				if err := t.flush(); err != nil {
					return err
				}
			}
		}
		t.first[id] = noRow
	}
	return t.flush()
}

func (t *sessionTableFunction) flush() error {
	if len(t.rows) == 0 {
		return nil
	}
	t.out.Reset()
	n := len(t.input)
	for c := range n {
		t.places = t.store.ShareColumn(t.out.Cols[c], c, t.rows, t.places)
	}
	for c, v := range t.out.Cols[n:] {
		t.fill(v, plan.WindowColumn(c), t.ofRows)
	}
	t.out.SetLen(len(t.rows))
	if t.retract {
		kinds := t.out.EnsureKinds()
		for k, row := range t.rows {
			kinds[k] = t.kinds[row]
		}
	}
	t.numbers.forget(t.rows)
	t.store.Free(t.rows)
	t.rows, t.ofRows = t.rows[:0], t.ofRows[:0]
	return t.Ctx.Out.Emit(t.out)
}
