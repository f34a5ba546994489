package json

import (
	"errors"
	"fmt"
	"math"
	"unicode/utf8"

	"github.com/weirstream/weir/connectors/format"
	"github.com/weirstream/weir/connectors/format/text"
	"github.com/weirstream/weir/runtime/vec"
	"github.com/weirstream/weir/sql/types"
)

// errMismatch says that a value is well-formed but not of the type.
var errMismatch = errors.New("type mismatch")

// leaf reads the value at p, not null, as value i of a flat node.
func (d *Decoder) leaf(n *node, p, i int) (int, error) {
	var next int
	var err error
	switch c := d.at(p); {
	case c == '"':
		var s []byte
		if s, next, err = d.str(p); err != nil {
			return p, err
		}
		err = d.fromString(n, s, i)
	case c == '-' || c-'0' <= 9:
		var plain bool
		if next, plain, err = d.number(p); err != nil {
			return p, err
		}
		err = n.fromNumber(d.data[p:next], plain, i)
	case c == 't' || c == 'f':
		word := "true"
		if c == 'f' {
			word = "false"
		}
		if next, err = d.literal(p, word); err != nil {
			return p, err
		}
		err = n.fromBool(c == 't', word, i)
	default:
		if next, err = d.skip(p); err != nil {
			return p, err
		}
		err = d.fromNested(n, p, next, i)
	}
	switch {
	case errors.Is(err, text.ErrRange):
		what := fmt.Errorf("%s is out of the range of %s", format.Excerpt(d.data[p:next]), n.typ.WithNull())
		return next, &format.RecordError{Offset: p, Err: what}
	case err != nil && !errors.As(err, new(*format.RecordError)):
		return next, d.mismatch(n, p, next)
	}
	return next, err
}

// fromString converts a string.
func (d *Decoder) fromString(n *node, s []byte, i int) error {
	v := n.vec
	switch n.typ.Kind {
	case types.Char, types.VarChar:
		v.SetBytes(i, s)
		return nil
	case types.Binary, types.VarBinary:
		var err error
		d.bytes, err = text.SetBase64(v, i, s, d.bytes)
		return err
	case types.Date:
		x, err := text.ParseDate(s)
		vec.Values[int32](v)[i] = x
		return err
	case types.Time:
		x, err := text.ParseTime(s, false)
		vec.Values[int32](v)[i] = x
		return err
	case types.Timestamp, types.TimestampLTZ:
		x, err := text.ParseTimestamp(s, d.standard, n.zoned, n.unit, &n.dates)
		vec.Values[int64](v)[i] = x
		return err
	case types.Boolean:
		return text.SetBool(v, i, text.Trim(s))
	}
	return text.SetNumber(v, i, n.typ, text.Trim(s))
}

// fromNumber converts a JSON number; plain ones have neither fraction nor exponent.
func (n *node) fromNumber(s []byte, plain bool, i int) error {
	switch n.typ.Kind {
	case types.Char, types.VarChar:
		n.vec.SetBytes(i, s)
		return nil
	case types.Int, types.BigInt, types.IntervalMilli, types.IntervalMonth:
		if !plain {
			return n.truncated(s, i)
		}
	case types.Binary, types.VarBinary, types.Date, types.Time, types.Timestamp, types.TimestampLTZ, types.Boolean:
		return errMismatch
	}
	return text.SetNumber(n.vec, i, n.typ, s)
}

// truncated converts a number with a fraction or an exponent to a whole one, as Java's
// cast of a double does, but not past the type's range.
func (n *node) truncated(s []byte, i int) error {
	f, err := text.ParseFloat(s, 64)
	if err != nil {
		return err
	}
	f = math.Trunc(f)
	limit := float64(math.MaxInt32 + 1)
	if n.typ.Kind == types.BigInt || n.typ.Kind == types.IntervalMilli {
		limit = 1 << 63
	}
	if f < -limit || f >= limit {
		return text.ErrRange
	}
	text.SetInt(n.vec, i, int64(f))
	return nil
}

func (n *node) fromBool(x bool, word string, i int) error {
	switch {
	case n.typ.Kind == types.Boolean:
		n.vec.SetBool(i, x)
	case n.typ.IsString():
		n.vec.SetBytes(i, []byte(word))
	default:
		return errMismatch
	}
	return nil
}

// fromNested gives an array or object as its text, without white space between tokens.
func (d *Decoder) fromNested(n *node, p, next, i int) error {
	if !n.typ.IsString() {
		return errMismatch
	}
	d.quoted = d.quoted[:0]
	for p < next {
		c := d.data[p]
		if c == '"' {
			end, err := d.skipString(p)
			if err != nil {
				return err
			}
			d.quoted = append(d.quoted, d.data[p:end]...)
			p = end
			continue
		}
		if !isSpace(c) {
			d.quoted = append(d.quoted, c)
		}
		p++
	}
	if !utf8.Valid(d.quoted) {
		return &format.RecordError{Offset: p, Err: errUTF8}
	}
	n.vec.SetBytes(i, d.quoted)
	return nil
}
