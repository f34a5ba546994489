package datagen

import (
	"math"
	"time"

	"github.com/weirstream/weir/connectors"
	"github.com/weirstream/weir/runtime/decimal"
	"github.com/weirstream/weir/runtime/vec"
	"github.com/weirstream/weir/sql/diag"
	"github.com/weirstream/weir/sql/types"
)

// binder makes the fillers of a table's fields.
type binder struct {
	*fieldOptions
	seed   uint64
	zone   *time.Location
	ends   int64 // rows that the shortest sequence has
	inside int   // collections around the field
}

const (
	defaultString     = 100
	defaultCollection = 3
	greatestLength    = 1 << 20
	greatestMonths    = 120000 // of an INTERVAL YEAR, as in Flink
)

// field makes the filler of the field at path, a column's name or fields.of.a.ROW.
func (b *binder) field(path string, t types.Type) (filler, error) {
	k := b.key(path, "kind")
	switch kind := b.String(k, "random"); kind {
	case "random":
		if t.Kind == types.Row {
			return b.row(path, t)
		}
		return b.random(path, t)
	case "sequence":
		if b.inside > 0 {
			return nil, diag.Unsupported(b.Span(k), "field '%s': a sequence inside a collection", path)
		}
		if t.Kind == types.Boolean {
			return b.random(path, t)
		}
		return b.sequence(path, t)
	default:
		return nil, b.Errorf(k, "there is no kind '%s'", kind).WithHint("use 'random' or 'sequence'")
	}
}

// random makes a filler of random values.
func (b *binder) random(path string, t types.Type) (filler, error) {
	threshold, err := b.nullRate(path, t)
	if err != nil {
		return nil, err
	}
	var n *nulls
	if threshold > 0 {
		n = &nulls{stream: newStream(b.seed, path, "null"), threshold: threshold}
	}
	switch t.Kind {
	case types.Array, types.Map, types.Multiset: // they leave NULLs empty
		return b.collection(path, t, n)
	}
	f, err := b.flat(path, t)
	if err != nil || n == nil {
		return f, err
	}
	n.filler = f
	return n, nil
}

func (b *binder) row(path string, t types.Type) (filler, error) {
	threshold, err := b.nullRate(path, t)
	if err != nil {
		return nil, err
	}
	f := make(fields, len(t.Fields))
	for i, field := range t.Fields {
		if f[i], err = b.field(path+"."+field.Name, field.Type); err != nil {
			return nil, err
		}
	}
	if threshold == 0 {
		return f, nil
	}
	return &nulls{filler: f, stream: newStream(b.seed, path, "null"), threshold: threshold}, nil
}

func (b *binder) collection(path string, t types.Type, n *nulls) (filler, error) {
	length, err := b.integer(path, "length", defaultCollection, 0, greatestLength)
	if err != nil {
		return nil, err
	}
	b.inside++
	defer func() { b.inside-- }()
	l := list{length: int(length), nulls: n}
	if t.Kind == types.Map {
		p := &pairs{list: l, keys: func() *vec.Vector { return vec.New(*t.Key) }}
		if p.element, err = b.field(path+".key", *t.Key); err != nil {
			return nil, err
		}
		p.value, err = b.field(path+".value", *t.Elem)
		return p, err
	}
	if l.element, err = b.field(path+".element", *t.Elem); err != nil {
		return nil, err
	}
	if t.Kind == types.Multiset {
		return &pairs{list: l, count: newStream(b.seed, path, "count"), keys: func() *vec.Vector { return vec.New(*t.Elem) }}, nil
	}
	return &l, nil
}

// flat makes random values of a type that is not nested.
func (b *binder) flat(path string, t types.Type) (filler, error) {
	s := newStream(b.seed, path, "value")
	switch t.Kind {
	case types.Boolean:
		return booleans{s}, nil
	case types.TinyInt:
		return newIntegers[int8](b, path, s, math.MinInt8, math.MaxInt8)
	case types.SmallInt:
		return newIntegers[int16](b, path, s, math.MinInt16, math.MaxInt16)
	case types.Int:
		return newIntegers[int32](b, path, s, math.MinInt32, math.MaxInt32)
	case types.BigInt, types.IntervalMilli:
		return newIntegers[int64](b, path, s, math.MinInt64, math.MaxInt64)
	case types.IntervalMonth:
		return newIntegers[int64](b, path, s, 0, greatestMonths)
	case types.Float:
		lo, hi, err := b.floats(path, math.SmallestNonzeroFloat32, math.MaxFloat32)
		return floats[float32]{s, lo, hi}, err
	case types.Double:
		lo, hi, err := b.floats(path, math.SmallestNonzeroFloat64, math.MaxFloat64)
		return floats[float64]{s, lo, hi}, err
	case types.Decimal:
		lo, hi, err := b.decimals(path, t)
		return newDecimals(s, lo, hi), err
	case types.Char, types.VarChar, types.Binary, types.VarBinary:
		return b.texts(path, t, s)
	case types.Timestamp, types.TimestampLTZ:
		past, err := b.Duration(b.key(path, "max-past"), 0)
		return timestamps{s, past, vec.UnitOf(t.Precision)}, err
	case types.Date, types.Time:
		return today{zone: b.zone, time: t.Kind == types.Time}, nil
	}
	return nil, diag.Unsupported(diag.Span{}, "field '%s': random values of type %s", path, t)
}

func newIntegers[T int8 | int16 | int32 | int64](b *binder, path string, s stream, least, greatest int64) (filler, error) {
	lo, hi, err := b.integers(path, least, greatest)
	return integers[T]{s, lo, uint64(hi) - uint64(lo) + 1}, err
}

// texts makes strings of characters and bytes. CHAR and BINARY have the length of their type.
func (b *binder) texts(path string, t types.Type, s stream) (filler, error) {
	f := texts{stream: s, lengths: newStream(b.seed, path, "length"), length: t.Length, binary: t.IsBinary()}
	if t.Length > greatestLength {
		f.length = defaultString
	}
	k := b.key(path, "length")
	length, err := b.integer(path, "length", int64(f.length), 0, greatestLength)
	if err != nil {
		return nil, err
	}
	fixed := t.Kind == types.Char || t.Kind == types.Binary
	switch {
	case fixed && length != int64(t.Length), length > int64(t.Length):
		return nil, b.Errorf(k, "%d does not suit the type %s", length, t.WithNull())
	case fixed:
		return f, nil
	}
	f.length = int(length)
	f.vary, err = b.Bool(b.key(path, "var-len"), false)
	return f, err
}

// sequence makes a filler that counts, and shortens the table to the sequence.
func (b *binder) sequence(path string, t types.Type) (filler, error) {
	start, end := b.key(path, "start"), b.key(path, "end")
	for _, k := range [...]string{start, end} {
		if !b.Has(k) {
			return nil, b.Errorf(k, "is required for a sequence")
		}
	}
	least, greatest := int64(math.MinInt64), int64(math.MaxInt64)
	switch t.Kind {
	case types.TinyInt:
		least, greatest = math.MinInt8, math.MaxInt8
	case types.SmallInt:
		least, greatest = math.MinInt16, math.MaxInt16
	case types.Int:
		least, greatest = math.MinInt32, math.MaxInt32
	case types.Float: // whole numbers without gaps
		least, greatest = -1<<24, 1<<24
	case types.Double:
		least, greatest = -1<<53, 1<<53
	case types.Decimal:
		if d := t.Precision - t.Scale; d < 19 {
			greatest = decimal.Int64(decimal.Pow10(d), 0) - 1
			least = -greatest
		}
	case types.BigInt, types.Char, types.VarChar:
	default:
		return nil, diag.Unsupported(b.Span(b.key(path, "kind")), "field '%s': a sequence of type %s", path, t)
	}
	from, err := b.integer(path, "start", 0, least, greatest)
	if err != nil {
		return nil, err
	}
	to, err := b.integer(path, "end", 0, least, greatest)
	if err != nil {
		return nil, err
	}
	if from > to {
		return nil, b.Errorf(start, "%d is above the end, %d", from, to)
	}
	if n := uint64(to) - uint64(from); n < uint64(b.ends) {
		b.ends = int64(n) + 1
	}
	return sequence{from, t}, nil
}

// bind makes the fillers of columns. rows is where the first sequence ends, maxRows without one.
func bind(t *connectors.Table, seed uint64, cols []connectors.Column) (f fields, rows int64, o *fieldOptions, err error) {
	o = &fieldOptions{t.Options, map[string]bool{}}
	b := &binder{fieldOptions: o, seed: seed, zone: t.Zone, ends: maxRows}
	if b.zone == nil {
		b.zone = time.UTC
	}
	f = make(fields, len(cols))
	for i, c := range cols {
		if f[i], err = b.field(c.Name, c.Type); err != nil {
			return nil, 0, nil, err
		}
	}
	return f, b.ends, o, nil
}
