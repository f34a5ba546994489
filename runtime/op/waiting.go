package op

import "github.com/weirstream/weir/runtime/vec"

// Waiting says what an operator holds until event time has moved on: rows of a window, or, where Start and End are
// 0, rows that wait for their own time. Start and End are milliseconds of window time (the wall clock for
// TIMESTAMP_LTZ).
type Waiting struct {
	Start, End int64
	At         int64 // the watermark that sets them free, milliseconds
	Rows       int64 // 0 where only keys are known
	Keys       int64 // groups or sessions, 0 where there are none
}

// A Waiter can tell what waits for event time. It is asked between two calls, now and then, by who
// measures the operator.
type Waiter interface {
	// Waiting appends what waits, the earliest first.
	Waiting(dst []Waiting) []Waiting
}

func (w *windowAggregate) Waiting(dst []Waiting) []Waiting {
	if w.node.Window.ProcTime {
		return dst
	}
	return w.slices.waiting(dst, w.slicer, w.wm)
}

func (l *localWindowAggregate) Waiting(dst []Waiting) []Waiting {
	return l.slices.waiting(dst, l.slicer, l.wm)
}

// waiting lists slices with the first of their windows that has not fired at wm.
func (s *slices) waiting(dst []Waiting, t *slicer, wm int64) []Waiting {
	for _, x := range s.open {
		if t.late(x.end, wm) {
			continue // only a watermark that has just come has not closed it yet
		}
		end := t.nextWindow(x.end, wm)
		dst = append(dst, Waiting{Start: t.windowStart(end), End: end, At: t.fireAt(end), Rows: x.came, Keys: int64(x.groups())})
	}
	return dst
}

func (c *sessionClock) Waiting(dst []Waiting) []Waiting {
	id, at, ok := c.timers.Next()
	if !ok || c.window.ProcTime {
		return dst
	}
	return append(dst, Waiting{Start: c.sessions.all[id].start, End: c.sessions.all[id].end, At: c.slicer.fireAt(at), Keys: int64(c.held)})
}

func (f *firstRow) Waiting(dst []Waiting) []Waiting {
	n := f.waiting.Len(0)
	if n == 0 {
		return dst
	}
	_, row := f.waiting.At(0, 0)
	v, i := f.store.At(f.node.TimeCol, row)
	return append(dst, Waiting{At: vec.Values[int64](v)[i], Rows: int64(n)})
}

func (o *over) Waiting(dst []Waiting) []Waiting {
	n := o.order.Len(0)
	if n == 0 || o.node.ProcTime {
		return dst
	}
	_, row := o.order.At(0, 0)
	return append(dst, Waiting{At: o.times[row], Rows: int64(n)})
}

func (s *sortRows) Waiting(dst []Waiting) []Waiting {
	n := s.rows.store.Len()
	if n == 0 {
		return dst
	}
	_, row := s.rows.lists.At(0, 0)
	v, i := s.rows.store.At(s.node.Order[0].Column, row) // without partitions every column is stored
	return append(dst, Waiting{At: vec.Values[int64](v)[i], Rows: int64(n)})
}

func (w *windowTopN) Waiting(dst []Waiting) []Waiting {
	for _, x := range w.open {
		rows := int64(0)
		for _, g := range x.groups {
			rows += int64(w.rows.lists.Len(g))
		}
		dst = append(dst, Waiting{Start: w.slicer.windowStart(x.end), End: x.end, At: w.slicer.fireAt(x.end), Rows: rows, Keys: int64(len(x.groups))})
	}
	return dst
}
