package agg

import (
	"slices"

	"github.com/weirstream/weir/runtime/vec"
	"github.com/weirstream/weir/state"
)

// Accumulators keeps the state of all calls of an aggregation for every group, FILTERs and
// DISTINCTs included. Operators use it with a vec.GroupTable, whose ids are the groups. It is
// used by one goroutine.
//
// Calls with DISTINCT on the same columns share one set of values (distinctSet).
type Accumulators struct {
	calls   []Call
	accs    []Accumulator
	widths  []int           // by call: columns of its state
	args    [][]*vec.Vector // by call; scratch
	filters []filtered      // one for each FILTER column
	sets    []*distinctSet
	groups  int
	state   []*vec.Vector // scratch of Absorb
	ids     []uint32
	into    []uint32
	tracked []*state.Rows // of the sides, where they are kept by span
}

// NewAccumulators makes the accumulators of calls on rows of schema in; retract says that rows may be taken
// back.
func NewAccumulators(calls []Call, in vec.Schema, retract bool) *Accumulators {
	a := &Accumulators{calls: calls, args: make([][]*vec.Vector, len(calls))}
	for i := range calls {
		c := &calls[i]
		a.accs = append(a.accs, c.Fn.New(c.Sig, retract))
		a.widths = append(a.widths, len(a.accs[i].State()))
		a.args[i] = make([]*vec.Vector, len(c.Args))
		if c.Filter >= 0 {
			a.filterOf(c.Filter)
		}
		if c.distinct() {
			a.setOf(i, in, retract)
		}
	}
	return a
}

func (a *Accumulators) setOf(call int, in vec.Schema, retract bool) {
	for _, s := range a.sets {
		if s.accepts(a.calls, call) {
			s.calls = append(s.calls, call)
			return
		}
	}
	a.sets = append(a.sets, newDistinctSet(a.calls, call, in, retract))
}

// Grow makes room for group ids below n; new groups are empty.
func (a *Accumulators) Grow(n int) {
	if n <= a.groups {
		return
	}
	a.groups = n
	for _, acc := range a.accs {
		acc.Grow(n)
	}
}

// Add takes rows of the columns cols in: groups[k] is the group of row rows[k], or of row k where rows
// is nil.
func (a *Accumulators) Add(groups []uint32, cols []*vec.Vector, rows []int32) error {
	return a.change(groups, cols, rows, false)
}

// Retract takes rows back.
func (a *Accumulators) Retract(groups []uint32, cols []*vec.Vector, rows []int32) error {
	return a.change(groups, cols, rows, true)
}

func (a *Accumulators) change(groups []uint32, cols []*vec.Vector, rows []int32, back bool) error {
	for i := range a.filters {
		a.filters[i].of(groups, cols, rows)
	}
	for i := range a.calls {
		c := &a.calls[i]
		if c.distinct() {
			continue
		}
		g, r := groups, rows
		if c.Filter >= 0 {
			f := a.filterOf(c.Filter)
			g, r = f.groups, f.rows
		}
		if err := apply(a.accs[i], g, a.argsOf(i, cols), r, back); err != nil {
			return err
		}
	}
	for _, s := range a.sets {
		if err := s.change(a, groups, cols, rows, back); err != nil {
			return err
		}
	}
	return nil
}

func apply(acc Accumulator, groups []uint32, args []*vec.Vector, rows []int32, back bool) error {
	if len(groups) == 0 {
		return nil
	}
	if back {
		return acc.Retract(groups, args, rows)
	}
	return acc.Add(groups, args, rows)
}

func (a *Accumulators) argsOf(call int, cols []*vec.Vector) []*vec.Vector {
	args := a.args[call]
	for j, c := range a.calls[call].Args {
		args[j] = cols[c]
	}
	return args
}

// Results appends the results of groups to out, one vector for each call.
func (a *Accumulators) Results(groups []uint32, out []*vec.Vector) error {
	for i, acc := range a.accs {
		if err := acc.Result(groups, out[i]); err != nil {
			return err
		}
	}
	return nil
}

// Result appends the results of one call.
func (a *Accumulators) Result(call int, groups []uint32, out *vec.Vector) error {
	return a.accs[call].Result(groups, out)
}

// AppendState appends the state of groups to out, the columns of PartialSchema.
func (a *Accumulators) AppendState(groups []uint32, out []*vec.Vector) error {
	for i, acc := range a.accs {
		n := a.widths[i]
		if err := acc.AppendState(groups, out[:n]); err != nil {
			return err
		}
		out = out[n:]
	}
	return nil
}

// Merge takes in rows of partial state as AppendState gave it.
func (a *Accumulators) Merge(groups []uint32, state []*vec.Vector, rows []int32) error {
	for i, acc := range a.accs {
		n := a.widths[i]
		if err := acc.Merge(groups, state[:n], rows); err != nil {
			return err
		}
		state = state[n:]
	}
	return nil
}

// Absorb takes in the groups of from; groups says which of a's groups each becomes a part of, nil: that of the same id. present, if not
// nil, has the bits of those that have rows: nothing is taken in of others. from is unchanged.
func (a *Accumulators) Absorb(from *Accumulators, groups []uint32, present []uint64) error {
	for at := 0; at < from.groups; at += vec.DefaultBatchSize {
		if err := a.absorbPart(from, groups, present, at, min(at+vec.DefaultBatchSize, from.groups)); err != nil {
			return err
		}
	}
	for i, s := range a.sets {
		if err := s.absorb(a, from.sets[i], groups); err != nil {
			return err
		}
	}
	return nil
}

// absorbPart takes in groups first (inclusive) to end (exclusive).
func (a *Accumulators) absorbPart(from *Accumulators, groups []uint32, present []uint64, first, end int) error {
	a.ids, a.into = a.ids[:0], a.into[:0]
	state := a.scratch()
	part := groups
	if groups != nil {
		part = groups[first:end]
	}
	for i, acc := range a.accs {
		cols := state[:a.widths[i]]
		state = state[a.widths[i]:]
		if a.calls[i].distinct() {
			continue // its set is absorbed instead
		}
		if x, ok := acc.(absorber); ok && x.absorb(from.accs[i], part, first, end-first) {
			continue
		}
		if len(a.ids) == 0 {
			a.listPart(groups, present, first, end)
		}
		for _, c := range cols {
			c.Reset()
		}
		if err := from.accs[i].AppendState(a.ids, cols); err != nil {
			return err
		}
		if err := acc.Merge(a.into, cols, nil); err != nil {
			return err
		}
	}
	return nil
}

// listPart lists the groups of absorbPart that have rows, and what they become parts of.
func (a *Accumulators) listPart(groups []uint32, present []uint64, first, end int) {
	for id := first; id < end; id++ {
		if present == nil || vec.Bit(present, id) {
			a.ids, a.into = append(a.ids, uint32(id)), append(a.into, uint32(groupAt(groups, 0, id)))
		}
	}
}

// Reset makes groups empty again.
func (a *Accumulators) Reset(groups []uint32) {
	for _, acc := range a.accs {
		acc.Reset(groups)
	}
	for _, s := range a.sets {
		s.reset(groups)
	}
}

// Clear forgets all groups and keeps the memory.
func (a *Accumulators) Clear() {
	a.groups = 0
	for _, acc := range a.accs {
		acc.Clear()
	}
	for _, s := range a.sets {
		s.clear()
	}
}

// Memory is the bytes held.
func (a *Accumulators) Memory() int {
	m := 0
	for _, acc := range a.accs {
		m += acc.Memory()
	}
	for _, s := range a.sets {
		m += s.memory()
	}
	return m
}

// filtered are the rows of a batch for which a FILTER is true, shared by the calls that have it.
type filtered struct {
	col    int
	groups []uint32
	rows   []int32
}

func (a *Accumulators) filterOf(col int) *filtered {
	for i := range a.filters {
		if a.filters[i].col == col {
			return &a.filters[i]
		}
	}
	a.filters = append(a.filters, filtered{col: col})
	return &a.filters[len(a.filters)-1]
}

// of lists the rows for which the condition is true. What it is cannot be foretold, so that no branch asks: each row is written, and
// the next one over it where it does not count.
func (f *filtered) of(groups []uint32, cols []*vec.Vector, rows []int32) {
	n := len(groups)
	f.groups, f.rows = slices.Grow(f.groups[:0], n)[:n], slices.Grow(f.rows[:0], n)[:n]
	bits, valid, kept := cols[f.col].Bits(), cols[f.col].Valid(), 0
	for k, g := range groups {
		i := at(rows, k)
		f.groups[kept], f.rows[kept] = g, int32(i)
		holds := bits[i>>6]
		if valid != nil {
			holds &= valid[i>>6]
		}
		kept += int(holds >> (uint(i) & 63) & 1)
	}
	f.groups, f.rows = f.groups[:kept], f.rows[:kept]
}
