package op

import (
	"cmp"
	"math"

	"github.com/weirstream/weir/runtime/order"
	"github.com/weirstream/weir/runtime/vec"
	"github.com/weirstream/weir/sql/types"
	"github.com/weirstream/weir/state"
)

// rankedRows keeps the rows of each partition in order: what Top-N operators work on. A row's
// columns are kept once, those of the partition in the table of partitions only. Rows that are
// equal by all keys stand in the order in which they came.
//
// Layout: a group table of partitions; a store of rows; for each partition a list of row numbers
// with the word of the first key (see order.Forest).
type rankedRows struct {
	partition []int // columns of the input
	stored    []int // the others
	table     *vec.GroupTable
	keys      *vec.KeyBatch
	store     *vec.RowStore
	order     *order.Comparer // over stored columns
	lists     *order.Forest
	numbers   numberedRows
	newest    bool // of rows that are equal by all keys, the one that comes last goes first
	expiry    *expiry

	// Of the present batch: the partition and the word of each row that counts, and columns.
	groups   []uint32
	words    []uint64
	keyCols  []*vec.Vector
	rowCols  []*vec.Vector
	places   []int32
	outOrder []*vec.Vector
}

// newRankedRows makes the rows of an input with this schema. find says whether rows will be looked for
// after they were put in.
func newRankedRows(in vec.Schema, partition []int, by []order.Key, find bool) *rankedRows {
	r := &rankedRows{partition: partition, expiry: new(expiry)}
	at := make([]int, len(in))
	var ts []types.Type
	for c, f := range in {
		if !among(partition, c) {
			at[c] = len(r.stored)
			r.stored, ts = append(r.stored, c), append(ts, f.Type)
		}
	}
	var keys []order.Key
	for _, k := range by {
		if !among(partition, k.Column) { // which all rows of a list have in common
			k.Column = at[k.Column]
			keys = append(keys, k)
		}
	}
	keyTypes := columnTypes(in, partition)
	r.table, r.keys, r.store = vec.NewGroupTable(keyTypes), vec.NewKeyBatch(keyTypes), vec.NewRowStore(ts)
	r.order = order.NewComparer(keys, func(c int) types.Type { return ts[c] })
	switch {
	case find:
		r.numbers.on = true
		r.lists = order.NewForest(r.compareArrival)
	case r.order.Exact():
		r.lists = order.NewForest(nil)
	default:
		r.lists = order.NewForest(r.compare)
	}
	return r
}

// compare orders two rows of the store.
func (r *rankedRows) compare(a, b uint32) int {
	cols := r.store.Columns()
	return r.order.Compare(cols, int(a), cols, int(b))
}

// compareArrival orders rows that are equal by how they came.
func (r *rankedRows) compareArrival(a, b uint32) int {
	if !r.order.Exact() {
		if d := r.compare(a, b); d != 0 {
			return d
		}
	}
	return cmp.Compare(r.numbers.number[a], r.numbers.number[b])
}

// begin takes a batch, borrowed until the next one.
func (r *rankedRows) begin(b *vec.Batch) {
	r.keyCols = columns(r.keyCols, b, r.partition)
	r.rowCols = columns(r.rowCols, b, r.stored)
	r.keys.Set(r.keyCols, b.Rows(), b.Sel)
	r.groups = r.table.Insert(r.keys, r.groups)
	r.words = r.order.Words(r.words, r.rowCols, b.Rows(), b.Sel)
	r.lists.Grow(r.table.Bound())
}

// worse reports whether row i of the batch, whose word is given, would go behind entry at of a list.
func (r *rankedRows) worse(list uint32, word uint64, i, at int) bool {
	w, row := r.lists.At(list, at)
	if word != w {
		return word > w
	}
	d := 0
	if !r.order.Exact() {
		d = r.order.Compare(r.rowCols, i, r.store.Columns(), int(row))
	}
	return d > 0 || d == 0 && !r.newest
}

// keep copies row i of the batch to the store.
func (r *rankedRows) keep(list uint32, i int) uint32 {
	row := r.store.Add(r.rowCols, i)
	r.numbers.enter(list, row)
	return row
}

// takeAll takes all rows out of a partition's list, and gives them.
func (r *rankedRows) takeAll(list uint32) []uint32 {
	rows := r.rowsOf(nil, list)
	for n := len(rows); n > 0; n-- {
		r.lists.Remove(list, n-1)
	}
	return rows
}

// free lets rows go that are in no list any more; their partitions are still there.
func (r *rankedRows) free(rows []uint32) {
	r.numbers.forget(rows)
	r.store.Free(rows)
}

// restore has the rows kept, in memory.
func (r *rankedRows) restore(sc *state.Scope, in vec.Schema) error {
	t := r.declare(in, nil, nil)
	t.groups, t.keys = r.table, r.keys
	return r.numbers.keep(sc, t)
}

// declare says what a row is. put, which may be nil, is called for each row that comes back, with its partition and its place, and loaded, which may be
// nil, for a batch of them: they lie in rowCols, their partitions are groups.
func (r *rankedRows) declare(in vec.Schema, put func(g uint32, place int, row uint32), loaded func(rows []uint32)) numberedTable {
	return numberedTable{
		name: "rows", key: pick(in, r.partition), value: pick(in, r.stored),
		values: func(rows []uint32, out []*vec.Vector) error {
			for c := range r.stored {
				r.places = r.store.AppendColumn(out[c], c, rows, r.places)
			}
			r.expiry.appendOf(rows, r.numbers.owner, out)
			return nil
		},
		load: func(dst, owners []uint32, cols []*vec.Vector) ([]uint32, error) {
			from := len(dst)
			r.rowCols, r.groups = append(r.rowCols[:0], cols[:len(r.stored)]...), append(r.groups[:0], owners...)
			r.words = r.order.Words(r.words, r.rowCols, len(owners), nil)
			r.lists.Grow(r.table.Bound())
			for k, g := range owners {
				r.expiry.restoredOf(g, cols, k, r.lists.Len(g) == 0)
				row := r.store.Add(r.rowCols, k)
				dst = append(dst, row)
				r.numbers.set(row, g, math.MaxInt64) // behind those that are there; its own number comes after
				place := r.lists.Insert(g, r.words[k], row)
				if put != nil {
					put(g, place, row)
				}
			}
			if loaded != nil {
				loaded(dst[from:])
			}
			return dst, nil
		},
	}
}

// rowsOf appends the rows of a list.
func (r *rankedRows) rowsOf(dst []uint32, list uint32) []uint32 {
	return r.lists.Append(dst, list, 0, r.lists.Len(list))
}

// memory gives the bytes that rows take.
func (r *rankedRows) memory() int { return r.store.Memory() + r.lists.Memory() + r.numbers.memory() }

// place finds where in its list a row of the store is.
func (r *rankedRows) place(list, row uint32) int {
	return r.lists.Search(list, r.order.Word(r.store.Columns(), int(row)), row) - 1
}

// appendRows appends rows, each with its partition, to the columns of the input at the front of out.
func (r *rankedRows) appendRows(out *vec.Batch, groups, rows []uint32) {
	r.outOrder = columns(r.outOrder, out, r.partition)
	r.table.AppendKeys(groups, r.outOrder)
	for c, at := range r.stored {
		r.places = r.store.ShareColumn(out.Cols[at], c, rows, r.places)
	}
}

// drop forgets a partition whose list is empty.
func (r *rankedRows) drop(groups []uint32) { r.table.Delete(groups, r.keys) }

// among reports whether c is one of some columns.
func among(columns []int, c int) bool {
	for _, x := range columns {
		if x == c {
			return true
		}
	}
	return false
}
