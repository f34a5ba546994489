package op

import "github.com/weirstream/weir/runtime/vec"

// storedOutput gives rows of a store as changes, batch by batch. Rows that are let go stay in the
// store until they have been given.
type storedOutput struct {
	ctx     *Context
	store   *vec.RowStore
	given   []uint32 // rows of the output
	kinds   []vec.ChangeKind
	gone    []uint32
	places  []int32
	scratch []int32
	batch   *vec.Batch
}

func (o *storedOutput) init(s vec.Schema, store *vec.RowStore) {
	o.batch, o.store = vec.NewBatch(s), store
}

// free lets a row go once what was added so far has been given.
func (o *storedOutput) free(row uint32) { o.gone = append(o.gone, row) }

// add gives a row as a change.
func (o *storedOutput) add(row uint32, k vec.ChangeKind) error {
	o.given, o.kinds = append(o.given, row), append(o.kinds, k)
	if len(o.given) < batchSize(o.ctx.Config) {
		return nil
	}
	return o.emit()
}

// rows appends rows of the store to columns.
func (o *storedOutput) rows(rows []uint32, out []*vec.Vector) {
	for c, v := range out {
		o.places = o.store.AppendColumn(v, c, rows, o.places)
	}
}

// share is rows without copying texts: what it appends is valid until the store is Reset.
func (o *storedOutput) share(rows []uint32, out []*vec.Vector) {
	for c, v := range out {
		o.places = o.store.ShareColumn(v, c, rows, o.places)
	}
}

func (o *storedOutput) emit() error {
	if len(o.given) == 0 {
		return nil
	}
	o.batch.Reset()
	o.share(o.given, o.batch.Cols)
	o.batch.SetLen(len(o.given))
	copy(o.batch.EnsureKinds(), o.kinds)
	o.given, o.kinds = o.given[:0], o.kinds[:0]
	return o.ctx.Out.Emit(o.batch)
}

// flush gives what was added and lets rows go.
func (o *storedOutput) flush() error {
	err := o.emit()
	o.store.Free(o.gone)
	o.gone = o.gone[:0]
	return err
}
