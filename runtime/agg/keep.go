package agg

import (
	"errors"
	"fmt"

	"github.com/weirstream/weir/runtime/vec"
	"github.com/weirstream/weir/state"
)

// side is the part of an aggregation's state that is not one value a group: a set, a multiset, a list. It is kept in a
// table of its own, keyed by the group's keys and more columns, so that a group with a million values is not written
// anew because one has come.
type side interface {
	// columns are the key's behind the group's keys, and the value's.
	columns() (key, value vec.Schema)
	// keep says that entries will be read out: what is needed for that is noted from now on.
	keep()
	// track gives what entries are marked in.
	track(rows *state.Rows)
	// groups appends the groups of entries to dst.
	groups(dst, entries []uint32) []uint32
	appendKey(entries []uint32, out []*vec.Vector)
	appendValue(entries []uint32, out []*vec.Vector) error
	// load takes entries of groups in and appends their ids to dst.
	load(dst, groups []uint32, cols []*vec.Vector) []uint32
}

// listed is a side that lists the entries of a group, in the order in which load is to take them in again: they move to disk with their group. Those of other sides,
// the values of DISTINCT, move by themselves.
type listed interface {
	side
	entries(dst []uint32, group uint32) []uint32
	// count is how many entries all groups have.
	count() int
}

// sided is an accumulator whose state is a side, and nothing else.
type sided interface{ side() side }

// sideOf gives an accumulator's side, nil where its state is one value a group.
func sideOf(acc Accumulator) side {
	if s, ok := acc.(sided); ok {
		return s.side()
	}
	return nil
}

// named is a side with the name of its table.
type named struct {
	side
	name string
}

// sides lists the sides of all calls.
func (a *Accumulators) sides() []named {
	var out []named
	for i, acc := range a.accs {
		if s := sideOf(acc); s != nil {
			out = append(out, named{s, fmt.Sprintf("values %d", i)})
		}
	}
	for i, s := range a.sets {
		out = append(out, named{s, fmt.Sprintf("distinct %d", i)})
	}
	return out
}

// HasSides reports whether some call keeps more than a value a group.
func (a *Accumulators) HasSides() bool { return len(a.sides()) > 0 }

// KeptSchema gives the columns that an operator keeps a row a group of: the state of each call, but for what has a table of its own (see
// Owner).
func (a *Accumulators) KeptSchema() vec.Schema {
	s := vec.Schema{}
	for i, acc := range a.accs {
		if sideOf(acc) != nil {
			continue
		}
		for _, f := range acc.State() {
			s = append(s, vec.Field{Name: fmt.Sprintf("%d.%s", i, f.Name), Type: f.Type})
		}
	}
	return s
}

// AppendKept appends the groups' state in the columns of KeptSchema.
func (a *Accumulators) AppendKept(groups []uint32, out []*vec.Vector) error {
	for i, acc := range a.accs {
		if sideOf(acc) != nil {
			continue
		}
		n := a.widths[i]
		if err := acc.AppendState(groups, out[:n]); err != nil {
			return err
		}
		out = out[n:]
	}
	return nil
}

// LoadKept takes what AppendKept gave into empty groups.
func (a *Accumulators) LoadKept(groups []uint32, cols []*vec.Vector) error {
	for i, acc := range a.accs {
		if sideOf(acc) != nil {
			continue
		}
		n := a.widths[i]
		if err := acc.Merge(groups, cols[:n], nil); err != nil {
			return err
		}
		cols = cols[n:]
	}
	return nil
}

// Owner says how the groups of accumulators are named on disk.
type Owner struct {
	Key   vec.Schema // of a group
	Route int        // see state.Table
	// Keys appends the keys of groups.
	Keys func(groups []uint32, out []*vec.Vector)
	// Find gives the groups of n keys; vec.NoGroup where there is none.
	Find func(cols []*vec.Vector, n int) []uint32
	// Leader, which may be nil, is the table of the groups, whose owners the groups are: values move to disk with their groups. SetsOf, which may be nil, is that table too: the values of
	// DISTINCT move by themselves. Whole: see state.Table.
	Leader, SetsOf *state.Rows
	Whole          bool
}

// errNoOwner is damage: what is kept of a group's values lies there without the group.
var errNoOwner = errors.New("values of a group that is not there")

// Keep has the calls' own tables kept, and restores them. The groups have been restored. What the calls keep as a
// value a group is the operator's to keep.
func (a *Accumulators) Keep(sc *state.Scope, o Owner) error {
	if sc == nil {
		return nil
	}
	for _, s := range a.sides() {
		s.keep()
		key, value := s.columns()
		keys, load := o.bind(s.side)
		t := state.Table{Name: s.name, Key: concat(o.Key, key), Value: value, Route: o.Route, Keys: keys, Values: s.appendValue, Load: load}
		switch s := s.side.(type) {
		case *distinctSet:
			if o.SetsOf != nil {
				s.moves(o, &t)
			}
		case listed:
			if o.Leader != nil {
				t.Find, t.Whole = o.Find, o.Whole
				t.Owners = &state.Owners{Keys: o.Keys, Entries: s.entries, Leader: o.Leader}
			}
		}
		rows, err := sc.Table(t)
		if err != nil {
			return err
		}
		s.track(rows)
	}
	return nil
}

// bind gives the functions of a side's table.
func (o Owner) bind(s side) (keys func([]uint32, []*vec.Vector), load func([]*vec.Vector, int) ([]uint32, error)) {
	n := len(o.Key)
	var groups, ids []uint32
	keys = func(entries []uint32, out []*vec.Vector) {
		groups = s.groups(groups[:0], entries)
		o.Keys(groups, out[:n])
		s.appendKey(entries, out[n:])
	}
	load = func(cols []*vec.Vector, rows int) ([]uint32, error) {
		of := o.Find(cols[:n], rows)
		for _, g := range of {
			if g == vec.NoGroup {
				return nil, errNoOwner
			}
		}
		ids = s.load(ids[:0], of, cols[n:])
		return ids, nil
	}
	return keys, load
}

func concat(a, b vec.Schema) vec.Schema { return append(append(vec.Schema{}, a...), b...) }

// SpanSides are the tables by span of the calls' own state, for accumulators that come and go with slices.
type SpanSides struct{ spans []*state.Spans }

// KeepSpans has them kept. like are accumulators as every slice has them; find gives those of a part of a span, and their
// owner: they are there, since the slices' groups have been restored. onDisk is told of what stays on disk.
func KeepSpans(sc *state.Scope, like *Accumulators, o Owner, find func(span int64, part uint64) (*Accumulators, Owner), onDisk func(side int, span int64, part uint64, rows *state.Rows)) (*SpanSides, error) {
	k := &SpanSides{spans: make([]*state.Spans, len(like.sides()))}
	for i, s := range like.sides() {
		key, value := s.columns()
		t := state.SpanTable{Name: s.name, Key: concat(o.Key, key), Value: value, Route: o.Route}
		if onDisk != nil {
			t.OnDisk = func(span int64, part uint64, rows *state.Rows) { onDisk(i, span, part, rows) }
		}
		t.Load = func(span int64, part uint64, cols []*vec.Vector, n int) ([]uint32, *state.Rows, error) {
			a, owner := find(span, part)
			if a == nil {
				return nil, nil, errNoOwner
			}
			rows := k.at(i, span, part, a, owner)
			_, load := owner.bind(a.sides()[i].side)
			ids, err := load(cols, n)
			return ids, rows, err
		}
		if err := sc.Spans(t, func(sp *state.Spans) { k.spans[i] = sp }); err != nil {
			return nil, err
		}
	}
	return k, nil
}

// at begins to track side i of a slice's accumulators, if that is not done yet.
func (k *SpanSides) at(i int, span int64, part uint64, a *Accumulators, o Owner) *state.Rows {
	sides := a.sides()
	for len(a.tracked) < len(sides) {
		a.tracked = append(a.tracked, nil)
	}
	if a.tracked[i] == nil {
		s := sides[i]
		s.keep()
		keys, _ := o.bind(s.side)
		a.tracked[i] = k.spans[i].At(span, part, keys, s.appendValue)
		s.track(a.tracked[i])
	}
	return a.tracked[i]
}

// At begins to track the tables of a slice's accumulators.
func (k *SpanSides) At(span int64, part uint64, a *Accumulators, o Owner) {
	if k == nil {
		return
	}
	for i := range k.spans {
		k.at(i, span, part, a, o)
	}
}

// Drop ends the tracking: the rows are removed from the state.
func (k *SpanSides) Drop(a *Accumulators) {
	if k == nil {
		return
	}
	for i, rows := range a.tracked {
		k.spans[i].Drop(rows)
	}
	a.Untrack()
}

// DropRows removes parts, one of each side, that lie on disk.
func (k *SpanSides) DropRows(rows []*state.Rows) {
	if k == nil {
		return
	}
	for i, r := range rows {
		k.spans[i].Drop(r)
	}
}

// Tracked are the tables by span of the calls' own state.
func (a *Accumulators) Tracked() []*state.Rows { return a.tracked }

// Loaders give functions that take entries of the calls' own tables in, one for each.
func (a *Accumulators) Loaders(o Owner) []func(cols []*vec.Vector, n int) error {
	var out []func(cols []*vec.Vector, n int) error
	for _, s := range a.sides() {
		s.keep()
		_, load := o.bind(s.side)
		out = append(out, func(cols []*vec.Vector, n int) error {
			_, err := load(cols, n)
			return err
		})
	}
	return out
}

// Untrack ends the tracking of tables by span, without dropping their rows.
func (a *Accumulators) Untrack() {
	for _, s := range a.sides() {
		s.track(nil)
	}
	a.tracked = a.tracked[:0]
}
