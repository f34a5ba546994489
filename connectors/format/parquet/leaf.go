package parquet

import (
	"errors"
	"fmt"
	"io"

	"github.com/apache/arrow-go/v18/parquet/file"

	"github.com/weirstream/weir/runtime/vec"
)

// leaf reads one column of a file, row group by row group.
type leaf interface {
	index() int // of the column in the file
	open(c file.ColumnChunkReader) error
	close() error
	// load makes the next rows the current ones.
	load(rows int) error
	// levels gives the levels of the current rows; rep is nil outside of lists, def where
	// nothing on the path is optional. Outside of lists they are there once appendTo or skim was called.
	levels() (def, rep []int16)
	// appendTo appends a value or NULL for each entry whose definition level is at least exists.
	appendTo(v *vec.Vector, exists int16) error
	// skim reads the current rows for their levels alone.
	skim() error
}

// chunk is what the typed column readers of arrow-go have in common. ReadBatchInPage gives
// values that are valid until the next call, ReadBatch ones that stay.
type chunk[T any] interface {
	file.ColumnChunkReader
	ReadBatchInPage(n int64, values []T, def, rep []int16) (levels int64, read int, err error)
	ReadBatch(n int64, values []T, def, rep []int16) (levels int64, read int, err error)
}

// convert writes values to v: vals[k] to base+at[k], or to base+k where at is nil.
type convert[T any] func(v *vec.Vector, base int, vals []T, at []int32) error

// place is where a column is in the file, and how deep.
type place struct {
	column         int
	maxDef, maxRep int16
}

func (p place) index() int { return p.column }

// flatLeaf reads a column outside of lists: a level is a row. Values go from the page
// straight to the vector.
type flatLeaf[T any] struct {
	place
	chunk[T]
	convert convert[T]
	rows    int
	def     []int16
	vals    []T
	at      []int32
}

func (l *flatLeaf[T]) open(c file.ColumnChunkReader) error {
	if err := l.close(); err != nil {
		return err
	}
	var err error
	l.chunk, err = typed[T](c)
	return err
}

func typed[T any](c file.ColumnChunkReader) (chunk[T], error) {
	t, ok := c.(chunk[T])
	if !ok {
		return nil, fmt.Errorf("the column is of type %s in one place and of another elsewhere", c.Type())
	}
	return t, nil
}

func (l *flatLeaf[T]) close() error { return closeChunk(l.chunk) }

// closeChunk gives a column's buffers back; c may be nil.
func closeChunk(c any) error {
	if c, ok := c.(io.Closer); ok {
		return c.Close()
	}
	return nil
}

func (l *flatLeaf[T]) load(rows int) error {
	l.rows = rows
	l.vals, l.def = resize(l.vals, rows), resize(l.def, rows)
	return nil
}

func resize[T any](s []T, n int) []T {
	if cap(s) < n {
		return make([]T, n)
	}
	return s[:n]
}

func (l *flatLeaf[T]) levels() (def, rep []int16) {
	if l.maxDef == 0 {
		return nil, nil
	}
	return l.def, nil
}

var errShort = errors.New("the column ends before its row group does")

// next reads the levels and values of some of the current rows from done on.
func (l *flatLeaf[T]) next(done int) (levels, values int, err error) {
	var def []int16
	if l.maxDef > 0 {
		def = l.def[done:]
	}
	n, values, err := l.ReadBatchInPage(int64(l.rows-done), l.vals, def, nil)
	if err == nil && n == 0 {
		if err = l.Err(); err == nil {
			err = errShort
		}
	}
	return int(n), values, err
}

func (l *flatLeaf[T]) skim() error {
	for done := 0; done < l.rows; {
		n, _, err := l.next(done)
		if err != nil {
			return err
		}
		done += n
	}
	return nil
}

func (l *flatLeaf[T]) appendTo(v *vec.Vector, _ int16) error {
	base := v.Len()
	v.Resize(base + l.rows)
	for done := 0; done < l.rows; {
		n, values, err := l.next(done)
		if err != nil {
			return err
		}
		at, err := l.positions(v, base+done, l.def[done:done+n], n, values)
		if err != nil {
			return err
		}
		if err := l.convert(v, base+done, l.vals[:values], at); err != nil {
			return err
		}
		done += n
	}
	return nil
}

// positions gives where the values go, nil where there are no NULLs, and sets the NULLs.
func (l *flatLeaf[T]) positions(v *vec.Vector, base int, def []int16, n, values int) ([]int32, error) {
	if l.maxDef == 0 || values == n {
		if values != n {
			return nil, errShort
		}
		return nil, nil
	}
	l.at = l.at[:0]
	for i, d := range def {
		if d == l.maxDef {
			l.at = append(l.at, int32(i))
		} else {
			v.PutNull(base + i)
		}
	}
	if len(l.at) != values {
		return nil, errShort
	}
	return l.at, nil
}

// listLeaf reads a column inside of lists. Where a row ends shows only when the next one begins, so
// it buffers entries. Those of the current rows are def[from:to] and rep[from:to], and their values
// vals[valsFrom:valsTo].
type listLeaf[T any] struct {
	place
	chunk[T]
	convert          convert[T]
	def, rep         []int16
	vals             []T
	at               []int32
	from, to         int
	valsFrom, valsTo int
}

// listChunk is how many entries are read at a time.
const listChunk = 4096

func (l *listLeaf[T]) open(c file.ColumnChunkReader) error {
	if err := l.close(); err != nil {
		return err
	}
	l.def, l.rep, l.vals = l.def[:0], l.rep[:0], l.vals[:0]
	l.from, l.to, l.valsFrom, l.valsTo = 0, 0, 0, 0
	var err error
	l.chunk, err = typed[T](c)
	return err
}

func (l *listLeaf[T]) close() error { return closeChunk(l.chunk) }

func (l *listLeaf[T]) load(rows int) error {
	l.from, l.valsFrom = l.to, l.valsTo
	for begun := 0; ; l.to++ {
		if l.to == len(l.def) {
			more, err := l.more()
			if err != nil {
				return err
			}
			if !more {
				if begun < rows {
					return errShort
				}
				return nil
			}
		}
		if l.rep[l.to] == 0 {
			if begun++; begun > rows {
				return nil
			}
		} else if begun == 0 {
			return errors.New("the column begins inside a list")
		}
		if l.def[l.to] == l.maxDef {
			if l.valsTo++; l.valsTo > len(l.vals) {
				return errShort
			}
		}
	}
}

// more reads further entries behind those of the current rows; false says that there are none.
func (l *listLeaf[T]) more() (bool, error) {
	l.def = append(l.def[:0], l.def[l.from:]...)
	l.rep = append(l.rep[:0], l.rep[l.from:]...)
	l.vals = append(l.vals[:0], l.vals[l.valsFrom:]...)
	l.from, l.to = 0, l.to-l.from
	l.valsFrom, l.valsTo = 0, l.valsTo-l.valsFrom

	levels, values := len(l.def), len(l.vals)
	l.def = append(l.def, make([]int16, listChunk)...)
	l.rep = append(l.rep, make([]int16, listChunk)...)
	l.vals = append(l.vals, make([]T, listChunk)...)
	n, read, err := l.ReadBatch(listChunk, l.vals[values:], l.def[levels:], l.rep[levels:])
	l.def, l.rep, l.vals = l.def[:levels+int(n)], l.rep[:levels+int(n)], l.vals[:values+read]
	if err == nil {
		err = l.Err()
	}
	return n > 0, err
}

func (l *listLeaf[T]) levels() (def, rep []int16) { return l.def[l.from:l.to], l.rep[l.from:l.to] }

func (l *listLeaf[T]) skim() error { return nil } // load has read them

func (l *listLeaf[T]) appendTo(v *vec.Vector, exists int16) error {
	base, slots := v.Len(), 0
	l.at = l.at[:0]
	for _, d := range l.def[l.from:l.to] {
		if d < exists {
			continue
		}
		if d == l.maxDef {
			l.at = append(l.at, int32(slots))
		}
		slots++
	}
	v.Resize(base + slots)
	vals := l.vals[l.valsFrom:l.valsTo]
	if len(l.at) == slots {
		return l.convert(v, base, vals, nil)
	}
	for k, next := 0, 0; k < slots; k++ {
		if next < len(l.at) && int(l.at[next]) == k {
			next++
		} else {
			v.PutNull(base + k)
		}
	}
	return l.convert(v, base, vals, l.at)
}
