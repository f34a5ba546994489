package op

import (
	"fmt"

	"github.com/weirstream/weir/runtime/agg"
	"github.com/weirstream/weir/runtime/plan"
	"github.com/weirstream/weir/runtime/vec"
)

// groupAggregate groups rows by key, for as long as the job runs, and gives a changelog of
// the results: +I for the first row of a key; later -U (where somebody needs it) and
// +U with the results before and after, nothing where they are the same; -D with the last
// results when no row of the key is left, whose state is then dropped. A retraction for a key that has no
// rows is passed over. With table.exec.state.ttl, state expires (see expiry). Without keys there is one group, and nothing is given before its first
// row. Without calls it is DISTINCT: +I and -D only.
//
// The changes that a batch makes to a key are merged into one; with Config.RowByRow (mini-batching
// switched off) every row gives its own: the batch is worked through in rounds of rows with
// different keys. Within a round rows are taken in before others are taken back; a group that has lost all of its rows in
// between is emptied there and then when its aggregates are inexact, so that rounding errors do not outlive it.
//
// State: one group table, accumulator columns, and, if the input retracts, the number of rows of each group. It is kept
// by key; the values of DISTINCT, and of calls that keep many, by key and value. Where memory is bounded groups move to disk, with the values of calls that
// keep many; those of DISTINCT do by themselves (see groupValues).
// Cost: a hash probe, an update a call, and for each key that a batch touches its results
// before and after. What taking back costs is with each aggregate.
//
// In the Global phase rows are partial results (see localGroupAggregate).
type groupAggregate struct {
	keyed
	node *plan.GroupAggregate
	accs *agg.Accumulators
	log  *changelog

	rows  []int64  // by group, if the input retracts: how many
	live  []bool   // by group: its result has been given
	round []uint32 // by group: the last round that touched it
	now   uint32   // the present round

	loaded  []uint32 // of what comes from the state
	in, out split
	touched []uint32 // groups of the round, in the order of their rows
	left    []uint32 // groups of the batch that have no rows left
	exact   bool
	always  bool // every row changes the result, and nobody needs what it was
	values  groupValues
	listed  bool // values move to disk with their groups
}

// split is a part of a round's rows.
type split struct {
	groups []uint32
	rows   []int32
}

func (s *split) reset() { s.groups, s.rows = s.groups[:0], s.rows[:0] }

func (s *split) add(g uint32, row int32) {
	s.groups, s.rows = append(s.groups, g), append(s.rows, row)
}

func newGroupAggregate(n *plan.GroupAggregate) (*groupAggregate, error) {
	in := n.Input.Properties().Schema
	if want := len(n.Keys) + len(n.Calls); len(n.Schema) != want {
		return nil, fmt.Errorf("planning a group aggregate of %d columns as %d", want, len(n.Schema))
	}
	if n.InputRetract {
		for _, c := range n.Calls {
			if c.Fn.AppendOnly {
				return nil, unsupported(c.Fn.Name + " over a changelog with updates")
			}
		}
	}
	g := &groupAggregate{node: n, accs: agg.NewAccumulators(n.Calls, in, n.InputRetract), log: newChangelog(n.Schema, len(n.Keys))}
	g.keyed = newKeyed(g, in, n.Keys)
	g.exact = exact(n.Calls)
	g.always = !n.UpdateBefore && !n.InputRetract && countsRows(n.Calls)
	return g, nil
}

// exact reports whether taking back every row leaves the aggregates as they were.
func exact(calls []agg.Call) bool {
	for _, c := range calls {
		for _, p := range c.Sig.Params {
			if p.IsApprox() && !c.Fn.Insensitive && c.Fn.Name != "COUNT" {
				return false
			}
		}
	}
	return true
}

// countsRows reports whether there is a COUNT(*), whose result every row changes.
func countsRows(calls []agg.Call) bool {
	for _, c := range calls {
		if c.Fn.Name == "COUNT" && len(c.Args) == 0 && c.Filter < 0 {
			return true
		}
	}
	return false
}

func (g *groupAggregate) Open(ctx *Context) error {
	if err := g.keyed.Open(ctx); err != nil {
		return err
	}
	g.log.repeat = g.expiry.on()
	return g.keep()
}

func (g *groupAggregate) Process(_ int, b *vec.Batch) error {
	if !g.node.InputRetract {
		if err := onlyInserts(b, "group aggregate of inserts"); err != nil {
			return err
		}
	}
	return g.process(b)
}

func (g *groupAggregate) add(b *vec.Batch) error {
	g.keyCols = columns(g.keyCols, b, g.by)
	g.insert(g.keyCols, b.Rows(), b.Sel)
	g.left = g.left[:0]
	if err := g.rounds(b); err != nil {
		return err
	}
	g.drop()
	return nil
}

func (g *groupAggregate) grow(n int) {
	g.accs.Grow(n)
	for len(g.live) < n {
		g.live, g.round = append(g.live, false), append(g.round, 0)
	}
	if g.node.InputRetract {
		for len(g.rows) < n {
			g.rows = append(g.rows, 0)
		}
	}
}

// rounds cuts the batch into rounds: one, or for the changelog of every row, as many as the
// most frequent key needs.
func (g *groupAggregate) rounds(b *vec.Batch) error {
	if !g.Ctx.Config.RowByRow {
		g.begin()
		for _, id := range g.ids {
			g.touch(id)
		}
		return g.run(b, g.ids, b.Sel)
	}
	rows, start := g.rowsOf(b), 0
	g.begin()
	for k, id := range g.ids {
		if g.touch(id) {
			continue
		}
		if err := g.run(b, g.ids[start:k], rows[start:k]); err != nil {
			return err
		}
		start = k
		g.begin()
		g.touch(id)
	}
	return g.run(b, g.ids[start:], rows[start:])
}

func (g *groupAggregate) begin() {
	g.touched = g.touched[:0]
	if g.now++; g.now == 0 { // after 2^32 rounds
		clear(g.round)
		g.now = 1
	}
}

// touch lists a group among those of the round, and reports whether it is new there.
func (g *groupAggregate) touch(id uint32) bool {
	if g.round[id] == g.now {
		return false
	}
	g.round[id] = g.now
	g.touched = append(g.touched, id)
	return true
}

// run works a round through: results before, rows, results after, changes.
func (g *groupAggregate) run(b *vec.Batch, groups []uint32, rows []int32) error {
	if err := g.renew(); err != nil {
		return err
	}
	g.log.begin(g.touched, g.live)
	if !g.always {
		if err := g.log.before(g.accs); err != nil {
			return err
		}
	}
	if err := g.take(b, groups, rows); err != nil {
		return err
	}
	if g.node.InputRetract {
		g.log.keep(g.rows)
	}
	if err := g.log.after(g.accs); err != nil {
		return err
	}
	out := g.log.changes(g.table, g.node.UpdateBefore, g.always)
	if err := g.settle(); err != nil {
		return err
	}
	g.state.Mark(g.touched, g.table.Bound())
	if g.listed {
		g.state.Touch(g.touched)
	}
	if out.Len() == 0 {
		return nil
	}
	return g.Ctx.Out.Emit(out)
}

// take takes a round's rows in and back.
func (g *groupAggregate) take(b *vec.Batch, groups []uint32, rows []int32) error {
	switch {
	case g.node.Phase == plan.Global:
		return g.accs.Merge(groups, b.Cols[len(g.node.Keys):], rows)
	case !g.node.InputRetract:
		return g.accs.Add(groups, b.Cols, rows)
	}
	g.in.reset()
	g.out.reset()
	for k, id := range groups {
		i := at(rows, k)
		if !b.Kind(i).Retracts() {
			if g.rows[id] == 0 && !g.exact {
				if err := g.restart(b, id); err != nil {
					return err
				}
			}
			g.rows[id]++
			g.in.add(id, int32(i))
			continue
		}
		if g.rows[id] == 0 {
			continue // of a key that is not known
		}
		g.rows[id]--
		g.out.add(id, int32(i))
	}
	return g.apply(b)
}

// apply gives the accumulators the rows collected so far.
func (g *groupAggregate) apply(b *vec.Batch) error {
	if err := g.accs.Add(g.in.groups, b.Cols, g.in.rows); err != nil {
		return err
	}
	if len(g.out.groups) > 0 {
		if err := g.accs.Retract(g.out.groups, b.Cols, g.out.rows); err != nil {
			return err
		}
	}
	g.in.reset()
	g.out.reset()
	return nil
}

// restart empties a group that has no rows, before it gets one again.
func (g *groupAggregate) restart(b *vec.Batch, id uint32) error {
	if err := g.apply(b); err != nil {
		return err
	}
	return g.empty([]uint32{id})
}

// empty empties groups.
func (g *groupAggregate) empty(ids []uint32) error {
	if err := g.accs.ForgetOnDisk(ids); err != nil {
		return err
	}
	g.accs.Reset(ids)
	return nil
}

// settle notes which groups of the round have a result, and empties those without rows.
func (g *groupAggregate) settle() error {
	if !g.node.InputRetract {
		for _, id := range g.touched {
			g.live[id] = true
		}
		return nil
	}
	from := len(g.left)
	for _, id := range g.touched {
		g.live[id] = g.rows[id] > 0
		if !g.live[id] {
			g.left = append(g.left, id)
		}
	}
	if len(g.left) == from {
		return nil
	}
	return g.empty(g.left[from:])
}

// drop deletes the groups that are without rows at the end of the batch. A group is listed once
// a round; its round is set to one that never comes, so that it is deleted once.
func (g *groupAggregate) drop() {
	n := 0
	for _, id := range g.left {
		if !g.live[id] && g.round[id] != 0 {
			g.round[id] = 0
			g.left[n] = id
			n++
		}
	}
	g.state.Forget(g.left[:n])
	g.table.Delete(g.left[:n], g.keys)
}
