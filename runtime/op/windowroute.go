package op

import "github.com/weirstream/weir/runtime/vec"

// router brings the rows of batches to their slices. Rows that follow each other in one slice, as nearly all do where they come in
// order, go there at once; those of slices that take turns are collected first.
type router struct {
	slicer *slicer
	slices *slices
	// add takes n rows (nil: all) of a batch, in their order, into a slice.
	add func(s *slice, b *vec.Batch, rows []int32, n int) error
	// late is asked about n rows (nil: all) of a slice that ends at end. If it says yes, it has dealt with them; nil where none is late.
	late func(end int64, b *vec.Batch, rows []int32, n int) bool

	touched  []*slice // by the present batch
	counting []int32  // scratch: 0, 1, 2, …
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
		if r.late != nil && r.late(end, b, rows, m) {
			continue
		}
		s := r.slices.at(end)
		if rows == nil || m >= minRun && len(s.rows) == 0 {
			if err := r.add(s, b, rows, m); err != nil {
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
		err := r.add(s, b, s.rows, len(s.rows))
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
