package op

import (
	"github.com/weirstream/weir/runtime/agg"
	"github.com/weirstream/weir/runtime/vec"
	"github.com/weirstream/weir/sql/types"
	"github.com/weirstream/weir/state"
)

// bigintColumn is a column of numbers in an operator's state.
func bigintColumn(name string) vec.Field {
	return vec.Field{Name: name, Type: types.New(types.BigInt).WithoutNull()}
}

// appendInts appends vals[id] of every id.
func appendInts(out *vec.Vector, vals []int64, ids []uint32) {
	at := out.Len()
	out.Resize(at + len(ids))
	dst := vec.Values[int64](out)[at:]
	for k, id := range ids {
		dst[k] = vals[id]
	}
}

// keep has the groups kept: key → the number of rows if the input retracts, the time of the last write if there is a
// lifetime, how many values calls with DISTINCT have, the calls' state.
func (g *groupAggregate) keep() (err error) {
	if !g.Ctx.State.Checkpointed() {
		g.accs.Pack(g.Ctx.State.Bound())
	}
	nk := len(g.node.Keys)
	var value vec.Schema
	if g.node.InputRetract {
		value = append(value, bigintColumn("rows"))
	}
	value = g.expiry.column(value)
	key := g.node.Schema[:nk]
	value = append(append(value, g.accs.CountsSchema()...), g.accs.KeptSchema()...)
	sets, fixed := g.accs.HasSets(), nk == 0
	t := state.Table{Name: "groups", Key: key, Value: value, Values: g.appendState, Load: g.load, Whole: sets, Fixed: fixed}
	if g.listed = g.accs.HasListed() && !fixed; g.listed {
		t.Owners = ownEntries(g.table)
		g.owned = func() int { return g.table.Len() + g.accs.Listed() }
	}
	if err := g.keyed.keep(t, sets || !fixed); err != nil {
		return err
	}
	owner := agg.Owner{Key: key, Route: nk, Keys: g.table.AppendKeys, Find: g.find, Whole: sets}
	if g.listed {
		owner.Leader = g.state
	}
	if sets {
		owner.SetsOf = g.state
		g.values.g, g.apart = g, &g.values
	}
	return g.accs.Keep(g.Ctx.State, owner)
}

// ownEntries has each entry of a table be an owner, for others to follow.
func ownEntries(table *vec.GroupTable) *state.Owners {
	return &state.Owners{IDs: table.IDs, Keys: table.AppendKeys, Entries: func(dst []uint32, id uint32) []uint32 { return append(dst, id) }}
}

func (g *groupAggregate) appendState(ids []uint32, out []*vec.Vector) error {
	if g.node.InputRetract {
		appendInts(out[0], g.rows, ids)
		out = out[1:]
	}
	if g.expiry.on() {
		appendInts(out[0], g.expiry.written, ids)
		out = out[1:]
	}
	counts := len(g.accs.CountsSchema())
	g.accs.AppendCounts(ids, out[:counts])
	return g.accs.AppendKept(ids, out[counts:])
}

func (g *groupAggregate) load(cols []*vec.Vector, n int) ([]uint32, error) {
	nk := len(g.node.Keys)
	g.keys.Set(cols[:nk], n, nil)
	g.loaded = g.table.Insert(g.keys, g.loaded)
	g.grow(g.table.Bound())
	cols = cols[nk:]
	for _, id := range g.loaded {
		g.live[id] = true
	}
	if g.node.InputRetract {
		for k, x := range vec.Values[int64](cols[0]) {
			g.rows[g.loaded[k]] = x
		}
		cols = cols[1:]
	}
	if g.expiry.on() {
		for k, x := range vec.Values[int64](cols[0]) {
			g.expiry.restore(g.loaded[k], x, true)
		}
		cols = cols[1:]
	}
	counts := len(g.accs.CountsSchema())
	g.accs.LoadCounts(g.loaded, cols[:counts])
	return g.loaded, g.accs.LoadKept(g.loaded, cols[counts:])
}

func (g *groupAggregate) size() int {
	return g.accs.Memory() + 8*cap(g.rows) + cap(g.live) + 4*cap(g.round)
}
