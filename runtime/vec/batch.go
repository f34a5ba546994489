package vec

import (
	"iter"

	"github.com/weirstream/weir/sql/types"
)

// ChangeKind says what a row does to the table that a changelog describes.
type ChangeKind uint8

// The kinds, in Flink's order.
const (
	Insert ChangeKind = iota
	UpdateBefore
	UpdateAfter
	Delete
)

// String gives Flink's short form: +I, -U, +U, -D.
func (k ChangeKind) String() string { return [...]string{"+I", "-U", "+U", "-D"}[k] }

// Retracts reports whether the row takes one away.
func (k ChangeKind) Retracts() bool { return k == UpdateBefore || k == Delete }

// DefaultBatchSize is how many rows a source puts into a batch.
const DefaultBatchSize = 4096

// Field is one column of a Schema.
type Field struct {
	Name string
	Type types.Type
}

// Schema names and types a batch's columns.
type Schema []Field

// Index gives the position of the column called name, or -1.
func (s Schema) Index(name string) int {
	for i, f := range s {
		if f.Name == name {
			return i
		}
	}
	return -1
}

// Batch is a few thousand rows in columns. All columns have Len values; Sel, when
// not nil, names the rows that count, ascending and without repeats. Kinds, when not
// nil, holds Len change kinds; nil means that every row is an insert.
type Batch struct {
	Cols  []*Vector
	Kinds []ChangeKind
	Sel   []int32
	n     int
	spare []ChangeKind // Kinds' memory between two uses
}

// NewBatch makes an empty batch with its own vectors.
func NewBatch(s Schema) *Batch {
	b := &Batch{Cols: make([]*Vector, len(s))}
	for i, f := range s {
		b.Cols[i] = New(f.Type)
	}
	return b
}

// Len gives the number of rows in the columns, selected or not.
func (b *Batch) Len() int { return b.n }

// SetLen says how many rows the columns hold, for who fills them directly. Columns
// shorter than n are an error of the caller.
func (b *Batch) SetLen(n int) { b.n = n }

// Rows gives the number of rows that count.
func (b *Batch) Rows() int {
	if b.Sel != nil {
		return len(b.Sel)
	}
	return b.n
}

// Narrow makes rows those that count. No rows are none, a nil slice too, where as Sel it would
// mean all.
func (b *Batch) Narrow(rows []int32) {
	if rows == nil {
		rows = []int32{}
	}
	b.Sel = rows
}

// Kind gives the change kind of row i.
func (b *Batch) Kind(i int) ChangeKind {
	if b.Kinds == nil {
		return Insert
	}
	return b.Kinds[i]
}

// Reset empties the batch and keeps its memory.
func (b *Batch) Reset() {
	for _, c := range b.Cols {
		c.Reset()
	}
	if b.Kinds != nil {
		b.spare = b.Kinds[:0]
	}
	b.Kinds, b.Sel, b.n = nil, nil, 0
}

// EnsureKinds gives the change kinds for writing, Len of them: rows that had none yet are
// inserts.
func (b *Batch) EnsureKinds() []ChangeKind {
	if b.Kinds == nil {
		b.Kinds = b.spare[:0]
	}
	for have := len(b.Kinds); have < b.n; have = len(b.Kinds) {
		b.Kinds = append(b.Kinds, make([]ChangeKind, b.n-have)...)
	}
	return b.Kinds
}

// AppendRows appends the rows sel of src (nil: the rows that count in src), copying
// them.
func (b *Batch) AppendRows(src *Batch, sel []int32) { b.takeRows(src, sel, (*Vector).AppendRows) }

// PassRows is AppendRows for a batch that goes to another task (see Vector.PassRows).
func (b *Batch) PassRows(src *Batch, sel []int32) { b.takeRows(src, sel, (*Vector).PassRows) }

// takeRows appends rows, column by column.
func (b *Batch) takeRows(src *Batch, sel []int32, take func(v, src *Vector, sel []int32)) {
	if sel == nil {
		sel = src.Sel
	}
	m := src.n
	if sel != nil {
		m = len(sel)
	}
	for i, c := range b.Cols {
		take(c, src.Cols[i], sel)
	}
	b.appendKinds(src, sel, m)
	b.n += m
}

func (b *Batch) appendKinds(src *Batch, sel []int32, m int) {
	if src.Kinds == nil && b.Kinds == nil {
		return
	}
	b.EnsureKinds()
	for k := range m {
		i := k
		if sel != nil {
			i = int(sel[k])
		}
		b.Kinds = append(b.Kinds, src.Kind(i))
	}
}

// Each calls f with every row that counts, in order. For tests, printing and slow
// paths; hot loops range over Sel themselves.
func (b *Batch) Each(f func(row int)) {
	for row := range b.Selected(nil) {
		f(row)
	}
}

// Selected gives the rows sel (nil: the rows that count), in order. It costs a call a row: for
// what costs more, such as text.
func (b *Batch) Selected(sel []int32) iter.Seq[int] {
	if sel == nil {
		sel = b.Sel
	}
	return func(yield func(row int) bool) {
		if sel == nil {
			for i := range b.n {
				if !yield(i) {
					return
				}
			}
			return
		}
		for _, i := range sel {
			if !yield(int(i)) {
				return
			}
		}
	}
}

// Memory gives the bytes that the vector holds, its children and arenas included.
func (v *Vector) Memory() int {
	m := 8*cap(v.words) + 8*cap(v.valid) + 4*cap(v.offsets) + cap(v.kept) + v.full
	if v.own > 0 {
		m += cap(v.bufs[v.own-1])
	}
	for _, c := range v.children {
		m += c.Memory()
	}
	return m
}
