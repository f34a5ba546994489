package state

import (
	"github.com/weirstream/weir/runtime/vec"
	"github.com/weirstream/weir/sql/types"
)

// Where what is kept of a key lies in several tables, such as the partitions of OVER and the rows of their frames, one of them leads: it has an entry a key. The others
// follow (Owners.Leader): what is done with an owner's entries in the leader is done with those in its followers.

// moves reports whether the entries of a table can be moved out of memory.
func (t *Table) moves() bool {
	switch {
	case t.Owners != nil && t.Owners.Leader != nil:
		return t.Owners.Leader.cold != nil
	case t.Member != nil:
		return t.Member.Of != nil && t.Member.Of.cold != nil
	}
	return t.Evict != nil
}

// follow has the table go with its leader, if it has one.
func (r *Rows) follow(o *Owners) {
	if o != nil && o.Leader != nil {
		r.cold.leader = o.Leader
		o.Leader.cold.followers = append(o.Leader.cold.followers, r)
	}
}

// withFollowers gives a table and those that follow it.
func (e *eviction) withFollowers(r *Rows) []*Rows { return append([]*Rows{r}, e.followers...) }

// takeAway removes what n owners, all of one key group, have on disk. keys are the owners'.
func (r *Rows) takeAway(group int, keys []*vec.Vector, n int) error {
	ts := typesOf(r.table.Key[:len(keys)])
	table, batch := vec.NewGroupTable(ts), vec.NewKeyBatch(ts)
	batch.Set(keys, n, nil)
	ids := table.Insert(batch, nil)
	hashes, groups := make([]uint64, n), make([]int, n)
	vec.HashRows(keys, nil, hashes)
	for i := range groups {
		groups[i] = group
	}
	find := func(cols []*vec.Vector, n int) []uint32 {
		batch.Set(cols, n, nil)
		ids = table.Lookup(batch, ids)
		return ids
	}
	return r.cold.cold.take(groups, hashes, find, func(*vec.Batch) error { return nil })
}

// wantFound has followers read what belongs to the owners that were found in the database.
func (r *Rows) wantFound() {
	u := r.cold.unloaded
	for _, f := range r.cold.followers {
		wanted := f.cold.unloaded.wanted
		for c, v := range wanted.Cols {
			v.AppendRows(u.found.Cols[c], nil)
		}
		wanted.SetLen(wanted.Len() + u.found.Len())
	}
}

// readFollowers reads what followers are wanted to.
func (r *Rows) readFollowers() error {
	for _, f := range r.cold.followers {
		u := f.cold.unloaded
		if u.wanted.Len() == 0 {
			continue
		}
		if err := f.readWanted(); err != nil {
			return err
		}
		u.wanted.Reset()
		r.cold.unloaded.paid, u.paid = r.cold.unloaded.paid+u.paid, 0
	}
	return nil
}

func typesOf(s vec.Schema) []types.Type {
	var ts []types.Type
	for _, f := range s {
		ts = append(ts, f.Type)
	}
	return ts
}
