package json

import (
	"github.com/weirstream/weir/connectors/format"
	"github.com/weirstream/weir/connectors/format/text"
	"github.com/weirstream/weir/runtime/vec"
	"github.com/weirstream/weir/sql/types"
)

// kind is what the fast path does at a value.
type kind uint8

const (
	kindSkip  kind = iota // nobody reads the value
	kindEnd               // no value: the document ends
	kindOther             // the general reader's
	kindInt64
	kindInt32
	kindString
	kindTimestamp
	kindBool
	kindFloat64
	kindSpan // an Envelope's: where the value lies
	kindRow  // an Envelope's: the same of an object that is read at once
)

func fastKind(t types.Type) kind {
	switch t.Kind {
	case types.BigInt, types.IntervalMilli:
		return kindInt64
	case types.Int:
		return kindInt32
	case types.Char, types.VarChar:
		return kindString
	case types.Timestamp, types.TimestampLTZ:
		return kindTimestamp
	case types.Boolean:
		return kindBool
	case types.Double:
		return kindFloat64
	}
	return kindOther
}

// row reads the document at p, and nothing behind it, into row.
func (d *Decoder) row(p, row int) error {
	d.begin()
	p, err := d.fields(p, row)
	if err != nil {
		return err
	}
	return d.finish(p, row)
}

// begin forgets which columns the row before had.
func (d *Decoder) begin() {
	d.serial++
	d.present = 0
}

// fields reads the object at p into row and gives the place behind it. Each value is tried in its plain
// form first; the plain readers give 0 where it has another one (no value begins at 0), and
// the general reader takes it from the same place.
func (d *Decoder) fields(p, row int) (int, error) {
	data := d.data
	prev := &d.memory.first
	for first := true; ; first = false {
		t := *prev
		switch {
		case p+16 <= len(data) && t.matches(data, p), t.matchesSlowly(data, p):
			p += t.n
		default:
			var err error
			if t, p, err = d.between(p, first); err != nil {
				return p, err
			}
			if t != &d.memory.free {
				*prev = t
			}
		}
		prev = &t.next
		if t.kind == kindEnd {
			return p, nil
		}
		next := 0
		if c := t.col; c == nil {
			next = d.skipPlain(data, p)
		} else {
			if c.stamp != d.serial {
				c.stamp = d.serial
				d.present++
			} else {
				c.again(row)
			}
			next = d.plain(t.kind, c, data, p, row)
		}
		if next == 0 {
			var err error
			if next, err = d.general(t.col, p, row); err != nil {
				return p, err
			}
		}
		p = next
	}
}

// finish checks that the document ends at p, and makes what it had no field for NULL.
func (d *Decoder) finish(p, row int) error {
	if p = d.space(p); p < len(d.data) {
		return d.fault(p, "nothing may follow the document")
	}
	if d.present < len(d.cols) {
		return d.missing(row)
	}
	return nil
}

// plain reads the value of a column in its plain form.
func (d *Decoder) plain(k kind, c *column, data []byte, p, row int) int {
	switch k {
	case kindInt64:
		x, next := scanInt(data, p)
		if next > 0 {
			c.i64[row] = x
		}
		return next
	case kindInt32:
		x, next := scanInt(data, p)
		if next == 0 || int64(int32(x)) != x {
			return 0
		}
		c.i32[row] = int32(x)
		return next
	case kindString:
		return d.plainString(c, data, p, row)
	case kindTimestamp:
		return d.plainTimestamp(c, data, p, row)
	case kindBool:
		return plainBool(c, data, p, row)
	case kindFloat64:
		return plainFloat(c, data, p, row)
	case kindSpan:
		next := d.skipPlain(data, p)
		c.at = span{p, next}
		return next
	}
	return 0
}

// again makes a column that a duplicate key comes back to ready to be written again: the
// last value counts.
func (c *column) again(row int) {
	switch {
	case c.kind >= kindSpan:
	case !c.flat:
		c.vec.Truncate(row)
	case c.vec.Valid() != nil:
		vec.SetBit(c.vec.EnsureValid(), row)
	}
}

// missing makes the columns that the record had no field for NULL.
func (d *Decoder) missing(row int) error {
	for i := range d.cols {
		c := &d.cols[i]
		if c.stamp == d.serial {
			continue
		}
		if c.kind >= kindSpan {
			c.at = span{}
			continue
		}
		if d.failOnMissing || !c.node.typ.Nullable() {
			return &format.RecordError{
				Start: d.start, Offset: d.start, Field: c.node.name, Err: errMissing,
				Hint: d.missingHint(),
			}
		}
		if c.flat {
			c.vec.PutNull(row)
		} else {
			c.vec.AppendNull()
		}
	}
	return nil
}

// plainTimestamp reads a timestamp whose text has no escapes.
func (d *Decoder) plainTimestamp(c *column, data []byte, p, row int) int {
	if p+18 > len(data) || data[p] != '"' {
		return 0
	}
	n := c.node
	t, took, ok := text.ScanTimestamp(data[p+1:], d.standard, n.zoned, n.unit, &n.dates)
	p += 1 + took
	if !ok || p >= len(data) || data[p] != '"' {
		return 0
	}
	c.i64[row] = t
	return p + 1
}

func plainBool(c *column, data []byte, p, row int) int {
	switch {
	case p+4 <= len(data) && string(data[p:p+4]) == "true":
		c.vec.SetBool(row, true)
		return p + 4
	case p+5 <= len(data) && string(data[p:p+5]) == "false":
		c.vec.SetBool(row, false)
		return p + 5
	}
	return 0
}
