package csv

import (
	"bytes"
	"errors"
	"fmt"
	"math"

	"github.com/weirstream/weir/connectors"
	"github.com/weirstream/weir/connectors/format"
	"github.com/weirstream/weir/runtime/vec"
)

// Decoder reads records in two steps: the scanner finds a record's fields as ranges of the
// input (scan.go), then the columns that are read convert theirs (field.go).
type Decoder struct {
	rules
	cols     []*column
	wanted   int   // fields of the table
	places   []int // columns' places among a record's fields
	rejected func([]byte, *format.RecordError)

	fields  []field
	plain   bool // no quote and no escape can occur
	scratch []byte
}

// field is one field of a record.
type field struct {
	from, to int  // its text in the input, quotes taken off
	quoted   bool // it stood in quotes
	escaped  bool // its text has doubled quotes or escapes to be resolved
}

func newDecoder(r rules, all []connectors.Column, req format.DecodeRequest) (*Decoder, error) {
	d := &Decoder{rules: r, wanted: len(all), rejected: req.Rejected, plain: r.quote < 0 && r.escape < 0}
	for _, c := range req.Columns {
		at := -1
		for i := range all {
			if all[i].Name == c.Name {
				at = i
			}
		}
		if at < 0 {
			return nil, fmt.Errorf("decoding csv: the table has no column '%s'", c.Name)
		}
		d.cols, d.places = append(d.cols, newColumn(c.Name, c.Type)), append(d.places, at)
	}
	return d, nil
}

// DecodeLines is format.Decoder's.
func (d *Decoder) DecodeLines(data []byte, final bool, b *vec.Batch, limit int) (int, error) {
	if len(data) > math.MaxUint32 {
		data, final = data[:math.MaxUint32], false
	}
	row := b.Len()
	last := row + limit
	d.open(data, b, last)
	pos := 0
	for row < last && pos < len(data) {
		next, err := d.scan(data, pos, final)
		if err == nil && next == 0 {
			break // not complete
		}
		took := 0
		if err == nil {
			took, err = d.record(data[:next], pos, row)
		}
		if err != nil {
			if next, err = d.reject(data, pos, next, final, row, err); err != nil {
				d.close(b, row)
				return pos, err
			}
			if next == 0 {
				break // the faulty line does not end here
			}
		}
		row += took
		pos = next
	}
	d.close(b, row)
	return pos, nil
}

// DecodeMessage is format.Decoder's.
func (d *Decoder) DecodeMessage(data []byte, b *vec.Batch) error {
	row := b.Len()
	if len(data) == 0 {
		return nil
	}
	d.open(data, b, row+1)
	next, err := d.scan(data, 0, true)
	took := 0
	if err == nil && next < len(data) {
		err = &format.RecordError{Offset: next, Err: errors.New("a message holds one record, but a line follows")}
	}
	if err == nil {
		took, err = d.record(data, 0, row)
	}
	if err != nil {
		_, err = d.reject(data, 0, len(data), true, row, err)
	}
	d.close(b, row+took)
	return err
}

func (d *Decoder) open(data []byte, b *vec.Batch, rows int) {
	for i, c := range d.cols {
		c.attach(b.Cols[i], data, rows)
	}
}

func (d *Decoder) close(b *vec.Batch, rows int) {
	for i, c := range d.cols {
		if !c.nested {
			b.Cols[i].Resize(rows)
		}
	}
	b.SetLen(rows)
}

// reject takes the row back, and gives the error, or, where errors are ignored, reports it
// and gives the place where reading goes on: behind the line that the fault is on, 0 where
// that line does not end.
func (d *Decoder) reject(data []byte, pos, next int, final bool, row int, err error) (int, error) {
	for _, c := range d.cols {
		c.takeBack(row)
	}
	var e *format.RecordError
	if !errors.As(err, &e) {
		return 0, err
	}
	e.Start = pos
	if !d.ignoreErrors {
		return 0, e
	}
	if next == 0 {
		if _, next = lineEnd(data, e.Offset, final); next == 0 {
			return 0, nil
		}
	}
	d.report(data[pos:next], e)
	return next, nil
}

func (d *Decoder) report(record []byte, e *format.RecordError) {
	if d.rejected != nil {
		d.rejected(bytes.TrimRight(record, "\r\n"), e)
	}
}

// record converts the fields that were found of the record data[pos:] and gives the rows
// that it makes: 1, or 0 for a comment.
func (d *Decoder) record(data []byte, pos, row int) (int, error) {
	n := len(d.fields)
	if n == 0 {
		return 0, nil
	}
	if n > d.wanted && !d.moreFields && !d.isTrailing(n) {
		e := &format.RecordError{Offset: d.fields[d.wanted].from, Err: fmt.Errorf("the record has %d fields, the table %d columns", n, d.wanted)}
		e.Hint = "set 'csv.ignore-trailing-unmappable' = 'true' to ignore the rest"
		return 0, e
	}
	if n < d.wanted && (!d.ignoreErrors || d.failMissing) {
		return 0, &format.RecordError{Offset: pos, Err: fmt.Errorf("the record has %d fields, the table %d columns", n, d.wanted)}
	}
	for i, c := range d.cols {
		if err := d.column(c, data, pos, d.places[i], row); err != nil {
			return 0, err
		}
	}
	return 1, nil
}

// isTrailing reports whether the only field too many is the empty one behind a delimiter.
func (d *Decoder) isTrailing(n int) bool {
	last := d.fields[n-1]
	return d.trailing && n == d.wanted+1 && last.from == last.to && !last.quoted
}

// column reads one column's field.
func (d *Decoder) column(c *column, data []byte, pos, at, row int) error {
	if at >= len(d.fields) {
		return c.null(row, pos)
	}
	f := d.fields[at]
	err := d.set(c, data, f, row)
	if err == nil {
		return nil
	}
	e := &format.RecordError{Start: pos, Offset: f.from, Field: c.name, Err: err}
	if bytes.EqualFold(bytes.TrimSpace(data[f.from:f.to]), []byte(c.name)) {
		e.Hint = "this looks like a header: set 'csv.ignore-first-line' = 'true'"
	}
	if !d.ignoreErrors || errors.Is(err, errNotNull) || !c.typ.Nullable() {
		return e
	}
	if c.nested {
		c.vec.Truncate(row)
	}
	e.Kept = true
	d.report(data[pos:], e)
	return c.null(row, f.from)
}
