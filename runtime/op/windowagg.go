package op

import (
	"fmt"
	"math"
	"time"

	"github.com/weirstream/weir/runtime/agg"
	"github.com/weirstream/weir/runtime/plan"
	"github.com/weirstream/weir/runtime/vec"
	"github.com/weirstream/weir/sql/types"
)

// windowAggregate groups the rows of each window by key and gives a row for every group when the
// window fires: when the watermark has reached the window's last millisecond or, for
// processing time, when the clock has reached its end. It gives inserts.
//
// A row is added to its slice, once, whatever the number of windows it is in (see slicer). A
// TUMBLE window is a slice and is given straight from it. A HOP window is put together from its
// slices when it fires. A CUMULATE window grows: at each step the new slice is absorbed into
// what the steps before have collected.
//
// A row is late, counted and dropped when the last window of its slice has fired; if only some
// have, it still counts for the others.
//
// State: for every open slice accumulator columns and a group table, which slices of HOP windows may share (see sliceKeys), kept by the slice's end
// and removed as a whole when it has fired. Cost: a row costs a hash probe and
// one update a call; a HOP window costs a merge for every group of each of its slices (see windowUnion), a
// CUMULATE step one for every group of the last slice. Rows leave by window end, keys in the order in
// which they came; in HOP windows in the order in which they came to the slices that share them.
//
// If the input retracts, rows are taken back from their slices, a late one is dropped like any other, and
// a group with as many rows taken back as in is not given.
//
// In the Global phase rows are partial results (see localWindowAggregate).
type windowAggregate struct {
	Base
	router
	given   *vec.Batch
	groups  []uint32 // scratch: ids of a window
	group   []uint32 // scratch: those of a batch that is given
	ordered bool     // some aggregate depends on the order of the rows
	in, out split    // rows to take in and back, if the input retracts
	counts  *vec.Vector
	wm      int64

	// Of partial results: the column with the number of rows, and the first of the calls' states.
	rowsCol, stateCol int
}

func newWindowAggregate(n *plan.WindowAggregate) (*windowAggregate, error) {
	w := &windowAggregate{wm: MinWatermark}
	in := n.Input.Properties().Schema
	if err := checkWindow(n.Window, in, n.Phase); err != nil {
		return nil, err
	}
	if want := len(n.Keys) + len(n.Calls) + len(n.Windows); len(n.Schema) != want {
		return nil, fmt.Errorf("planning a window aggregate of %d columns as %d", want, len(n.Schema))
	}
	calls := n.Calls
	if n.InputRetract {
		calls = append([]agg.Call{agg.RowsCall()}, calls...)
		w.counts = vec.New(calls[0].Sig.Result)
	}
	w.router = newRouter(n, calls, n.InputRetract)
	if n.Phase == plan.Global {
		counting, column := agg.Counting(n.Calls)
		first := len(n.Keys) + 1
		w.rowsCol, w.stateCol = first+column, first+len(counting)-len(n.Calls)
	}
	for _, c := range n.Calls {
		if n.InputRetract && c.Fn.AppendOnly {
			return nil, unsupported(c.Fn.Name + " over a changelog with updates")
		}
		w.ordered = w.ordered || c.Fn.Ordered
	}
	w.given = vec.NewBatch(n.Schema)
	return w, nil
}

// checkWindow finds faults of the plan, and what does not run yet.
func checkWindow(w plan.Window, in vec.Schema, phase plan.Phase) error {
	switch {
	case w.Kind == plan.Session:
		return unsupported("SESSION windows")
	case w.Size <= 0 || w.Kind != plan.Tumble && w.Slide <= 0:
		return fmt.Errorf("planning a window of size %d and slide %d", w.Size, w.Slide)
	case phase == plan.Global || w.ProcTime:
		return nil
	}
	t := in[w.TimeCol].Type
	if !t.IsTimestamp() || t.Precision > types.MaxRowtimePrecision {
		return fmt.Errorf("planning a window over column %s of type %s, which is no time attribute", in[w.TimeCol].Name, t)
	}
	return nil
}

func columnTypes(in vec.Schema, cols []int) []types.Type {
	var ts []types.Type
	for _, c := range cols {
		ts = append(ts, in[c].Type)
	}
	return ts
}

func (w *windowAggregate) Open(ctx *Context) error {
	w.open(ctx.Config.Zone)
	w.take, w.drop = w.addTo, w.isLate
	if err := w.Base.Open(ctx); err != nil {
		return err
	}
	return w.keep()
}

func (w *windowAggregate) Process(_ int, b *vec.Batch) error {
	if err := w.add(b); err != nil {
		return err
	}
	return w.spill()
}

func (w *windowAggregate) add(b *vec.Batch) error {
	if !w.node.InputRetract {
		if err := onlyInserts(b, "window aggregate of inserts"); err != nil {
			return err
		}
	}
	if w.node.Phase == plan.Global {
		return w.merge(b)
	}
	if w.node.Window.ProcTime {
		now := max(w.Ctx.Clock.Now().UnixMilli(), w.wm+1) // a clock that is set back fires nothing twice
		end := w.slicer.sliceEnd(now)
		w.Ctx.WakeAt(time.UnixMilli(w.slicer.fireAt(end) + 1))
		return w.addTo(w.slices.at(end), b, b.Sel, b.Rows())
	}
	times, err := rowtimes(b, w.node.Window.TimeCol, w.node.Input.Properties().Schema)
	if err != nil {
		return err
	}
	return w.route(b, times, true)
}

// merge takes in partial results.
func (w *windowAggregate) merge(b *vec.Batch) error {
	return w.route(b, vec.Values[int64](b.Cols[len(w.node.Keys)]), false)
}

// isLate drops rows of a slice of which all windows have fired.
func (w *windowAggregate) isLate(end int64, b *vec.Batch, rows []int32, n int) bool {
	if !w.slicer.late(end, w.wm) {
		return false
	}
	for k := range n {
		w.dropLate(b, at(rows, k))
	}
	return true
}

// dropLate counts a late row; a partial result stands for several.
func (w *windowAggregate) dropLate(b *vec.Batch, i int) {
	if w.node.Phase != plan.Global {
		w.Ctx.dropLate(b, i, w.wm)
		return
	}
	w.Ctx.Late.Add(vec.Values[int64](b.Cols[w.rowsCol])[i])
}

// addTo adds n rows (nil: all) of the batch to a slice.
func (w *windowAggregate) addTo(s *slice, b *vec.Batch, rows []int32, n int) (err error) {
	w.setKeys(b, rows, n)
	if w.node.Phase == plan.Global {
		s.came += sumOf(vec.Values[int64](b.Cols[w.rowsCol]), rows, n)
		w.ids, err = s.merge(w.keys, w.ids, b.Cols[w.stateCol:], rows)
		return err
	}
	if b.Kinds != nil {
		return w.change(s, b, rows)
	}
	w.ids, err = s.add(w.keys, w.ids, b.Cols, rows)
	return err
}

// sumOf adds up n values, those of rows (nil: the first).
func sumOf(values []int64, rows []int32, n int) (sum int64) {
	if rows == nil {
		for _, x := range values[:n] {
			sum += x
		}
		return sum
	}
	for _, i := range rows[:n] {
		sum += values[i]
	}
	return sum
}

// change takes rows of the batch into a slice or back, those of w.keys.
func (w *windowAggregate) change(s *slice, b *vec.Batch, rows []int32) error {
	w.ids = s.table.Insert(w.keys, w.ids)
	s.came += int64(len(w.ids))
	s.take(w.ids)
	w.in.reset()
	w.out.reset()
	for k, id := range w.ids {
		if i := at(rows, k); b.Kind(i).Retracts() {
			w.out.add(id, int32(i))
		} else {
			w.in.add(id, int32(i))
		}
	}
	if err := s.accs.Add(w.in.groups, b.Cols, w.in.rows); err != nil {
		return err
	}
	if len(w.out.groups) == 0 {
		return nil
	}
	return s.accs.Retract(w.out.groups, b.Cols, w.out.rows)
}

// Watermark fires what it completes, in order of the windows' ends.
func (w *windowAggregate) Watermark(wm int64) error {
	if !w.node.Window.ProcTime {
		if err := w.fireUntil(wm); err != nil {
			return err
		}
	}
	return w.Ctx.Out.EmitWatermark(wm)
}

// Tick fires windows of processing time.
func (w *windowAggregate) Tick(now time.Time) error {
	if !w.node.Window.ProcTime {
		return nil
	}
	if err := w.fireUntil(now.UnixMilli() - 1); err != nil {
		return err
	}
	if len(w.slices.open) > 0 {
		next := w.slicer.nextWindow(w.slices.open[0].end, w.wm)
		w.Ctx.WakeAt(time.UnixMilli(w.slicer.fireAt(next) + 1))
	}
	return nil
}

// Finish gives the windows of processing time that are still open: a bounded job loses no
// rows.
func (w *windowAggregate) Finish() error {
	if w.node.Window.ProcTime {
		return w.fireUntil(math.MaxInt64)
	}
	return nil
}

func (w *windowAggregate) fireUntil(wm int64) error {
	for len(w.slices.open) > 0 {
		end := w.slicer.nextWindow(w.slices.open[0].end, w.wm)
		if w.slicer.fireAt(end) > wm {
			break
		}
		if err := w.fire(end); err != nil {
			return err
		}
		w.wm = w.slicer.fireAt(end)
	}
	w.wm = max(w.wm, wm)
	return nil
}
