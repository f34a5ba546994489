package op

import (
	"github.com/weirstream/weir/runtime/plan"
	"github.com/weirstream/weir/runtime/vec"
)

// lastRows are the rows of the keys of a lastRow, for what needs them whole: a store (columns by number), and 4 bytes a key.
type lastRows struct {
	before  bool // -U are given
	store   *vec.RowStore
	compare []int    // columns that tell rows apart
	row     []uint32 // by key; noRow: none

	cmpCols []*vec.Vector
	gone    []uint32 // rows that were there before
	added   []uint32
	places  []int32
	out     *vec.Batch
}

func newLastRows(n *plan.Deduplicate) *lastRows {
	r := &lastRows{before: n.UpdateBefore, out: vec.NewBatch(n.Schema)}
	var all []int
	for c := range n.Schema {
		all = append(all, c)
		if c != n.TimeCol {
			r.compare = append(r.compare, c)
		}
	}
	r.store = vec.NewRowStore(columnTypes(n.Schema, all))
	return r
}

func (r *lastRows) memory() int { return r.store.Memory() + 4*cap(r.row) }

func (r *lastRows) grow(bound int) {
	for len(r.row) < bound {
		r.row = append(r.row, noRow)
	}
}

// append appends the rows of keys.
func (r *lastRows) append(ids []uint32, out []*vec.Vector) {
	r.added = r.added[:0]
	for _, id := range ids {
		r.added = append(r.added, r.row[id])
	}
	for c, v := range out {
		r.places = r.store.AppendColumn(v, c, r.added, r.places)
	}
}

// load takes the rows of new keys in.
func (r *lastRows) load(ids []uint32, row []*vec.Vector) {
	for k, id := range ids {
		r.row[id] = r.store.Add(row, k)
	}
}

// forget lets the rows of keys go.
func (r *lastRows) forget(ids []uint32) {
	for _, id := range ids {
		r.gone = append(r.gone, r.row[id])
		r.row[id] = noRow
	}
	r.store.Free(r.gone)
	r.gone = r.gone[:0]
}

// begin takes a batch, borrowed until the next one.
func (r *lastRows) begin(b *vec.Batch) { r.cmpCols = columns(r.cmpCols, b, r.compare) }

// same reports whether row i of the batch holds what the row of a key does, their time apart.
func (r *lastRows) same(id uint32, i int) bool {
	return r.store.Equal(r.row[id], r.compare, r.cmpCols, i)
}

// replace makes rows of a batch those of keys. What was there before is given as -U, where somebody needs that, and let go.
func (r *lastRows) replace(ctx *Context, b *vec.Batch, rows []int32, ids []uint32) error {
	for _, id := range ids {
		if before := r.row[id]; before != noRow {
			r.gone = append(r.gone, before)
		}
	}
	if err := r.takeBack(ctx); err != nil {
		return err
	}
	r.store.Free(r.gone)
	r.gone = r.gone[:0]
	r.added = r.store.AddRows(b.Cols, rows, r.added[:0])
	for k, id := range ids {
		r.row[id] = r.added[k]
	}
	return nil
}

// takeBack gives -U of the rows that go, where somebody needs it.
func (r *lastRows) takeBack(ctx *Context) error {
	if !r.before || len(r.gone) == 0 {
		return nil
	}
	r.out.Reset()
	for c, v := range r.out.Cols {
		r.places = r.store.ShareColumn(v, c, r.gone, r.places)
	}
	r.out.SetLen(len(r.gone))
	kinds := r.out.EnsureKinds()
	for k := range kinds {
		kinds[k] = vec.UpdateBefore
	}
	return ctx.Out.Emit(r.out)
}
