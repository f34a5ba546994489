package op

import "github.com/weirstream/weir/runtime/vec"

// rankedOutput makes batches of ranked rows, with their rank where it is asked for.
type rankedOutput struct {
	rows   *rankedRows
	number bool
	// One entry a row of the batch.
	groups []uint32
	ids    []uint32
	kinds  []vec.ChangeKind
	ranks  []int64
	batch  *vec.Batch
}

func newRankedOutput(s vec.Schema, rows *rankedRows, number bool) rankedOutput {
	return rankedOutput{rows: rows, number: number, batch: vec.NewBatch(s)}
}

// add adds a row, and emits the batch when it is full. Rows must stay in the store until flush.
func (o *rankedOutput) add(ctx *Context, g, row uint32, k vec.ChangeKind, rank int64) error {
	o.groups, o.ids, o.kinds = append(o.groups, g), append(o.ids, row), append(o.kinds, k)
	if o.number {
		o.ranks = append(o.ranks, rank)
	}
	if len(o.ids) < batchSize(ctx.Config) {
		return nil
	}
	return o.flush(ctx)
}

// flush emits what was added.
func (o *rankedOutput) flush(ctx *Context) error {
	n := len(o.ids)
	if n == 0 {
		return nil
	}
	o.batch.Reset()
	o.rows.appendRows(o.batch, o.groups, o.ids)
	if o.number {
		v := o.batch.Cols[len(o.batch.Cols)-1]
		v.Resize(n)
		copy(vec.Values[int64](v), o.ranks)
	}
	o.batch.SetLen(n)
	for _, k := range o.kinds {
		if k != vec.Insert {
			copy(o.batch.EnsureKinds(), o.kinds)
			break
		}
	}
	o.groups, o.ids, o.kinds, o.ranks = o.groups[:0], o.ids[:0], o.kinds[:0], o.ranks[:0]
	return ctx.Out.Emit(o.batch)
}
