package op

import (
	"time"

	"github.com/weirstream/weir/runtime/vec"
	"github.com/weirstream/weir/state"
)

// away holds rows whose keys' entries lie on disk, until there are so many that reading pays, or time is up: many
// entries share what reading costs. The order of a key's rows stays: those that come for it meanwhile wait too. Watermarks wait with them, and
// a barrier brings all back.
type away struct {
	blocks  []*vec.Batch // rows in the order in which they came, awayBlock in each but the last
	byGroup [][]int32    // by key group: their numbers
	came    []arrival    // when they came
	bytes   int
	rows    int
	until   time.Time // when they have waited for long enough
	wm      int64     // waits too, if late
	late    bool

	part     *vec.Batch // scratch: the rows of a key group
	partCame []arrival
	rest     []int32
	miss     []int32
	fetched  []uint32
}

// awayBlock is how many rows a block has: few enough for what is left empty of the last not to count, and for blocks not to grow.
const awayBlock = 1 << 12

// moment is when rows come: the last watermark before them, and the clock, in milliseconds. Operators set what they need of it.
type moment struct{ wm, clock int64 }

// arrival says that rows have come at a moment, from a row on.
type arrival struct {
	moment
	row int
}

// awayLatency is how long rows may wait.
const awayLatency = time.Second

// hold takes rows of a batch, which came at a moment; groups are their key groups.
func (a *away) hold(b *vec.Batch, came moment, schema vec.Schema, rows []int32, groups []int, max int) {
	if a.byGroup == nil {
		a.byGroup, a.part = make([][]int32, max), vec.NewBatch(schema)
	}
	if n := len(a.came); n == 0 || a.came[n-1].moment != came {
		a.came = append(a.came, arrival{came, a.rows})
	}
	for k, g := range groups {
		a.byGroup[g] = append(a.byGroup[g], int32(a.rows+k))
	}
	for len(rows) > 0 {
		block := a.block(schema)
		some := rows[:min(len(rows), awayBlock-block.Len())]
		before := block.Size()
		block.AppendRows(b, some)
		a.bytes += block.Size() - before + 4*len(some)
		a.rows += len(some)
		rows = rows[len(some):]
	}
}

// block gives the block that is filled. All but the first have their size from the beginning.
func (a *away) block(schema vec.Schema) *vec.Batch {
	k := a.rows / awayBlock
	if k == len(a.blocks) {
		b := vec.NewBatch(schema)
		for _, v := range b.Cols {
			if k > 0 {
				v.Resize(awayBlock)
			}
		}
		b.Reset()
		a.blocks = append(a.blocks, b)
	}
	return a.blocks[k]
}

// take gives the rows of a key group, in the order in which they came, and when that was. They no longer wait.
func (a *away) take(group int) (*vec.Batch, []arrival) {
	a.part.Reset()
	a.partCame = a.partCame[:0]
	rows, k := a.byGroup[group], 0
	for len(rows) > 0 {
		block := rows[0] / awayBlock
		n := 0
		for n < len(rows) && rows[n]/awayBlock == block {
			for k+1 < len(a.came) && a.came[k+1].row <= int(rows[n]) {
				k++
			}
			if m := len(a.partCame); m == 0 || a.partCame[m-1].moment != a.came[k].moment {
				a.partCame = append(a.partCame, arrival{a.came[k].moment, a.part.Len() + n})
			}
			rows[n] %= awayBlock
			n++
		}
		a.part.AppendRows(a.blocks[block], rows[:n])
		rows = rows[n:]
	}
	a.byGroup[group] = a.byGroup[group][:0]
	return a.part, a.partCame
}

// clear lets all rows go.
func (a *away) clear() {
	for _, b := range a.blocks {
		b.Reset()
	}
	a.came = a.came[:0]
}

// newest gives the last watermark that has come: wm, or the one that waits.
func (a *away) newest(wm int64) int64 {
	if a.late {
		return a.wm
	}
	return wm
}

// without sets rest to rows, but for those of gone, which are in the same order.
func (a *away) without(rows, gone []int32) {
	a.rest = a.rest[:0]
	for _, i := range rows {
		if len(gone) > 0 && gone[0] == i {
			gone = gone[1:]
			continue
		}
		a.rest = append(a.rest, i)
	}
}

// addPresent processes those rows of a batch whose entries are in memory, or new, and holds the others.
func (s *keyed) addPresent(b *vec.Batch) error {
	a := &s.away
	s.keyCols = columns(s.keyCols, b, s.by)
	s.keys.Set(s.keyCols, b.Rows(), b.Sel)
	s.ids = s.table.Lookup(s.keys, s.ids)
	rows := s.rowsOf(b)
	a.miss = s.state.Missing(s.ids, rows, a.miss[:0])
	var gone []int32
	var groups []int
	if len(a.miss) > 0 {
		if err := s.state.Read(s.keyCols, a.miss); err != nil {
			return err
		}
		gone, groups = s.state.Away(s.keyCols, a.miss)
	}
	if s.apart != nil {
		var err error
		if gone, err = s.apart.behind(b, rows, gone); err != nil {
			return err
		}
		groups = s.state.KeyGroups(s.keyCols, gone)
	}
	if len(gone) == 0 {
		return s.op.add(b)
	}
	if a.rows == 0 {
		a.until = s.Ctx.Clock.Now().Add(awayLatency)
		s.Ctx.WakeAt(a.until)
	}
	a.hold(b, s.came, s.input, gone, groups, s.state.MaxGroups())
	if a.without(rows, gone); len(a.rest) > 0 {
		some := *b
		some.Sel = a.rest
		if err := s.op.add(&some); err != nil {
			return err
		}
	}
	if a.bytes < s.state.Patience() {
		return nil
	}
	return s.bringBack()
}

// bringBackAt brings the rows back that have waited for long enough.
func (s *keyed) bringBackAt(now time.Time) error {
	switch {
	case s.away.rows == 0:
		return nil
	case now.Before(s.away.until):
		s.Ctx.WakeAt(s.away.until)
		return nil
	}
	return s.bringBack()
}

// bringBack processes the rows that wait, one key group after the other, and lets the watermark go that has waited with them.
func (s *keyed) bringBack() error {
	a := &s.away
	if a.rows == 0 {
		return nil
	}
	a.rows, a.bytes = 0, 0
	s.back = true
	s.state.Returning()
	if s.apart != nil {
		s.apart.released()
	}
	for g, rows := range a.byGroup {
		if len(rows) == 0 {
			continue
		}
		b, came := a.take(g)
		if err := s.fetch(b); err != nil {
			return err
		}
		if err := s.addInSteps(b, came); err != nil {
			return err
		}
		if err := s.op.returned(); err != nil {
			return err
		}
		bytes, entries := s.inMemory() // not before: what was read is needed to the end
		if err := s.state.Return(s.table.Live(a.fetched), bytes, entries); err != nil {
			return err
		}
		if err := s.trim(); err != nil {
			return err
		}
	}
	s.back = false
	a.clear()
	if !a.late {
		return nil
	}
	a.late = false
	return s.op.reached(a.wm)
}

// fetch reads the entries of a batch's rows, and what these touch of their values.
func (s *keyed) fetch(b *vec.Batch) error {
	s.keyCols = columns(s.keyCols, b, s.by)
	s.insert(s.keyCols, b.Len(), nil)
	s.away.fetched = append(s.away.fetched[:0], s.table.Fresh()...) // finding and loading entries changes those
	if s.apart == nil {
		return s.state.Fetch(s.away.fetched)
	}
	ids := append([]uint32(nil), s.ids...)
	if err := s.state.Fetch(s.away.fetched); err != nil {
		return err
	}
	return s.apart.fetch(b, ids)
}

// addInSteps processes a batch that may be larger than others, and whose rows came at several moments.
func (s *keyed) addInSteps(b *vec.Batch, came []arrival) error {
	size := batchSize(s.Ctx.Config)
	rows := s.rowsOf(b)
	for k, from := 0, 0; from < b.Len(); {
		to := min(from+size, b.Len())
		if k+1 < len(came) {
			to = min(to, came[k+1].row)
		}
		some := *b
		some.Sel = rows[from:to]
		s.came = came[k].moment
		if err := s.op.add(&some); err != nil {
			return err
		}
		if from = to; k+1 < len(came) && from == came[k+1].row {
			k++
		}
	}
	return nil
}

// Watermark waits behind the rows that wait; the last one brings them back.
func (s *keyed) Watermark(wm int64) error {
	if s.away.rows > 0 && wm != MaxWatermark {
		s.away.wm, s.away.late = wm, true
		return nil
	}
	if err := s.bringBack(); err != nil {
		return err
	}
	return s.op.reached(wm)
}

// Finish brings back what waits.
func (s *keyed) Finish() error { return s.bringBack() }

// Snapshot brings back what waits, which is no state of its own.
func (s *keyed) Snapshot() (state.Frozen, error) {
	if err := s.bringBack(); err != nil {
		return state.Frozen{}, err
	}
	return s.Base.Snapshot()
}
