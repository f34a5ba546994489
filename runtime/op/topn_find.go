package op

import "github.com/weirstream/weir/runtime/vec"

// rowFinder finds the row that a retraction takes back, in the store of ranked rows: by the input's key where
// it has one, else by all columns.
type rowFinder struct {
	rows    *rankedRows
	index   rowIndex
	columns []int    // of the store, that identify a row within its partition
	groups  []uint32 // by row: its partition

	cols   []*vec.Vector // of the present batch
	hashes []uint64
	// What same compares with.
	group uint32
	row   int
	equal func(uint32) bool // same, bound once
}

// newRowFinder makes a finder; key are columns of the input, nil for all.
func newRowFinder(r *rankedRows, key []int) *rowFinder {
	f := &rowFinder{rows: r}
	for at, c := range r.stored {
		if key == nil || among(key, c) {
			f.columns = append(f.columns, at)
		}
	}
	f.equal = f.same
	return f
}

func (f *rowFinder) begin(b *vec.Batch) { f.hashRows(f.rows.rowCols, b.Rows(), b.Sel) }

func (f *rowFinder) hashRows(cols []*vec.Vector, n int, sel []int32) {
	f.cols = f.cols[:0]
	for _, c := range f.columns {
		f.cols = append(f.cols, cols[c])
	}
	if cap(f.hashes) < n {
		f.hashes = make([]uint64, max(n, vec.DefaultBatchSize))
	}
	f.hashes = f.hashes[:n]
	vec.HashRows(f.cols, sel, f.hashes)
}

// load finds rows again that were restored.
func (f *rowFinder) load(rows []uint32) {
	f.hashRows(f.rows.rowCols, len(rows), nil)
	for k, row := range rows {
		f.add(k, k, f.rows.groups[k], row)
	}
}

// forget has all rows of a partition, which are still in the store, no longer found.
func (f *rowFinder) forget(g uint32, rows []uint32) {
	s := f.rows.store
	cols := make([]*vec.Vector, len(s.Columns()))
	for c, v := range s.Columns() {
		cols[c] = vec.New(v.Type())
		f.rows.places = s.ShareColumn(cols[c], c, rows, f.rows.places)
	}
	f.hashRows(cols, len(rows), nil)
	for k := range rows {
		f.take(k, k, g)
	}
}

func (f *rowFinder) memory() int { return 4*cap(f.groups) + f.index.memory() }

// hash mixes the partition into the hash of row k of the batch.
func (f *rowFinder) hash(k int, g uint32) uint32 {
	h := (f.hashes[k] ^ uint64(g)) * 0x9e3779b97f4a7c15
	return uint32(h >> 32)
}

// same reports whether a row of the store is the one that is looked for.
func (f *rowFinder) same(row uint32) bool {
	return f.groups[row] == f.group && f.rows.store.Equal(row, f.columns, f.cols, f.row)
}

// add notes a row of the store that is row i, entry k, of the batch.
func (f *rowFinder) add(k, i int, g, row uint32) {
	for len(f.groups) <= int(row) {
		f.groups = append(f.groups, 0)
	}
	f.groups[row] = g
	f.group, f.row = g, i
	f.index.add(f.hash(k, g), row, f.equal)
}

// take gives the first row that is the same as row i of the batch, which is then no longer found; noRow for none.
func (f *rowFinder) take(k, i int, g uint32) uint32 {
	f.group, f.row = g, i
	return f.index.take(f.hash(k, g), f.equal)
}
