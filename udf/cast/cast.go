// Package cast converts columns between types as CAST and TRY_CAST do in Flink.
//
// Bind picks the conversion of two types once; the Func it gives works on a column at a
// time. Text and Append print single values as CAST AS STRING does.
package cast

import (
	"fmt"
	"time"

	"github.com/weirstream/weir/runtime/vec"
	"github.com/weirstream/weir/sql/types"
)

// Func converts the rows sel of in, none of them NULL, into the same rows of out, which
// has n valid rows (or, where out is nested, none: then n are appended). A row that
// cannot be converted is a *vec.RowError, or NULL if the conversion was bound to try.
type Func func(in *vec.Vector, sel []int32, n int, out *vec.Vector) error

// Options are what conversions depend on beside the types.
type Options struct {
	Zone *time.Location // of TIMESTAMP_LTZ; nil is UTC
	Try  bool           // NULL in place of an error
}

// Bind picks the conversion. The types are ones that types.Castable allows.
func Bind(from, to types.Type, o Options) (Func, error) {
	b := binder{from: from, to: to, Options: o}
	f := b.bind()
	if f == nil {
		return nil, fmt.Errorf("no conversion from %s to %s", from, to)
	}
	return f, nil
}

// Total reports whether the conversion is a cheap loop defined for every value, so that
// it may be run over all rows with a nil selection.
func Total(from, to types.Type) bool {
	if to.IsApprox() || to.IsInteger() {
		return from.IsInteger() || from.IsApprox()
	}
	if to.Kind == types.Decimal {
		if from.IsInteger() {
			from = types.AsDecimal(from)
		}
		return from.Kind == types.Decimal && to.Scale == from.Scale && to.Precision >= from.Precision
	}
	return from.IsTimestamp() && from.Kind == to.Kind && from.Precision <= to.Precision &&
		vec.UnitOf(from.Precision) == vec.UnitOf(to.Precision)
}

// KeepsBits reports whether a conversion that is Total leaves the values as they lie in memory: a DECIMAL or TIMESTAMP
// of the same unit that may have more digits.
func KeepsBits(from, to types.Type) bool {
	return from.Kind == to.Kind && (from.Kind == types.Decimal || from.IsTimestamp())
}

type binder struct {
	from, to types.Type
	Options
}

func (b *binder) bind() Func {
	from, to := b.from, b.to
	switch {
	case from.Kind == types.Null:
		return nullFunc
	case from.IsNested() && to.IsNested():
		return b.nested()
	case to.IsString():
		return b.toString()
	case to.IsBinary():
		return b.toBinary()
	case from.IsString():
		return b.parse()
	case to.Kind == types.Boolean:
		return b.toBool()
	case from.Kind == types.Boolean:
		return b.fromBool()
	case to.Kind == types.Decimal:
		return b.toDecimal()
	case from.Kind == types.Decimal:
		return b.fromDecimal()
	case from.IsTemporal() && to.IsTemporal():
		return b.temporal()
	case isIntLike(from) && (isIntLike(to) || to.IsApprox()), from.IsApprox():
		return numeric(vec.PhysOf(from), vec.PhysOf(to))
	}
	return nil
}

// isIntLike reports integers and intervals, which convert as their numbers.
func isIntLike(t types.Type) bool { return t.IsInteger() || t.IsInterval() }

// nullFunc converts the literal NULL.
func nullFunc(_ *vec.Vector, _ []int32, n int, out *vec.Vector) error {
	for out.Len() < n {
		out.AppendNull()
	}
	out.SetAllNull()
	return nil
}

// failed deals with row i, which cannot be converted.
func (b *binder) failed(in *vec.Vector, i int, out *vec.Vector) error {
	if b.Try {
		out.SetNull(i)
		return nil
	}
	return &vec.RowError{Row: i, Err: fmt.Errorf("cannot cast '%s' to %s", excerpt(Append(nil, in, i, b.Zone)), b.to.WithNull())}
}

// excerpt keeps an error's value readable.
func excerpt(s []byte) string {
	const most = 200
	if len(s) > most {
		return string(s[:most]) + "…"
	}
	return string(s)
}
