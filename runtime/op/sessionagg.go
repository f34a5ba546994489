package op

import (
	"fmt"

	"github.com/weirstream/weir/runtime/agg"
	"github.com/weirstream/weir/runtime/plan"
	"github.com/weirstream/weir/runtime/vec"
)

// sessionAggregate groups the rows of each session of a key and gives a row when the session ends: when
// the watermark has reached its last millisecond, or the clock its end. It gives inserts, in the
// order of the sessions' ends. A row that touches no open session and whose own would have ended is late: it
// is counted and dropped. A row that is taken back leaves its session's bounds as they are, as in Flink; a session without
// rows is not given, and one that is taken back of a session that is not known is passed over.
//
// State: see sessions; a group table of keys; accumulator columns by session number, over updates also the number of rows. Where memory is bounded, keys move to disk
// with their sessions, unless there is but one, without columns, or calls have tables of their own. Cost: a hash probe and one update a call
// for a row that extends the last session of its key; O(log n) more for one that does not, and a merge of
// accumulators where it joins two sessions.
type sessionAggregate struct {
	sessionClock
	node   *plan.WindowAggregate
	accs   *agg.Accumulators
	in     split   // rows that are not in the accumulators yet, with their sessions
	back   split   // rows that are not taken back yet
	count  []int64 // by session, if the input retracts: its rows
	given  []uint32
	loaded []uint32   // sessions that come from disk, or go there
	batch  *vec.Batch // the present one
	owners []uint32
	out    *vec.Batch
}

func newSessionAggregate(n *plan.WindowAggregate) (*sessionAggregate, error) {
	in := n.Input.Properties().Schema
	if err := checkSession(n.Window, in); err != nil {
		return nil, err
	}
	if want := len(n.Keys) + len(n.Calls) + len(n.Windows); len(n.Schema) != want || n.Phase != plan.Single {
		return nil, fmt.Errorf("planning a session aggregate of %d columns as %d, phase %d", want, len(n.Schema), n.Phase)
	}
	a := &sessionAggregate{node: n, accs: agg.NewAccumulators(n.Calls, in, n.InputRetract), out: vec.NewBatch(n.Schema)}
	a.accs.Joining()
	a.sessionClock = newSessionClock(a, n.Window, in, n.Keys, a.emit, a.mergeSessions)
	return a, nil
}

// checkSession finds faults of the plan.
func checkSession(w plan.Window, in vec.Schema) error {
	if w.Kind != plan.Session || w.Size <= 0 {
		return fmt.Errorf("planning sessions with a gap of %d", w.Size)
	}
	if t := in[w.TimeCol].Type; !w.ProcTime && (!t.IsTimestamp() || t.Precision > 3) {
		return fmt.Errorf("planning sessions over column %s of type %s, which is no time attribute", in[w.TimeCol].Name, t)
	}
	return nil
}

func (a *sessionAggregate) Process(_ int, b *vec.Batch) error {
	if !a.node.InputRetract {
		if err := onlyInserts(b, "session aggregate of inserts"); err != nil {
			return err
		}
	}
	return a.process(b)
}

// add processes rows whose sessions are in memory.
func (a *sessionAggregate) add(b *vec.Batch) error {
	times, err := a.begin(b)
	if err != nil {
		return err
	}
	a.batch = b
	waits := a.waits()
	for k, key := range a.ids {
		if k%touchRows == 0 {
			a.touch(a.ids[k:min(k+touchRows, len(a.ids))])
		}
		if waits {
			a.endBefore(key)
		}
		i := at(b.Sel, k)
		ts := a.timeOf(times, i)
		if b.Kinds != nil && b.Kinds[i].Retracts() {
			a.takeBack(key, ts, int32(i))
			continue
		}
		id, err := a.assign(key, ts, a.came.wm)
		if err != nil {
			return err
		}
		if id == noSession {
			a.Ctx.dropLate(b, i, a.came.wm)
			continue
		}
		a.in.add(id, int32(i))
		a.counts(id, 1)
	}
	if err := a.flush(); err != nil {
		return err
	}
	return a.givePast()
}

// counts changes the number of a session's rows.
func (a *sessionAggregate) counts(id uint32, by int64) {
	if !a.node.InputRetract {
		return
	}
	for len(a.count) <= int(id) {
		a.count = append(a.count, 0)
	}
	a.count[id] += by
}

// takeBack takes a row back from the session that it lies in.
func (a *sessionAggregate) takeBack(key uint32, ts int64, row int32) {
	id, late := a.taken(key, ts, a.came.wm)
	if late {
		a.Ctx.dropLate(a.batch, int(row), a.came.wm)
	}
	if id == noSession {
		return
	}
	a.back.add(id, row)
	a.counts(id, -1)
	a.tracked.MarkOne(id)
}

// flush gives the accumulators the rows collected so far.
func (a *sessionAggregate) flush() error {
	a.accs.Grow(a.bound())
	if len(a.in.groups) > 0 {
		if err := a.accs.Add(a.in.groups, a.batch.Cols, a.in.rows); err != nil {
			return err
		}
	}
	if len(a.back.groups) > 0 {
		if err := a.accs.Retract(a.back.groups, a.batch.Cols, a.back.rows); err != nil {
			return err
		}
	}
	a.in.reset()
	a.back.reset()
	return nil
}

func (a *sessionAggregate) mergeSessions(into, from uint32) error {
	if err := a.flush(); err != nil {
		return err
	}
	if a.node.InputRetract {
		a.count[into] += a.count[from]
		a.count[from] = 0
	}
	return a.accs.Join(into, from)
}

// emit gives sessions that have ended.
func (a *sessionAggregate) emit(all []uint32) error {
	ids := a.withRows(all)
	defer a.accs.Reset(all)
	if len(ids) == 0 {
		return nil
	}
	nk := len(a.node.Keys)
	a.owners = a.sessions.groups(a.owners[:0], ids)
	a.out.Reset()
	a.table.AppendKeys(a.owners, a.out.Cols[:nk])
	if err := a.accs.Results(ids, a.out.Cols[nk:nk+len(a.node.Calls)]); err != nil {
		return err
	}
	for i, c := range a.node.Windows {
		a.fill(a.out.Cols[nk+len(a.node.Calls)+i], c, ids)
	}
	a.out.SetLen(len(ids))
	return a.Ctx.Out.Emit(a.out)
}

// withRows leaves out sessions whose rows have all been taken back.
func (a *sessionAggregate) withRows(all []uint32) []uint32 {
	if !a.node.InputRetract {
		return all
	}
	a.given = a.given[:0]
	for _, id := range all {
		if a.count[id] > 0 {
			a.given = append(a.given, id)
		}
		a.count[id] = 0
	}
	return a.given
}
