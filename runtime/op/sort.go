package op

import (
	"fmt"

	"github.com/weirstream/weir/runtime/order"
	"github.com/weirstream/weir/runtime/plan"
	"github.com/weirstream/weir/runtime/vec"
	"github.com/weirstream/weir/state"
)

// sortRows gives rows in the order of event time and further keys, each when the watermark has reached it. Rows
// that are equal by all keys stay in the order in which they came. It takes inserts and gives inserts. A row that
// is not later than the last one given is late: it is counted and dropped.
//
// State: the rows that the watermark has not reached, in columns by number, and 12 bytes each in a
// list. Cost: O(log n) a row in the rows that wait.
type sortRows struct {
	Base
	node   *plan.Sort
	rows   *rankedRows
	last   int64 // the time of the last row that was given; MinWatermark: none was
	fired  []uint32
	groups []uint32 // of what has fired: all 0, the only list
	out    *vec.Batch
}

func newSort(n *plan.Sort) (*sortRows, error) {
	in := n.Input.Properties().Schema
	if len(n.Order) == 0 || n.Order[0].Desc || !in[n.Order[0].Column].Type.IsTimestamp() {
		return nil, fmt.Errorf("planning a sort by %v", plan.Ordering(in, n.Order))
	}
	return &sortRows{node: n, rows: newRankedRows(in, nil, n.Order, false), out: vec.NewBatch(n.Schema), last: MinWatermark}, nil
}

func (s *sortRows) Open(ctx *Context) error {
	if err := s.Base.Open(ctx); err != nil {
		return err
	}
	ctx.State.Int("last", &s.last, state.Max)
	return s.rows.restore(ctx.State, s.node.Input.Properties().Schema)
}

func (s *sortRows) Process(_ int, b *vec.Batch) error {
	if err := onlyInserts(b, "sort"); err != nil {
		return err
	}
	times, err := rowtimes(b, s.node.Order[0].Column, s.node.Input.Properties().Schema)
	if err != nil {
		return err
	}
	s.rows.begin(b)
	for k, g := range s.rows.groups {
		i := at(b.Sel, k)
		if times[i] <= s.last && s.last != MinWatermark {
			s.Ctx.dropLate(b, i, s.last)
			continue
		}
		s.rows.lists.Insert(g, order.WordOf(times[i]), s.rows.keep(g, i))
	}
	return nil
}

// Watermark gives the rows that it has reached.
func (s *sortRows) Watermark(wm int64) error {
	s.rows.lists.Grow(1)
	until := order.WordOf(wm)
	for {
		s.fired = s.fired[:0]
		for s.rows.lists.Len(0) > 0 && len(s.fired) < batchSize(s.Ctx.Config) {
			word, _ := s.rows.lists.At(0, 0)
			if word > until {
				break
			}
			s.last = order.IntOf(word)
			s.fired = append(s.fired, s.rows.lists.Remove(0, 0))
		}
		if len(s.fired) == 0 {
			return s.Ctx.Out.EmitWatermark(wm)
		}
		if err := s.give(); err != nil {
			return err
		}
	}
}

func (s *sortRows) give() error {
	for len(s.groups) < len(s.fired) {
		s.groups = append(s.groups, 0)
	}
	s.out.Reset()
	s.rows.appendRows(s.out, s.groups[:len(s.fired)], s.fired)
	s.out.SetLen(len(s.fired))
	s.rows.free(s.fired)
	return s.Ctx.Out.Emit(s.out)
}
