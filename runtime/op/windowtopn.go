package op

import (
	"fmt"
	"sort"

	"github.com/weirstream/weir/runtime/plan"
	"github.com/weirstream/weir/runtime/vec"
	"github.com/weirstream/weir/state"
)

// windowTopN gives, when a window ends, the rows of each of its partitions whose rank lies between From and To.
// It takes inserts and gives inserts, windows by their end, partitions as they came, rows by rank. A row of a
// window that has ended is late: it is counted and dropped.
//
// State: see rankedRows; a partition, of which the window is a part, keeps no more than To rows. The
// partitions of each open window are listed. Cost: that of topN over inserts; nothing is given before the end.
type windowTopN struct {
	Base
	node   *plan.WindowTopN
	rows   *rankedRows
	slicer *slicer
	out    rankedOutput
	lo, hi int
	open   []openWindow // by end
	gone   []uint32
	shown  []uint32
	wm     int64
}

// openWindow are the partitions of a window.
type openWindow struct {
	end    int64
	groups []uint32
}

func newWindowTopN(n *plan.WindowTopN) (*windowTopN, error) {
	in := n.Input.Properties().Schema
	if n.From < 1 || n.To < n.From || !among(n.Partition, n.End) || n.Newest && n.To > 1 {
		return nil, fmt.Errorf("planning ranks %d to %d of windows", n.From, n.To)
	}
	w := &windowTopN{node: n, lo: int(n.From - 1), hi: int(min(n.To, maxRank)), wm: MinWatermark}
	w.rows = newRankedRows(in, n.Partition, n.Order, false)
	w.rows.newest = n.Newest
	w.out = newRankedOutput(n.Schema, w.rows, n.Number)
	return w, nil
}

func (w *windowTopN) Open(ctx *Context) error {
	w.slicer = newSlicer(w.node.Window, ctx.Config.Zone)
	if err := w.Base.Open(ctx); err != nil {
		return err
	}
	ctx.State.Int("watermark", &w.wm, state.Min)
	err := w.rows.restore(ctx.State, w.node.Input.Properties().Schema)
	w.restored()
	return err
}

// restored lists the partitions of a checkpoint with their windows.
func (w *windowTopN) restored() {
	end := 0
	for w.node.Partition[end] != w.node.End {
		end++
	}
	for _, g := range w.rows.table.IDs(nil) {
		o := w.at(vec.Values[int64](w.rows.table.Keys()[end])[g])
		o.groups = append(o.groups, g)
	}
}

func (w *windowTopN) Process(_ int, b *vec.Batch) error {
	if err := onlyInserts(b, "window Top-N"); err != nil {
		return err
	}
	ends := vec.Values[int64](b.Cols[w.node.End])
	w.rows.begin(b)
	w.list(b, ends)
	end, late, have := int64(0), false, false
	for k, g := range w.rows.groups {
		i := at(b.Sel, k)
		if e := ends[i]; !have || e != end {
			end, late, have = e, w.slicer.fireAt(e) <= w.wm, true
		}
		if late {
			w.Ctx.dropLate(b, i, w.wm)
			continue
		}
		w.add(g, w.rows.words[k], i)
	}
	return nil
}

// list notes new partitions with their windows; those of windows that have ended are dropped with the
// next that ends.
func (w *windowTopN) list(b *vec.Batch, ends []int64) {
	if len(w.rows.table.Fresh()) == 0 {
		return
	}
	fresh := w.rows.table.Fresh()
	for k, g := range w.rows.groups {
		if len(fresh) == 0 {
			return
		}
		if g == fresh[0] { // in the order of their rows
			fresh = fresh[1:]
			o := w.at(ends[at(b.Sel, k)])
			o.groups = append(o.groups, g)
		}
	}
}

// at gives the window with this end, opening it where there is none.
func (w *windowTopN) at(end int64) *openWindow {
	i := sort.Search(len(w.open), func(i int) bool { return w.open[i].end >= end })
	if i == len(w.open) || w.open[i].end != end {
		w.open = append(w.open, openWindow{})
		copy(w.open[i+1:], w.open[i:])
		w.open[i] = openWindow{end: end}
	}
	return &w.open[i]
}

func (w *windowTopN) add(g uint32, word uint64, i int) {
	n := w.rows.lists.Len(g)
	if n == w.hi {
		if w.rows.worse(g, word, i, n-1) {
			return
		}
		w.gone = append(w.gone[:0], w.rows.lists.Remove(g, n-1))
		w.rows.free(w.gone)
	}
	w.rows.lists.Insert(g, word, w.rows.keep(g, i))
}

// Watermark gives the windows that it ends.
func (w *windowTopN) Watermark(wm int64) error {
	w.wm = wm
	done := 0
	for done < len(w.open) && w.slicer.fireAt(w.open[done].end) <= wm {
		if err := w.fire(w.open[done].groups); err != nil {
			return err
		}
		done++
	}
	w.open = append(w.open[:0], w.open[done:]...)
	return w.Ctx.Out.EmitWatermark(wm)
}

// fire gives the partitions of a window, and forgets them.
func (w *windowTopN) fire(groups []uint32) error {
	for _, g := range groups {
		w.shown = w.rows.lists.Append(w.shown[:0], g, w.lo, w.rows.lists.Len(g))
		for k, row := range w.shown {
			if err := w.out.add(w.Ctx, g, row, vec.Insert, int64(w.lo+k+1)); err != nil {
				return err
			}
		}
	}
	if err := w.out.flush(w.Ctx); err != nil {
		return err
	}
	for _, g := range groups {
		w.gone = w.rows.lists.Append(w.gone[:0], g, 0, w.rows.lists.Len(g))
		w.rows.free(w.gone)
		w.rows.lists.Clear(g)
	}
	w.rows.drop(groups)
	return nil
}
