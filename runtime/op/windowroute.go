package op

import (
	"time"

	"github.com/weirstream/weir/runtime/agg"
	"github.com/weirstream/weir/runtime/plan"
	"github.com/weirstream/weir/runtime/vec"
)

// router is what both phases of a window aggregation share: it brings the rows of batches to their slices, and there to the groups of their keys. Rows that follow each
// other in one slice, as nearly all do where they come in order, go there at once; those of slices that take turns are collected first.
type router struct {
	node   *plan.WindowAggregate
	slicer *slicer
	slices slices
	// take takes n rows (nil: all) of a batch, in their order, into a slice.
	take func(s *slice, b *vec.Batch, rows []int32, n int) error
	// drop is asked about n rows (nil: all) of a slice that ends at end. If it says yes, they are late, and it has dealt with them; nil where none is late.
	drop func(end int64, b *vec.Batch, rows []int32, n int) bool

	keys     *vec.KeyBatch
	keyCols  []*vec.Vector
	ids      []uint32
	touched  []*slice // by the present batch
	counting []int32  // scratch: 0, 1, 2, …
}

// newRouter makes one for slices with the state of calls.
func newRouter(n *plan.WindowAggregate, calls []agg.Call, retract bool) router {
	in := n.Input.Properties().Schema
	r := router{node: n, slices: slices{
		keys:  columnTypes(in, n.Keys),
		make:  func() *agg.Accumulators { return agg.NewAccumulators(calls, in, retract) },
		share: n.Window.Kind == plan.Hop,
	}}
	r.keys = vec.NewKeyBatch(r.slices.keys)
	return r
}

func (r *router) open(zone *time.Location) { r.slicer = newSlicer(r.node.Window, zone) }

// setKeys sets keys to those of n rows (nil: all) of a batch.
func (r *router) setKeys(b *vec.Batch, rows []int32, n int) {
	r.keyCols = columns(r.keyCols, b, r.node.Keys)
	r.keys.SetAscending(r.keyCols, n, rows)
}

// route adds the rows of a batch to their slices. times are those of the rows, if assign, or the ends of their slices.
func (r *router) route(b *vec.Batch, times []int64, assign bool) error {
	r.touched = r.touched[:0]
	n := b.Rows()
	for from := 0; from < n; {
		end, to := r.run(times, b.Sel, from, n, assign)
		rows := r.span(b.Sel, from, to, n)
		m := to - from
		from = to
		if r.drop != nil && r.drop(end, b, rows, m) {
			continue
		}
		s := r.slices.at(end)
		if rows == nil || m >= minRun && len(s.rows) == 0 {
			if err := r.take(s, b, rows, m); err != nil {
				return err
			}
			continue
		}
		if len(s.rows) == 0 {
			r.touched = append(r.touched, s)
		}
		s.rows = append(s.rows, rows...)
	}
	for _, s := range r.touched {
		err := r.take(s, b, s.rows, len(s.rows))
		s.rows = s.rows[:0]
		if err != nil {
			return err
		}
	}
	return nil
}

// minRun is how many rows of one slice must follow each other to go there at once.
const minRun = 64

// run gives the end of the slice of row from of the selection, and where the rows that follow in it end.
func (r *router) run(times []int64, sel []int32, from, n int, assign bool) (end int64, to int) {
	end = times[at(sel, from)]
	first, last := end, end
	if assign {
		end = r.slicer.sliceEnd(end)
		first, last = r.slicer.start, r.slicer.until-1
	}
	length := uint64(last - first)
	to = from + 1
	if sel == nil {
		for to < n && uint64(times[to]-first) <= length {
			to++
		}
		return end, to
	}
	for to < n && uint64(times[sel[to]]-first) <= length {
		to++
	}
	return end, to
}

// span gives rows from to (exclusive) of a selection of n; nil for all where nothing is selected.
func (r *router) span(sel []int32, from, to, n int) []int32 {
	if sel != nil {
		return sel[from:to]
	}
	if to-from == n {
		return nil
	}
	for len(r.counting) < n {
		r.counting = append(r.counting, int32(len(r.counting)))
	}
	return r.counting[from:to]
}
