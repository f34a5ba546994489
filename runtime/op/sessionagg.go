package op

import (
	"fmt"

	"github.com/weirstream/weir/runtime/agg"
	"github.com/weirstream/weir/runtime/plan"
	"github.com/weirstream/weir/runtime/vec"
)

// sessionAggregate groups the rows of each session of a key and gives a row when the session ends: when
// the watermark has reached its last millisecond, or the clock its end. It takes inserts and gives inserts, in the
// order of the sessions' ends. A row that touches no open session and whose own would have ended is late: it
// is counted and dropped.
//
// State: see sessions; accumulator columns by session number. Cost: a hash probe and one update a call
// for a row that extends the last session of its key; O(log n) more for one that does not, and a merge of
// accumulators where it joins two sessions.
type sessionAggregate struct {
	sessionClock
	node   *plan.WindowAggregate
	accs   *agg.Accumulators
	state  []*vec.Vector // of a session that is merged
	groups []uint32      // rows that are not in the accumulators yet, with their sessions
	rows   []int32
	batch  *vec.Batch // the present one
	owners []uint32
	out    *vec.Batch
}

func newSessionAggregate(n *plan.WindowAggregate) (*sessionAggregate, error) {
	in := n.Input.Properties().Schema
	if err := checkSession(n.Window, in); err != nil {
		return nil, err
	}
	if want := len(n.Keys) + len(n.Calls) + len(n.Windows); len(n.Schema) != want || n.Phase != plan.Single || n.InputRetract {
		return nil, fmt.Errorf("planning a session aggregate of %d columns as %d, phase %d", want, len(n.Schema), n.Phase)
	}
	a := &sessionAggregate{node: n, accs: agg.NewAccumulators(n.Calls, in, false), out: vec.NewBatch(n.Schema)}
	for _, f := range agg.PartialSchema(n.Calls)[1:] { // the first counts rows
		a.state = append(a.state, vec.New(f.Type))
	}
	for _, c := range n.Calls {
		if c.Distinct {
			return nil, unsupported("DISTINCT in the aggregates of a SESSION window")
		}
	}
	a.sessionClock = sessionClock{window: n.Window, in: in, keys: n.Keys, give: a.emit, wm: MinWatermark, sessions: &sessions{merge: a.mergeSessions}}
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
	if err := onlyInserts(b, "session aggregate"); err != nil {
		return err
	}
	times, now, err := a.times(b)
	if err != nil {
		return err
	}
	a.begin(b, a.node.Keys)
	a.batch = b
	for k, key := range a.ids {
		i := at(b.Sel, k)
		ts := now
		if times != nil {
			ts = times[i]
		}
		id, err := a.assign(key, a.local(ts), a.wm)
		if err != nil {
			return err
		}
		if id == noRow {
			a.Ctx.Late.Add(1)
			continue
		}
		a.groups, a.rows = append(a.groups, id), append(a.rows, int32(i))
	}
	a.done()
	return a.flush()
}

// flush gives the accumulators the rows collected so far.
func (a *sessionAggregate) flush() error {
	a.accs.Grow(a.bound())
	if len(a.groups) == 0 {
		return nil
	}
	err := a.accs.Add(a.groups, a.batch.Cols, a.rows)
	a.groups, a.rows = a.groups[:0], a.rows[:0]
	return err
}

func (a *sessionAggregate) mergeSessions(into, from uint32) error {
	if err := a.flush(); err != nil {
		return err
	}
	for _, v := range a.state {
		v.Reset()
	}
	if err := a.accs.AppendState([]uint32{from}, a.state); err != nil {
		return err
	}
	a.accs.Reset([]uint32{from})
	return a.accs.Merge([]uint32{into}, a.state, nil)
}

// emit gives sessions that have ended.
func (a *sessionAggregate) emit(ids []uint32) error {
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
	a.accs.Reset(ids)
	return a.Ctx.Out.Emit(a.out)
}
