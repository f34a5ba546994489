package op

import (
	"fmt"
	"time"

	"github.com/weirstream/weir/runtime/agg"
	"github.com/weirstream/weir/runtime/plan"
	"github.com/weirstream/weir/runtime/vec"
	"github.com/weirstream/weir/state"
)

// localGroupAggregate is the first half of an aggregation that is done in two phases: it adds up,
// before the exchange, what one subtask has of each group. Input and output are inserts; the
// output is the keys and agg.PartialSchema.
//
// What is added up is given after localLatency, at a watermark, at the end, or when there are more
// than maxPartials groups. Where adding up does not pay, because most groups have a single
// row, rows pass through as partial results of their own, and now and then it is tried again. With
// Config.RowByRow all rows pass.
//
// State: a group table and accumulator columns; at a barrier everything is given, so that there
// is none to keep. Cost: a hash probe and an update a call, or, passing through, a copy.
type localGroupAggregate struct {
	Base
	node    *plan.GroupAggregate
	held    *slice
	passed  *slice // groups that are one row each
	keys    *vec.KeyBatch
	keyCols []*vec.Vector
	ids     []uint32
	out     *vec.Batch
	seen    int       // rows since everything was given
	pass    int       // rows still to pass through
	passes  int       // how many at the next time that adding up does not pay
	lone    vec.Batch // scratch: rows that pass through
	asked   bool
}

// localLatency is how long a partial result may be held back.
const localLatency = 20 * time.Millisecond

func newLocalGroupAggregate(n *plan.GroupAggregate) (*localGroupAggregate, error) {
	if n.InputRetract || !agg.Splittable(n.Calls) {
		return nil, fmt.Errorf("planning an aggregation in two phases that needs one")
	}
	if want := len(n.Keys) + len(agg.PartialSchema(n.Calls)); len(n.Schema) != want {
		return nil, fmt.Errorf("planning a local group aggregate of %d columns as %d", want, len(n.Schema))
	}
	in := n.Input.Properties().Schema
	s := slices{
		keys: columnTypes(in, n.Keys),
		make: func() *agg.Accumulators { return agg.NewAccumulators(n.Calls, in, false) },
	}
	return &localGroupAggregate{
		node: n, held: s.fresh(0), passed: s.fresh(0), keys: vec.NewKeyBatch(s.keys), out: vec.NewBatch(n.Schema), passes: passRows,
	}, nil
}

func (l *localGroupAggregate) Process(_ int, b *vec.Batch) (err error) {
	if err := onlyInserts(b, "local aggregate"); err != nil {
		return err
	}
	if l.Ctx.Config.RowByRow {
		return l.passThrough(b)
	}
	if l.pass > 0 {
		l.pass -= b.Rows()
		return l.passThrough(b)
	}
	l.keyCols = columns(l.keyCols, b, l.node.Keys)
	l.keys.Set(l.keyCols, b.Rows(), b.Sel)
	if l.ids, err = l.held.add(l.keys, l.ids, b.Cols, b.Sel); err != nil {
		return err
	}
	l.seen += b.Rows()
	groups := l.held.table.Len()
	if apart(groups, l.seen) {
		l.pass, l.passes = l.passes, min(2*l.passes, maxPassRows)
		return l.flush()
	}
	if l.seen >= trialRows {
		l.passes = passRows
	}
	if groups > maxPartials {
		return l.flush()
	}
	if !l.asked {
		l.asked = true
		l.Ctx.WakeAt(l.Ctx.Clock.Now().Add(localLatency))
	}
	return nil
}

// passThrough gives each row as a partial result: a group of its own, without a table. Where the state of a
// lone row is a column of the input, nothing is copied.
func (l *localGroupAggregate) passThrough(b *vec.Batch) error {
	n := b.Rows()
	if lone, ok := l.passed.accs.Singles(b, columns(l.lone.Cols[:0], b, l.node.Keys)); ok {
		l.lone = vec.Batch{Cols: lone, Sel: b.Sel}
		l.lone.SetLen(b.Len())
		return l.Ctx.Out.Emit(&l.lone)
	}
	l.number(0, n)
	l.passed.accs.Clear()
	l.passed.accs.Grow(n)
	if err := l.passed.accs.Add(l.ids, b.Cols, b.Sel); err != nil {
		return err
	}
	l.out.Reset()
	for i, c := range l.node.Keys {
		l.out.Cols[i].AppendRows(b.Cols[c], b.Sel)
	}
	return l.give(l.passed.accs)
}

// number sets ids to from, from+1, …, to-1.
func (l *localGroupAggregate) number(from, to int) {
	l.ids = l.ids[:0]
	for id := from; id < to; id++ {
		l.ids = append(l.ids, uint32(id))
	}
}

// give completes a batch whose keys are there.
func (l *localGroupAggregate) give(accs *agg.Accumulators) error {
	if err := accs.AppendState(l.ids, l.out.Cols[len(l.node.Keys):]); err != nil {
		return err
	}
	l.out.SetLen(len(l.ids))
	return l.Ctx.Out.Emit(l.out)
}

// flush gives and forgets everything that is held.
func (l *localGroupAggregate) flush() error {
	size, n := batchSize(l.Ctx.Config), l.held.table.Len()
	for from := 0; from < n; from += size {
		l.number(from, min(from+size, n))
		l.out.Reset()
		l.held.table.AppendKeys(l.ids, l.out.Cols[:len(l.node.Keys)])
		if err := l.give(l.held.accs); err != nil {
			return err
		}
	}
	l.held.table.Reset()
	l.held.accs.Clear()
	l.seen = 0
	return nil
}

func (l *localGroupAggregate) Tick(time.Time) error {
	l.asked = false
	return l.flush()
}

func (l *localGroupAggregate) Watermark(wm int64) error {
	if err := l.flush(); err != nil {
		return err
	}
	return l.Ctx.Out.EmitWatermark(wm)
}

// Finish gives what is left.
func (l *localGroupAggregate) Finish() error { return l.flush() }

// Snapshot gives everything, so that there is nothing to keep.
func (l *localGroupAggregate) Snapshot() (state.Frozen, error) {
	if err := l.flush(); err != nil {
		return state.Frozen{}, err
	}
	return l.Base.Snapshot()
}
