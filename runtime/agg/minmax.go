package agg

import (
	"math"

	"github.com/weirstream/weir/runtime/vec"
	"github.com/weirstream/weir/sql/types"
)

func minFunc() *Func { return extremeFunc("MIN", "smallest", false) }
func maxFunc() *Func { return extremeFunc("MAX", "largest", true) }

func extremeFunc(name, what string, largest bool) *Func {
	return &Func{
		Name:            name,
		Syntax:          name + "([ALL | DISTINCT] expression)",
		Doc:             "The " + what + " of the values that are not NULL. NaN counts as larger than every number.",
		Insensitive:     true,
		NullOnlyIfEmpty: true,
		Resolve: func(args []types.Type) (Signature, error) {
			takes := "a number, a string, a time or a BOOLEAN"
			if err := oneArg(name, takes, args, hasOrder); err != nil {
				return Signature{}, err
			}
			return Signature{Params: args, Result: args[0].WithNull()}, nil
		},
		New: func(sig Signature, retract bool) Accumulator {
			if retract {
				return newExtremeRetract(sig.Result, largest)
			}
			switch vec.PhysOf(sig.Result) {
			case vec.Int8:
				return newExtreme(sig.Result, largest, int8(math.MinInt8), math.MaxInt8)
			case vec.Int16:
				return newExtreme(sig.Result, largest, int16(math.MinInt16), math.MaxInt16)
			case vec.Int32:
				return newExtreme(sig.Result, largest, int32(math.MinInt32), math.MaxInt32)
			case vec.Int64:
				return newExtreme(sig.Result, largest, int64(math.MinInt64), math.MaxInt64)
			case vec.Float32:
				return newExtreme(sig.Result, largest, float32(math.Inf(-1)), float32(math.NaN()))
			case vec.Float64:
				return newExtreme(sig.Result, largest, math.Inf(-1), math.NaN())
			}
			return &extremeRow{valueRow: valueRow{vals: vec.New(sig.Result)}, largest: largest}
		},
	}
}

func hasOrder(t types.Type) bool {
	return t.IsNumeric() || t.IsString() || t.IsBinary() || t.IsTemporal() || t.IsInterval() || t.Kind == types.Boolean || t.Kind == types.Null
}

// extreme is MIN and MAX of numbers and times over rows that are never taken back. State: the best
// value, NULL for none. A group without a value holds the worst value of the type, so that the loop
// has one comparison; groups that have truly seen it are marked aside.
type extreme[T number] struct {
	result  types.Type
	largest bool
	worst   T
	best    []T
	seen    []bool // nil until some row has the worst value
	present present
}

func newExtreme[T number](result types.Type, largest bool, low, high T) *extreme[T] {
	e := &extreme[T]{result: result, largest: largest, worst: high}
	if largest {
		e.worst = low
	}
	return e
}

func (e *extreme[T]) Grow(n int) {
	e.best = grown(e.best, n, e.worst)
	if e.seen != nil {
		e.seen = grown(e.seen, n, false)
	}
}

func (e *extreme[T]) Add(groups []uint32, args []*vec.Vector, rows []int32) error {
	groups, rows = e.present.of(groups, args[0], rows)
	vals := vec.Values[T](args[0])
	var worst bool
	switch {
	case e.worst != e.worst:
		worst = minFloats(e.best, groups, vals, rows)
	case e.largest:
		worst = maxOf(e.best, groups, vals, rows, e.worst)
	default:
		worst = minOf(e.best, groups, vals, rows, e.worst)
	}
	if worst {
		e.markWorst(groups, vals, rows)
	}
	return nil
}

// maxOf reports whether some value was the worst. Its loops have no branch that depends on best, so that
// cache misses overlap. NaN is the larger one.
func maxOf[T number](best []T, groups []uint32, vals []T, rows []int32, worst T) bool {
	found := false
	if rows == nil {
		vals = vals[:len(groups)]
		for k, g := range groups {
			x := vals[k]
			best[g] = max(best[g], x)
			found = found || x == worst
		}
		return found
	}
	for k, i := range rows {
		x, g := vals[i], groups[k]
		best[g] = max(best[g], x)
		found = found || x == worst
	}
	return found
}

func minOf[T number](best []T, groups []uint32, vals []T, rows []int32, worst T) bool {
	found := false
	if rows == nil {
		vals = vals[:len(groups)]
		for k, g := range groups {
			x := vals[k]
			best[g] = min(best[g], x)
			found = found || x == worst
		}
		return found
	}
	for k, i := range rows {
		x, g := vals[i], groups[k]
		best[g] = min(best[g], x)
		found = found || x == worst
	}
	return found
}

// minFloats is minOf with NaN as the worst value.
func minFloats[T number](best []T, groups []uint32, vals []T, rows []int32) bool {
	found := false
	for k, g := range groups {
		x := vals[at(rows, k)]
		if b := best[g]; x < b || b != b {
			best[g] = x
		}
		if x != x {
			found = true
		}
	}
	return found
}

// isWorst compares so that NaN is NaN.
func (e *extreme[T]) isWorst(x T) bool { return x == e.worst || x != x && e.worst != e.worst }

func (e *extreme[T]) markWorst(groups []uint32, vals []T, rows []int32) {
	e.seen = grown(e.seen, len(e.best), false)
	for k, g := range groups {
		if e.isWorst(vals[at(rows, k)]) {
			e.seen[g] = true
		}
	}
}

// Retract is not called: with retraction extremeRetract is used.
func (e *extreme[T]) Retract([]uint32, []*vec.Vector, []int32) error { return errNoRetract }

func (e *extreme[T]) Merge(groups []uint32, state []*vec.Vector, rows []int32) error {
	return e.Add(groups, state, rows)
}

func (e *extreme[T]) Result(groups []uint32, out *vec.Vector) error {
	from := gatherExtremes(out, e.best, groups)
	for k, g := range groups {
		if e.isWorst(e.best[g]) && (e.seen == nil || !e.seen[g]) {
			out.SetNull(from + k)
		}
	}
	return nil
}

func gatherExtremes[T number](out *vec.Vector, best []T, groups []uint32) int {
	from := extend(out, len(groups))
	dst := vec.Values[T](out)[from:]
	for k, g := range groups {
		dst[k] = best[g]
	}
	return from
}

func (e *extreme[T]) State() vec.Schema { return vec.Schema{{Name: "value", Type: e.result}} }

func (e *extreme[T]) AppendState(groups []uint32, out []*vec.Vector) error {
	return e.Result(groups, out[0])
}

func (e *extreme[T]) Reset(groups []uint32) {
	for _, g := range groups {
		e.best[g] = e.worst
		if e.seen != nil {
			e.seen[g] = false
		}
	}
}

func (e *extreme[T]) Clear() { e.best, e.seen = e.best[:0], nil }

func (e *extreme[T]) Memory() int { return 8*cap(e.best) + cap(e.seen) + e.present.memory() }
