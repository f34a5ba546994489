package op

import (
	"math"

	"github.com/weirstream/weir/runtime/plan"
	"github.com/weirstream/weir/runtime/vec"
)

// windowTableFunction gives every row the windows that it is in: the input's columns, then
// window_start, window_end and window_time. It keeps no state and drops no row, late ones
// neither. A TUMBLE row passes without being copied; HOP and CUMULATE give a row once for each of
// its windows, in the order of their ends. Change kinds are kept.
type windowTableFunction struct {
	Base
	node   *plan.WindowTableFunction
	slicer *slicer
	out    vec.Batch     // TUMBLE: a header over the input's columns
	added  []*vec.Vector // and three of its own
	copy   *vec.Batch    // HOP, CUMULATE
	rows   []int32
	ends   []int64
}

func newWindowTableFunction(n *plan.WindowTableFunction) (*windowTableFunction, error) {
	if err := checkWindow(n.Window, n.Input.Properties().Schema, plan.Single); err != nil {
		return nil, err
	}
	t := &windowTableFunction{node: n, copy: vec.NewBatch(n.Schema)}
	for _, f := range n.Schema[len(n.Schema)-3:] {
		t.added = append(t.added, vec.New(f.Type))
	}
	return t, nil
}

func (t *windowTableFunction) Open(ctx *Context) error {
	t.slicer = newSlicer(t.node.Window, ctx.Config.Zone)
	return t.Base.Open(ctx)
}

func (t *windowTableFunction) Process(_ int, b *vec.Batch) error {
	var times []int64
	if !t.node.Window.ProcTime {
		var err error
		if times, err = rowtimes(b, t.node.Window.TimeCol, t.node.Input.Properties().Schema); err != nil {
			return err
		}
	}
	if t.node.Window.Kind == plan.Tumble {
		return t.tumble(b, times)
	}
	return t.expand(b, times)
}

// end gives the end of row i's slice; times is nil for processing time.
func (t *windowTableFunction) end(times []int64, i int) int64 {
	if times == nil {
		return t.slicer.sliceEnd(t.Ctx.Clock.Now().UnixMilli())
	}
	return t.slicer.sliceEnd(times[i])
}

func (t *windowTableFunction) tumble(b *vec.Batch, times []int64) error {
	for _, v := range t.added {
		v.Reset()
		v.Resize(b.Len())
	}
	start, end, attr := vec.Values[int64](t.added[0]), vec.Values[int64](t.added[1]), vec.Values[int64](t.added[2])
	last, fire := int64(math.MinInt64), int64(0)
	for k := range b.Rows() {
		i := at(b.Sel, k)
		e := t.end(times, i)
		if e != last {
			last, fire = e, t.slicer.fireAt(e)
		}
		start[i], end[i], attr[i] = t.slicer.windowStart(e), e, fire
	}
	t.out = vec.Batch{Cols: append(append(t.out.Cols[:0], b.Cols...), t.added...), Kinds: b.Kinds, Sel: b.Sel}
	t.out.SetLen(b.Len())
	return t.Ctx.Out.Emit(&t.out)
}

// expand copies each row once for each of its windows.
func (t *windowTableFunction) expand(b *vec.Batch, times []int64) error {
	limit := batchSize(t.Ctx.Config)
	t.rows, t.ends = t.rows[:0], t.ends[:0]
	for k := range b.Rows() {
		i := at(b.Sel, k)
		first := t.end(times, i)
		for end := first; end <= t.slicer.lastWindow(first); end += t.slicer.step {
			t.rows, t.ends = append(t.rows, int32(i)), append(t.ends, end)
			if len(t.rows) >= limit {
				if err := t.give(b); err != nil {
					return err
				}
			}
		}
	}
	return t.give(b)
}

// give emits the rows of b that are listed, with their windows.
func (t *windowTableFunction) give(b *vec.Batch) error {
	if len(t.rows) == 0 {
		return nil
	}
	out, n := t.copy, len(b.Cols)
	out.Reset()
	for c, v := range b.Cols {
		out.Cols[c].AppendRows(v, t.rows)
	}
	for _, v := range out.Cols[n:] {
		v.Resize(len(t.rows))
	}
	out.SetLen(len(t.rows))
	start, end, attr := vec.Values[int64](out.Cols[n]), vec.Values[int64](out.Cols[n+1]), vec.Values[int64](out.Cols[n+2])
	for k, e := range t.ends {
		start[k], end[k], attr[k] = t.slicer.windowStart(e), e, t.slicer.fireAt(e)
	}
	if b.Kinds != nil {
		kinds := out.EnsureKinds()
		for k, i := range t.rows {
			kinds[k] = b.Kinds[i]
		}
	}
	t.rows, t.ends = t.rows[:0], t.ends[:0]
	return t.Ctx.Out.Emit(out)
}
