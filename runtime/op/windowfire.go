package op

import (
	"github.com/weirstream/weir/runtime/plan"
	"github.com/weirstream/weir/runtime/vec"
)

// fire gives the window that ends at end, of which at least the first open slice is a part, and
// closes the slices that no later window needs.
func (w *windowAggregate) fire(end int64) error {
	if err := w.give(end); err != nil {
		return err
	}
	done := 0
	for done < len(w.slices.open) && w.slicer.lastWindow(w.slices.open[done].end) <= end {
		done++
	}
	w.slices.drop(0, done)
	return w.Ctx.State.Tidy()
}

func (w *windowAggregate) give(end int64) error {
	n := 0
	for n < len(w.slices.open) && w.slices.open[n].end <= end {
		n++
	}
	if isSpilled(w.slices.open[:n]) {
		return w.emitSpilled(w.slices.open[:n], end)
	}
	s, err := w.window(end)
	if err != nil {
		return err
	}
	return w.emit(s, end)
}

// window puts the groups of a window together.
func (w *windowAggregate) window(end int64) (*slice, error) {
	open := w.slices.open
	n := 0
	for n < len(open) && open[n].end <= end {
		n++
	}
	switch {
	case n == 1:
		return open[0], nil
	case w.node.Window.Kind == plan.Cumulate:
		return w.grow(n)
	}
	if w.slices.union == nil {
		w.slices.union = newWindowUnion(w.slices.keys, w.slices.make(), w.keys)
	}
	return &w.slices.union.slice, w.slices.union.merge(open[:n])
}

// grow absorbs the first n slices, all of one CUMULATE window, into the largest of them, which is what the
// steps before have collected; where order matters to an aggregate, into the earliest.
func (w *windowAggregate) grow(n int) (*slice, error) {
	open := w.slices.open
	into := open[0]
	for _, s := range open[1:n] {
		if s.table.Len() > into.table.Len() && !w.ordered {
			into = s
		}
	}
	for _, s := range open[:n] {
		if s == into {
			continue
		}
		if err := w.slices.absorb(into, s, w.keys); err != nil {
			return nil, err
		}
		w.slices.release(s)
	}
	// It stands for all of them: late rows of the slice may still come and make a new one.
	into.end = open[0].end
	open[0] = into
	w.slices.open = append(open[:1], open[n:]...)
	w.slices.last = nil
	return into, nil
}

// emit gives the groups of a window that ends at end.
func (w *windowAggregate) emit(s *slice, end int64) error {
	size := batchSize(w.Ctx.Config)
	w.groups = s.ids(w.groups[:0])
	for from := 0; from < len(w.groups); from += size {
		w.group = w.groups[from:min(from+size, len(w.groups))]
		if err := w.emitGroups(s, end); err != nil {
			return err
		}
	}
	return nil
}

func (w *windowAggregate) emitGroups(s *slice, end int64) error {
	nk, first := len(w.node.Keys), 0
	if w.node.InputRetract {
		if err := w.present(s); err != nil {
			return err
		}
		first = 1 // the number of rows
	}
	w.given.Reset()
	s.table.AppendKeys(w.group, w.given.Cols[:nk])
	for i := range w.node.Calls {
		if err := s.accs.Result(first+i, w.group, w.given.Cols[nk+i]); err != nil {
			return err
		}
	}
	for i, c := range w.node.Windows {
		fill(w.given.Cols[nk+len(w.node.Calls)+i], w.slicer.column(c, end), len(w.group))
	}
	w.given.SetLen(len(w.group))
	return w.Ctx.Out.Emit(w.given)
}

// present narrows group to those that have rows.
func (w *windowAggregate) present(s *slice) error {
	w.counts.Reset()
	if err := s.accs.Result(0, w.group, w.counts); err != nil {
		return err
	}
	n := 0
	for k, rows := range vec.Values[int64](w.counts) {
		if rows > 0 {
			w.group[n] = w.group[k]
			n++
		}
	}
	w.group = w.group[:n]
	return nil
}

// column gives a property of the window that ends at end: start and end on the clock of window
// time, the time attribute as an instant.
func (s *slicer) column(c plan.WindowColumn, end int64) int64 {
	switch c {
	case plan.WindowStart:
		return s.windowStart(end)
	case plan.WindowEnd:
		return end
	}
	return s.fireAt(end)
}

// fill appends n times x.
func fill(v *vec.Vector, x int64, n int) {
	from := v.Len()
	v.Resize(from + n)
	vals := vec.Values[int64](v)[from:]
	for k := range vals {
		vals[k] = x
	}
}
