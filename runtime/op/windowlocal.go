package op

import (
	"fmt"
	"math"
	slicing "slices"

	"github.com/weirstream/weir/runtime/agg"
	"github.com/weirstream/weir/runtime/plan"
	"github.com/weirstream/weir/runtime/vec"
	"github.com/weirstream/weir/sql/types"
	"github.com/weirstream/weir/state"
)

// localWindowAggregate is the first half of a window aggregation that is done in two phases: it
// adds up, before the exchange, what one subtask has of each slice and group. Its output is the
// keys, the slice's end (BIGINT, milliseconds of window time) and agg.PartialSchema of agg.Counting.
//
// Slices are given, in order, as soon as a watermark completes one of their windows, so that the
// second half has them in time; all of them when there are more than maxPartials groups. Where
// adding up does not pay, because most groups have a single row, rows pass through as partial
// results of their own and only now and then it is tried again. Late rows pass too: the second half,
// which has the watermark of all inputs, decides about them.
//
// State: group tables like windowAggregate's, which slices of HOP windows share; at a barrier everything is given, so that there is
// none to keep. Cost: a hash probe and an update a call, or, passing through, a copy.
type localWindowAggregate struct {
	Base
	router
	groups []uint32 // scratch: ids of a slice
	out    *vec.Batch
	wm     int64

	seen   int // rows since the last look at how much adding up saves
	passed *slice
	pass   int         // rows still to pass through
	passes int         // how many at the next time that adding up does not pay
	lone   vec.Batch   // scratch: rows that pass through
	ends   *vec.Vector // of their slices
}

const (
	maxPartials = 1 << 17 // groups held at a time
	// Out of every passRows + trialRows rows, trialRows are added up to see whether it pays, fewer where hardly any two go together; more
	// and more pass as long as it does not.
	trialRows   = 1 << 16
	glanceRows  = 1 << 13
	passRows    = 1 << 20
	maxPassRows = 1 << 23
)

func newLocalWindowAggregate(n *plan.WindowAggregate) (*localWindowAggregate, error) {
	l := &localWindowAggregate{wm: MinWatermark, passes: passRows, ends: vec.New(types.New(types.BigInt))}
	in := n.Input.Properties().Schema
	if err := checkWindow(n.Window, in, n.Phase); err != nil {
		return nil, err
	}
	if n.Window.ProcTime || !agg.Splittable(n.Calls) {
		return nil, fmt.Errorf("planning an aggregation in two phases that needs one")
	}
	calls, _ := agg.Counting(n.Calls)
	if want := len(n.Keys) + 1 + len(agg.PartialSchema(calls)); len(n.Schema) != want {
		return nil, fmt.Errorf("planning a local window aggregate of %d columns as %d", want, len(n.Schema))
	}
	l.router = newRouter(n, calls, false)
	l.passed = l.slices.fresh(0)
	l.out = vec.NewBatch(n.Schema)
	return l, nil
}

func (l *localWindowAggregate) Open(ctx *Context) error {
	l.open(ctx.Config.Zone)
	l.take = l.addTo
	return l.Base.Open(ctx)
}

func (l *localWindowAggregate) Process(_ int, b *vec.Batch) error {
	if err := onlyInserts(b, "window aggregate"); err != nil {
		return err
	}
	times, err := rowtimes(b, l.node.Window.TimeCol, l.node.Input.Properties().Schema)
	if err != nil {
		return err
	}
	if l.pass > 0 {
		l.pass -= b.Rows()
		return l.passThrough(b, times)
	}
	l.seen += b.Rows()
	if err := l.route(b, times, true); err != nil {
		return err
	}
	held := l.slices.groups()
	if apart(held, l.seen) {
		l.pass, l.passes = l.passes, min(2*l.passes, maxPassRows)
		return l.flush(math.MaxInt64)
	}
	if l.seen >= trialRows {
		l.passes = passRows
	}
	if held > maxPartials {
		return l.flush(math.MaxInt64)
	}
	return nil
}

// apart reports whether adding up does not pay: rows have gone to nearly as many groups.
func apart(groups, rows int) bool {
	return rows >= trialRows && 2*groups > rows || rows >= glanceRows && 16*groups > 15*rows
}

func (l *localWindowAggregate) addTo(s *slice, b *vec.Batch, rows []int32, n int) (err error) {
	l.setKeys(b, rows, n)
	l.ids, err = s.add(l.keys, l.ids, b.Cols, rows)
	return err
}

// passThrough gives each row as a partial result: a group of its own, without a table. Where the state of a
// lone row is a column of the input, nothing is copied.
func (l *localWindowAggregate) passThrough(b *vec.Batch, times []int64) error {
	n, nk := b.Rows(), len(l.node.Keys)
	if n == 0 {
		return nil
	}
	if lone, ok := l.passed.accs.Singles(b, columns(l.lone.Cols[:0], b, l.node.Keys)); ok {
		l.ends.Resize(b.Len())
		l.sliceEnds(vec.Values[int64](l.ends), times, nil)
		l.lone = vec.Batch{Cols: slicing.Insert(lone, nk, l.ends), Sel: b.Sel}
		l.lone.SetLen(b.Len())
		return l.Ctx.Out.Emit(&l.lone)
	}
	l.ids = l.ids[:0]
	for k := range n {
		l.ids = append(l.ids, uint32(k))
	}
	accs := l.passed.accs
	accs.Clear()
	accs.Grow(n)
	if err := accs.Add(l.ids, b.Cols, b.Sel); err != nil {
		return err
	}
	l.out.Reset()
	for i, c := range l.node.Keys {
		l.out.Cols[i].AppendRows(b.Cols[c], b.Sel)
	}
	l.out.Cols[nk].Resize(n)
	l.sliceEnds(vec.Values[int64](l.out.Cols[nk]), times, b.Sel)
	return l.give(accs, l.ids)
}

// sliceEnds sets dst to the ends of the slices of the rows sel, at least one.
func (l *localWindowAggregate) sliceEnds(dst, times []int64, sel []int32) {
	lo, hi := bounds(times, sel)
	if end := l.slicer.sliceEnd(lo); l.slicer.covers(lo, hi) {
		for k := range dst {
			dst[k] = end
		}
		return
	}
	for k := range dst {
		dst[k] = l.slicer.sliceEnd(times[at(sel, k)])
	}
}

// give completes a batch whose keys and slice ends are there.
func (l *localWindowAggregate) give(accs *agg.Accumulators, ids []uint32) error {
	if err := accs.AppendState(ids, l.out.Cols[len(l.node.Keys)+1:]); err != nil {
		return err
	}
	l.out.SetLen(len(ids))
	return l.Ctx.Out.Emit(l.out)
}

// Watermark gives the slices of which it completes a window.
func (l *localWindowAggregate) Watermark(wm int64) error {
	if err := l.flush(wm); err != nil {
		return err
	}
	l.wm = wm
	return l.Ctx.Out.EmitWatermark(wm)
}

// Finish gives what is left.
func (l *localWindowAggregate) Finish() error { return l.flush(math.MaxInt64) }

// flush gives and closes the slices of which a window is complete at wm.
func (l *localWindowAggregate) flush(wm int64) error {
	n := 0
	for n < len(l.slices.open) && l.slicer.fireAt(l.slices.open[n].end) <= wm {
		if err := l.emit(l.slices.open[n]); err != nil {
			return err
		}
		n++
	}
	l.slices.drop(0, n)
	if len(l.slices.open) == 0 {
		l.seen = 0
	}
	return nil
}

func (l *localWindowAggregate) emit(s *slice) error {
	size, nk := batchSize(l.Ctx.Config), len(l.node.Keys)
	l.groups = s.ids(l.groups[:0])
	for from := 0; from < len(l.groups); from += size {
		ids := l.groups[from:min(from+size, len(l.groups))]
		l.out.Reset()
		s.table.AppendKeys(ids, l.out.Cols[:nk])
		fill(l.out.Cols[nk], s.end, len(ids))
		if err := l.give(s.accs, ids); err != nil {
			return err
		}
	}
	return nil
}

// Snapshot gives everything, so that there is nothing to keep.
func (l *localWindowAggregate) Snapshot() (state.Frozen, error) {
	if err := l.flush(math.MaxInt64); err != nil {
		return state.Frozen{}, err
	}
	return l.Base.Snapshot()
}
