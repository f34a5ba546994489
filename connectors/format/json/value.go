package json

import (
	"errors"
	"fmt"

	"github.com/weirstream/weir/connectors/format"
	"github.com/weirstream/weir/connectors/format/text"
	"github.com/weirstream/weir/runtime/vec"
	"github.com/weirstream/weir/sql/types"
)

// node is a column, or a part of a nested one, that values are read into.
type node struct {
	name   string
	typ    types.Type
	vec    *vec.Vector
	parts  []*node // ARRAY: the element; MAP: key and value; ROW: the fields
	unit   int64   // of timestamps
	zoned  bool
	dates  text.Dates
	guess  int // ROW: the field expected next
	nested bool
}

func newNode(name string, t types.Type) *node {
	n := &node{name: name, typ: t, nested: t.IsNested()}
	switch t.Kind {
	case types.Timestamp, types.TimestampLTZ:
		n.unit, n.zoned = vec.UnitOf(t.Precision), t.Kind == types.TimestampLTZ
	case types.Array:
		n.parts = []*node{newNode("", *t.Elem)}
	case types.Map:
		n.parts = []*node{newNode("", *t.Key), newNode("", *t.Elem)}
	case types.Multiset:
		n.parts = []*node{newNode("", *t.Elem), newNode("", types.New(types.Int).WithoutNull())}
	case types.Row:
		for _, f := range t.Fields {
			n.parts = append(n.parts, newNode(f.Name, f.Type))
		}
	}
	return n
}

// attach points the node and its parts at a vector.
func (n *node) attach(v *vec.Vector) {
	n.vec = v
	for i, part := range n.parts {
		part.attach(v.Child(i))
	}
}

var (
	errMissing = errors.New("the record has no such field")
	errNotNull = errors.New("NULL in a column that is NOT NULL")
)

func (s *Settings) missingHint() string {
	if s.failOnMissing {
		return "without '" + s.format + ".fail-on-missing-field' it would be NULL"
	}
	return "the column is declared NOT NULL"
}

// general reads or skips any value, with the white space before it that the prediction did
// not foresee. For a column that is not flat, row is its length.
func (d *Decoder) general(c *column, p, row int) (int, error) {
	p = d.space(p)
	if c == nil {
		return d.skip(p)
	}
	if c.kind >= kindSpan {
		if c.kind == kindRow {
			if next := c.ahead(p); next > 0 {
				c.at = span{p, next}
				return next, nil
			}
		}
		next, err := d.skip(p)
		c.at = span{p, next}
		return next, err
	}
	n := c.node
	next, err := d.value(n, p, row)
	if err != nil {
		return next, within(err, n.name)
	}
	return next, nil
}

// within adds to the path of the field that an error is about.
func within(err error, name string) error {
	var e *format.RecordError
	if !errors.As(err, &e) {
		return err
	}
	var syntax errSyntax
	switch {
	case errors.As(e.Err, &syntax): // about the record, not about a field
	case e.Field == "":
		e.Field = name
	case e.Field[0] == '[':
		e.Field = name + e.Field
	default:
		e.Field = name + "." + e.Field
	}
	return err
}

// value reads the value at p into the node's vector: as value i where it is flat, as
// the next one, i, where it is nested. Where errors are ignored, a value that does not
// convert is NULL.
func (d *Decoder) value(n *node, p, i int) (int, error) {
	if d.at(p) == 'n' {
		next, err := d.literal(p, "null")
		if err != nil {
			return p, err
		}
		return next, d.null(n, i, p)
	}
	next, err := d.convert(n, p, i)
	if err == nil || !d.ignoreErrors || !n.typ.Nullable() {
		return next, err
	}
	var e *format.RecordError
	var syntax errSyntax
	if !errors.As(err, &e) || errors.As(e.Err, &syntax) {
		return next, err
	}
	if next, err = d.skip(p); err != nil {
		return next, err
	}
	if n.nested {
		n.vec.Truncate(i)
	}
	kept := *e
	kept.Kept = true
	if kept.Field == "" {
		kept.Field = n.name
	}
	d.report(&kept)
	return next, d.null(n, i, p)
}

func (d *Decoder) null(n *node, i, p int) error {
	if !n.typ.Nullable() {
		return &format.RecordError{Offset: p, Err: errNotNull}
	}
	if n.nested {
		n.vec.AppendNull()
	} else {
		n.vec.PutNull(i)
	}
	return nil
}

// convert reads a value that is not null.
func (d *Decoder) convert(n *node, p, i int) (int, error) {
	if !n.nested {
		return d.leaf(n, p, i)
	}
	want := byte('{')
	if n.typ.Kind == types.Array {
		want = '['
	}
	if d.at(p) != want {
		next, err := d.skip(p)
		if err != nil {
			return p, err
		}
		return next, d.mismatch(n, p, next)
	}
	if d.depth++; d.depth > maxDepth {
		return p, &format.RecordError{Offset: p, Err: errTooDeep}
	}
	var err error
	switch n.typ.Kind {
	case types.Array:
		p, err = d.array(n, p)
	case types.Row:
		p, err = d.object(n, p, i)
	default:
		p, err = d.mapping(n, p)
	}
	d.depth--
	return p, err
}

// mismatch makes the error for a well-formed value that is not of the node's type.
func (d *Decoder) mismatch(n *node, p, next int) error {
	what := fmt.Errorf("%s is not of type %s", format.Excerpt(d.data[p:next]), n.typ.WithNull())
	e := &format.RecordError{Offset: p, Err: what}
	if n.typ.IsTimestamp() {
		e.Hint = d.timestampHint(n, d.at(p) == '"')
	}
	return e
}

func (d *Decoder) timestampHint(n *node, quoted bool) string {
	if !quoted {
		return "declare the column BIGINT and compute TO_TIMESTAMP_LTZ(column, 3)"
	}
	z := ""
	if n.zoned {
		z = "Z"
	}
	if d.standard == text.ISO {
		return "the standard ISO-8601 expects 2020-12-30T12:13:14.123" + z
	}
	return "the standard SQL expects 2020-12-30 12:13:14.123" + z + "; see '" + d.format + ".timestamp-format.standard'"
}
