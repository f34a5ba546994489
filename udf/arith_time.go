package udf

import (
	"fmt"

	"github.com/weirstream/weir/runtime/civil"
	"github.com/weirstream/weir/runtime/vec"
	"github.com/weirstream/weir/sql/diag"
	"github.com/weirstream/weir/sql/types"
	"github.com/weirstream/weir/udf/datetime"
)

// bindTimeArith is for + and - where a date, time or timestamp takes part.
func bindTimeArith(op byte, c Call) (Kernel, error) {
	a, b := c.Args[0].Type, c.Args[1].Type
	if a.IsTemporal() && b.IsTemporal() {
		return timeDifference(a), nil
	}
	t, v := 0, 1
	if b.IsTemporal() {
		t, v = 1, 0
	}
	sign := int64(1)
	if op == '-' {
		sign = -1
	}
	at, by := c.Args[t].Type, c.Args[v].Type
	months := by.Kind == types.IntervalMonth
	switch {
	case inNanos(at):
		return addNanos(t, v, sign, months), nil
	case at.IsTimestamp() && months:
		return addMonths(t, v, sign, c), nil
	case at.IsTimestamp():
		return addMillis(t, v, sign*(vec.UnitOf(at.Precision)/datetime.MillisPerSecond), c.Args[v]), nil
	case at.Kind == types.Date && months:
		return addMonthsToDates(t, v, sign), nil
	case at.Kind == types.Date:
		return addDays(t, v, sign), nil
	case at.Kind == types.Time && !months:
		return addToTimes(t, v, sign), nil
	}
	return nil, fmt.Errorf("no kernel for %s %c %s", a, op, b)
}

// addMillis moves timestamps by milliseconds, each of which is ticks units.
func addMillis(t, v int, ticks int64, by Arg) Kernel {
	if by.IsConst {
		return addConst(constNumber[int64](by)*ticks, t)
	}
	return func(args []*vec.Vector, _ []int32, n int, out *vec.Vector) error {
		a, b, o := vec.Values[int64](args[t])[:n], vec.Values[int64](args[v])[:n], vec.Values[int64](out)[:n]
		for i := range o {
			o[i] = a[i] + b[i]*ticks
		}
		return nil
	}
}

// inNanos reports whether a value of the type is a count of nanoseconds, in which 64 bits hold some centuries only.
func inNanos(t types.Type) bool {
	return t.IsTimestamp() && vec.UnitOf(t.Precision) == datetime.NanosPerSecond
}

// errNanos is what timestamps of more than six digits fail with.
var errNanos = &diag.Error{
	Msg:  "timestamp out of range",
	Hint: "with more than six digits it reaches from 1677-09-22 to 2262-04-11, as CAST(… AS TIMESTAMP(6)) every year",
}

// addNanos moves timestamps in nanoseconds by months or milliseconds.
func addNanos(t, v int, sign int64, months bool) Kernel {
	unit := int64(datetime.MillisPerSecond)
	if months {
		unit = 1
	}
	per := datetime.NanosPerSecond / unit
	return func(args []*vec.Vector, sel []int32, _ int, out *vec.Vector) error {
		a, b, o := vec.Values[int64](args[t]), vec.Values[int64](args[v]), vec.Values[int64](out)
		for _, i := range sel {
			whole := civil.FloorDiv(a[i], per)
			rest := a[i] - whole*per
			if months {
				whole = datetime.AddMonths(whole, sign*b[i], unit)
			} else {
				whole += sign * b[i]
			}
			if !datetime.Fits(whole, unit, datetime.NanosPerSecond) {
				return &RowError{Row: int(i), Err: errNanos}
			}
			o[i] = whole*per + rest
		}
		return nil
	}
}

// addMonths moves an instant in UTC, whatever the session's zone, as Flink does.
func addMonths(t, v int, sign int64, c Call) Kernel {
	unit := vec.UnitOf(c.Result.Precision)
	return func(args []*vec.Vector, _ []int32, n int, out *vec.Vector) error {
		a, b, o := vec.Values[int64](args[t])[:n], vec.Values[int64](args[v])[:n], vec.Values[int64](out)[:n]
		for i := range o {
			o[i] = datetime.AddMonths(a[i], sign*b[i], unit)
		}
		return nil
	}
}

func addMonthsToDates(t, v int, sign int64) Kernel {
	return func(args []*vec.Vector, _ []int32, n int, out *vec.Vector) error {
		a, b, o := vec.Values[int32](args[t])[:n], vec.Values[int64](args[v])[:n], vec.Values[int32](out)[:n]
		for i := range o {
			o[i] = int32(datetime.AddMonthsToDays(int64(a[i]), sign*b[i]))
		}
		return nil
	}
}

func addDays(t, v int, sign int64) Kernel {
	return func(args []*vec.Vector, _ []int32, n int, out *vec.Vector) error {
		a, b, o := vec.Values[int32](args[t])[:n], vec.Values[int64](args[v])[:n], vec.Values[int32](out)[:n]
		for i := range o {
			o[i] = a[i] + int32(sign*(b[i]/datetime.MillisPerDay))
		}
		return nil
	}
}

func addToTimes(t, v int, sign int64) Kernel {
	return func(args []*vec.Vector, _ []int32, n int, out *vec.Vector) error {
		a, b, o := vec.Values[int32](args[t])[:n], vec.Values[int64](args[v])[:n], vec.Values[int32](out)[:n]
		for i := range o {
			ms := (int64(a[i]) + sign*b[i]) % datetime.MillisPerDay
			if ms < 0 {
				ms += datetime.MillisPerDay
			}
			o[i] = int32(ms)
		}
		return nil
	}
}

// timeDifference gives milliseconds.
func timeDifference(t types.Type) Kernel {
	if !t.IsTimestamp() {
		scale := int64(1)
		if t.Kind == types.Date {
			scale = datetime.MillisPerDay
		}
		return func(args []*vec.Vector, _ []int32, n int, out *vec.Vector) error {
			a, b, o := vec.Values[int32](args[0])[:n], vec.Values[int32](args[1])[:n], vec.Values[int64](out)[:n]
			for i := range o {
				o[i] = (int64(a[i]) - int64(b[i])) * scale
			}
			return nil
		}
	}
	per := vec.UnitOf(t.Precision) / datetime.MillisPerSecond
	return func(args []*vec.Vector, _ []int32, n int, out *vec.Vector) error {
		a, b, o := vec.Values[int64](args[0])[:n], vec.Values[int64](args[1])[:n], vec.Values[int64](out)[:n]
		for i := range o {
			o[i] = a[i]/per - b[i]/per
		}
		return nil
	}
}
