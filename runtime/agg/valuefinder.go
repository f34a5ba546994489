package agg

import (
	"github.com/weirstream/weir/runtime/vec"
	"github.com/weirstream/weir/sql/types"
)

// valueFinder finds the nodes of a valueList that have a given value in a given group, oldest first: a
// hash table of (group, value), and for each entry a chain of nodes.
type valueFinder struct {
	table       *vec.GroupTable
	keys        *vec.KeyBatch
	group       *vec.Vector // of the batch's rows
	first, last []uint32    // by entry: its chain's ends
	later       []uint32    // by node: the next node of the chain
	entry       []uint32    // by node
	ids         []uint32
	dead        []uint32 // entries whose chains have become empty
}

func newValueFinder(t types.Type) *valueFinder {
	group := types.New(types.Int).WithoutNull()
	key := []types.Type{group, t}
	return &valueFinder{table: vec.NewGroupTable(key), keys: vec.NewKeyBatch(key), group: vec.New(group)}
}

// set makes the keys of a batch; rows ascend.
func (f *valueFinder) set(groups []uint32, v *vec.Vector, rows []int32) {
	last := len(groups)
	if rows != nil {
		last = int(rows[len(rows)-1]) + 1
	}
	f.group.Resize(last)
	ids := vec.Values[int32](f.group)
	for k, g := range groups {
		ids[at(rows, k)] = int32(g)
	}
	f.keys.Set([]*vec.Vector{f.group, v}, len(groups), rows)
}

func (f *valueFinder) insert(groups []uint32, v *vec.Vector, rows []int32) []uint32 {
	f.set(groups, v, rows)
	f.ids = f.table.Insert(f.keys, f.ids)
	f.first, f.last = grown(f.first, f.table.Bound(), noNode), grown(f.last, f.table.Bound(), noNode)
	return f.ids
}

func (f *valueFinder) lookup(groups []uint32, v *vec.Vector, rows []int32) []uint32 {
	f.set(groups, v, rows)
	f.ids = f.table.Lookup(f.keys, f.ids)
	return f.ids
}

// append puts a node at the end of entry e's chain.
func (f *valueFinder) append(e, n uint32) {
	f.later, f.entry = grown(f.later, int(n)+1, noNode), grown(f.entry, int(n)+1, noNode)
	f.later[n], f.entry[n] = noNode, e
	if f.first[e] == noNode {
		f.first[e] = n
	} else {
		f.later[f.last[e]] = n
	}
	f.last[e] = n
}

// oldest gives the first node of an entry's chain, noNode where there is none.
func (f *valueFinder) oldest(e uint32) uint32 {
	if e == vec.NoGroup {
		return noNode
	}
	return f.first[e]
}

// remove takes the oldest node off a chain.
func (f *valueFinder) remove(e uint32) {
	f.first[e] = f.later[f.first[e]]
	if f.first[e] == noNode {
		f.dead = append(f.dead, e)
	}
}

// forget drops the whole chain that a node is in.
func (f *valueFinder) forget(n uint32) {
	if e := f.entry[n]; f.first[e] != noNode {
		f.first[e] = noNode
		f.dead = append(f.dead, e)
	}
}

// drop deletes the entries whose chains have become empty.
func (f *valueFinder) drop() {
	f.table.Delete(f.dead, f.keys)
	f.dead = f.dead[:0]
}

func (f *valueFinder) clear() {
	f.table.Reset()
	f.first, f.last, f.later, f.entry = f.first[:0], f.last[:0], f.later[:0], f.entry[:0]
}

func (f *valueFinder) memory() int {
	return f.table.Memory() + 4*(cap(f.first)+cap(f.last)+cap(f.later)+cap(f.entry))
}
