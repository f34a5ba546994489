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
//
// Where memory is bounded, partitions move to disk with their rows. When a watermark ends windows, their partitions in memory are given first, then, a key group at a
// time, those that are on disk. What is late depends on the watermarks before a row, also where it, and they, have waited for its partition (see away).
type windowTopN struct {
	keyed
	node   *plan.WindowTopN
	rows   *rankedRows
	slicer *slicer
	out    rankedOutput
	lo, hi int
	end    int          // the place of the window's end among the columns of the partition
	open   []openWindow // by end
	listed []bool       // by partition: it is among those of its window
	gone   []uint32
	shown  []uint32
	wm     int64
}

// openWindow are the partitions of a window that are in memory.
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
	for n.Partition[w.end] != n.End {
		w.end++
	}
	w.keyed = newKeyed(w, in, n.Partition)
	w.rows = newRankedRows(in, n.Partition, n.Order, false)
	w.rows.table, w.rows.keys = w.table, w.keys
	w.rows.newest = n.Newest
	w.out = newRankedOutput(n.Schema, w.rows, n.Number)
	return w, nil
}

func (w *windowTopN) Open(ctx *Context) error {
	w.slicer = newSlicer(w.node.Window, ctx.Config.Zone)
	if err := w.Base.Open(ctx); err != nil { // without lifetimes: windows have ends
		return err
	}
	ctx.State.Int("watermark", &w.wm, state.Min)
	t := w.rows.declare(w.input, nil, w.restored)
	t.dueKey = 1 + w.end
	return w.keepRows(&w.rows.numbers, w.rows.store, t, w.rows.rowsOf)
}

// restored lists the partitions of rows that have come from disk.
func (w *windowTopN) restored([]uint32) {
	w.grow(w.table.Bound())
	ends := vec.Values[int64](w.table.Keys()[w.end])
	for _, g := range w.rows.groups {
		w.list(g, ends[g])
	}
}

func (w *windowTopN) grow(bound int) {
	w.rows.lists.Grow(bound)
	for len(w.listed) < bound {
		w.listed = append(w.listed, false)
	}
}

// isLive is asked of what has a lifetime.
func (w *windowTopN) isLive(uint32) bool { return false }

// leave lets the rows of partitions go that have been moved to disk.
func (w *windowTopN) leave(groups []uint32) {
	for _, g := range groups {
		w.listed[g] = false
		w.rows.free(w.rows.takeAll(g))
	}
	for k := range w.open {
		o := &w.open[k]
		kept := o.groups[:0]
		for _, g := range o.groups {
			if w.listed[g] {
				kept = append(kept, g)
			}
		}
		o.groups = kept
	}
}

func (w *windowTopN) size() int {
	bytes := w.rows.memory() + cap(w.listed)
	for _, o := range w.open {
		bytes += 4 * cap(o.groups)
	}
	return bytes
}

func (w *windowTopN) Process(_ int, b *vec.Batch) error {
	if err := onlyInserts(b, "window Top-N"); err != nil {
		return err
	}
	w.came.wm = w.away.newest(w.wm)
	return w.process(b)
}

// add processes rows whose partitions are in memory.
func (w *windowTopN) add(b *vec.Batch) error {
	ends := vec.Values[int64](b.Cols[w.node.End])
	w.rows.begin(b)
	w.grow(w.table.Bound())
	w.state.Touch(w.rows.groups)
	if len(w.table.Fresh()) > 0 || w.back { // those of windows that have ended are dropped with the next that ends
		for k, g := range w.rows.groups {
			w.list(g, ends[at(b.Sel, k)])
		}
	}
	end, late, have := int64(0), false, false
	for k, g := range w.rows.groups {
		i := at(b.Sel, k)
		if e := ends[i]; !have || e != end {
			end, late, have = e, w.slicer.fireAt(e) <= w.came.wm, true
		}
		if late {
			w.Ctx.dropLate(b, i, w.came.wm)
			continue
		}
		w.put(g, w.rows.words[k], i)
	}
	return nil
}

// list notes a partition with its window, unless it is.
func (w *windowTopN) list(g uint32, end int64) {
	if w.listed[g] {
		return
	}
	w.listed[g] = true
	o := w.at(end)
	o.groups = append(o.groups, g)
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

// put puts a row among the first of its partition, if it is one of them.
func (w *windowTopN) put(g uint32, word uint64, i int) {
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

// reached gives the windows that a watermark ends.
func (w *windowTopN) reached(wm int64) error {
	w.wm = wm
	if err := w.fireInMemory(wm); err != nil {
		return err
	}
	if w.state.OnDisk() {
		if err := w.fireOnDisk(wm); err != nil {
			return err
		}
	}
	return w.Ctx.Out.EmitWatermark(wm)
}

func (w *windowTopN) fireInMemory(wm int64) error {
	done := 0
	for done < len(w.open) && w.slicer.fireAt(w.open[done].end) <= wm {
		if err := w.fire(w.open[done].groups); err != nil {
			return err
		}
		done++
	}
	w.open = append(w.open[:0], w.open[done:]...)
	return nil
}

// fireOnDisk gives the partitions on disk whose windows have ended. No row waits for them.
func (w *windowTopN) fireOnDisk(wm int64) error {
	groups := w.Ctx.State.Groups()
	for g := groups.From; g < groups.To; g++ {
		for {
			end, ok := w.state.NextDueIn(g)
			if !ok || w.slicer.fireAt(end) > wm {
				break
			}
			if err := w.state.FetchDue(g, max(end, w.slicer.endBy(wm))); err != nil {
				return err
			}
			if err := w.fireInMemory(wm); err != nil {
				return err
			}
		}
	}
	return nil
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
		w.listed[g] = false
		w.gone = w.rows.lists.Append(w.gone[:0], g, 0, w.rows.lists.Len(g))
		w.rows.free(w.gone)
		w.rows.lists.Clear(g)
	}
	w.rows.drop(groups)
	return nil
}
