package json

import (
	"bytes"
	"errors"
	"math"

	"github.com/weirstream/weir/connectors/format"
	"github.com/weirstream/weir/runtime/vec"
)

// Decoder reads documents into vectors. A row is read by prediction: the bytes between
// two values (",\"price\":") are expected to be those of the row before, compared at once,
// and lead straight to the column and its kind of value (predict.go, row.go). Where the
// bytes differ, keys are looked up; where a value is not of the plain form, the general
// reader (value.go) takes over, at the same place of the row.
//
// Flat columns are sized before a chunk is read and written by row number, nested ones
// appended to. A row that fails is taken back.
type Decoder struct {
	Settings
	cols     []column
	rejected func([]byte, *format.RecordError)

	memory  layout
	serial  uint32 // of the row being read: a column whose stamp differs has not been seen
	present int    // columns seen in this row
	room    int    // rows that the flat columns are sized to

	chunk   []byte // what is being decoded
	data    []byte // the same, cut at the end of the record being read
	clear   span   // a part of the chunk known to hold no backslash
	start   int    // of that record
	depth   int    // how deep in arrays and objects the general reader is
	nesting []byte // what is open in skipNested
	quoted  []byte // an unescaped string
	bytes   []byte // decoded base64
}

// mark is the byte order mark that some programs write; Jackson skips it too.
const mark = "\ufeff"

type span struct{ from, to int }

// column is one requested column while a chunk is read.
type column struct {
	node  *node
	vec   *vec.Vector
	kind  kind
	stamp uint32
	flat  bool                   // written by row number
	buf   uint32                 // the chunk among the vector's buffers
	at    span                   // of kindSpan and kindRow: the value, from == to where there is none
	ahead func(p int) (next int) // of kindRow: reads the object at p, or gives 0
	i64   []int64
	i32   []int32
	f64   []float64
	views []vec.StringView
}

func newDecoder(s Settings, r format.DecodeRequest) *Decoder {
	d := &Decoder{Settings: s, rejected: r.Rejected, cols: make([]column, len(r.Columns))}
	for i, c := range r.Columns {
		n := newNode(c.Name, c.Type)
		d.cols[i] = column{node: n, kind: fastKind(c.Type), flat: !c.Type.IsNested()}
	}
	d.memory.forget()
	return d
}

// DecodeLines is format.Decoder's.
func (d *Decoder) DecodeLines(data []byte, final bool, b *vec.Batch, limit int) (int, error) {
	data, final = addressable(data, final)
	row := b.Len()
	d.open(data, b, row+limit)
	pos, row, err := eachLine(d, data, final, row, row+limit)
	d.close(b, row)
	return pos, err
}

// addressable cuts data to what views can point into.
func addressable(data []byte, final bool) ([]byte, bool) {
	if len(data) > math.MaxUint32 {
		return data[:math.MaxUint32], false
	}
	return data, final
}

// recorder reads the record data[from:to] into rows from row on and says how many they are.
type recorder interface {
	record(data []byte, from, to, row int) (rows int, err error)
}

// eachLine reads the records at the beginning of data until there are last rows or more, and gives how
// many bytes it took and the number of rows.
func eachLine(d recorder, data []byte, final bool, row, last int) (pos, rows int, err error) {
	for row < last {
		end := bytes.IndexByte(data[pos:], '\n')
		next := pos + end + 1
		if end < 0 {
			if !final || pos == len(data) {
				break
			}
			next = len(data)
			end = next - pos
		}
		took, err := d.record(data, pos, pos+end, row)
		if err != nil {
			return pos, row, err
		}
		row += took
		pos = next
	}
	return pos, row, nil
}

// DecodeMessage is format.Decoder's.
func (d *Decoder) DecodeMessage(data []byte, b *vec.Batch) error {
	row := b.Len()
	d.open(data, b, row+1)
	took, err := d.record(data, 0, len(data), row)
	d.close(b, row+took)
	return err
}

// open points the columns at the batch's vectors, sized to rows.
func (d *Decoder) open(data []byte, b *vec.Batch, rows int) {
	d.chunk, d.clear = data, span{}
	for i := range d.cols {
		c := &d.cols[i]
		if c.kind >= kindSpan {
			continue
		}
		c.vec = b.Cols[i]
		c.node.attach(c.vec)
		if c.flat && c.vec.Phys() == vec.View {
			c.buf = c.vec.AddBuffer(data)
		}
	}
	d.size(rows)
}

// size gives the flat columns room for rows.
func (d *Decoder) size(rows int) {
	d.room = rows
	for i := range d.cols {
		c := &d.cols[i]
		if !c.flat {
			continue
		}
		c.vec.Resize(rows)
		switch c.vec.Phys() {
		case vec.Int64:
			c.i64 = vec.Values[int64](c.vec)
		case vec.Int32:
			c.i32 = vec.Values[int32](c.vec)
		case vec.Float64:
			c.f64 = vec.Values[float64](c.vec)
		case vec.View:
			c.views = vec.Values[vec.StringView](c.vec)
		}
	}
}

// close gives the batch the rows that were read.
func (d *Decoder) close(b *vec.Batch, rows int) {
	for i := range d.cols {
		if d.cols[i].flat && b.Cols[i].Len() != rows {
			b.Cols[i].Resize(rows)
		}
	}
	b.SetLen(rows)
	d.chunk, d.data = nil, nil
}

// record reads the record data[from:to] into row and gives 1, or 0 where there is no
// row in it: a blank line, or a faulty one where those are skipped.
func (d *Decoder) record(data []byte, from, to, row int) (int, error) {
	if from, to = bounds(data, from, to); from == to {
		return 0, nil
	}
	d.data, d.start, d.depth = data[:to], from, 0
	err := d.row(from, row)
	if err == nil {
		return 1, nil
	}
	d.takeBack(row)
	var e *format.RecordError
	if !errors.As(err, &e) {
		return 0, err
	}
	e.Start = from
	if !d.ignoreErrors {
		return 0, e
	}
	d.report(e)
	return 0, nil
}

// bounds leaves out white space behind a record and the mark in front of it.
func bounds(data []byte, from, to int) (int, int) {
	for to > from && isSpace(data[to-1]) {
		to--
	}
	if to-from > len(mark) && string(data[from:from+len(mark)]) == mark {
		from += len(mark)
	}
	return from, to
}

// report tells of a record that is skipped, or of a field that became NULL.
func (d *Decoder) report(e *format.RecordError) {
	e.Start = d.start
	if d.rejected != nil {
		d.rejected(d.data[d.start:], e)
	}
}

// takeBack makes the columns as if the row had never been begun.
func (d *Decoder) takeBack(row int) {
	for i := range d.cols {
		c := &d.cols[i]
		switch {
		case c.kind >= kindSpan:
		case !c.flat:
			c.vec.Truncate(row)
		case c.vec.Valid() != nil:
			vec.SetBit(c.vec.EnsureValid(), row)
		}
	}
}

func isSpace(c byte) bool { return c == ' ' || c == '\t' || c == '\r' || c == '\n' }
