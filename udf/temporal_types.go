package udf

import (
	"github.com/weirstream/weir/sql/diag"
	"github.com/weirstream/weir/sql/types"
	"github.com/weirstream/weir/udf/datetime"
)

// unitOf reads a unit argument, which is always a literal.
func unitOf(a Arg) (datetime.Unit, error) {
	name, ok := a.constString()
	if !ok {
		return 0, diag.Errorf(diag.Span{}, "the unit of time must be written as it is")
	}
	u, ok := datetime.ParseUnit(name)
	if !ok {
		return 0, diag.Errorf(diag.Span{}, "unknown unit of time %s", name).WithHint("units are YEAR, QUARTER, MONTH, WEEK, DAY, HOUR, MINUTE, SECOND …")
	}
	return u, nil
}

func timeOrTextArg() param {
	return param{name: "a timestamp, a date or a string", to: func(t types.Type) (types.Type, bool) {
		if t.Kind == types.Null {
			return types.String(), true
		}
		return t, t.IsTimestamp() || t.Kind == types.Date || t.IsString()
	}}
}

// extractRule is EXTRACT(unit, x).
func extractRule(args []Arg) (Signature, error) {
	if len(args) != 2 {
		return Signature{}, wrongCount(len(args), 2, 2)
	}
	u, err := unitOf(args[0])
	if err != nil {
		return Signature{}, err
	}
	t, err := fieldSource(u, args[1])
	return Signature{Params: []types.Type{args[0].Type, t}, Result: types.New(types.BigInt).WithNullIf(t.Nullable())}, err
}

func fieldRule(unit string) rule {
	return func(args []Arg) (Signature, error) {
		if len(args) != 1 {
			return Signature{}, wrongCount(len(args), 1, 1)
		}
		u, _ := datetime.ParseUnit(unit)
		t, err := fieldSource(u, args[0])
		return Signature{Params: []types.Type{t}, Result: types.New(types.BigInt).WithNullIf(t.Nullable())}, err
	}
}

// fieldSource checks that a type has a field.
func fieldSource(u datetime.Unit, a Arg) (types.Type, error) {
	t := a.Type
	if t.Kind == types.Null {
		t = types.TimestampOf(3)
	}
	ok := false
	switch {
	case t.IsTimestamp():
		ok = true
	case t.Kind == types.Date:
		ok = u >= datetime.Day || u >= datetime.Second && u <= datetime.Hour // these are 0
	case t.Kind == types.Time:
		ok = u >= datetime.Nanosecond && u <= datetime.Hour
	case t.Kind == types.IntervalMonth:
		ok = u.Months() > 0 && u <= datetime.Year
	case t.Kind == types.IntervalMilli:
		ok = u >= datetime.Millisecond && u <= datetime.Day
	}
	if !ok {
		return t, diag.Errorf(diag.Span{}, "a value of type %s has no %s", t.WithNull(), u)
	}
	return t, nil
}

// timestampAddRule is TIMESTAMPADD(unit, n, x): a date moved by hours is a timestamp.
func timestampAddRule(args []Arg) (Signature, error) {
	if len(args) != 3 {
		return Signature{}, wrongCount(len(args), 3, 3)
	}
	u, err := unitOf(args[0])
	if err != nil {
		return Signature{}, err
	}
	moved := timeArg()
	if args[2].Type.Kind == types.Time {
		moved = timeOfDayArg()
	}
	ts, err := matchParams(args[1:], []param{intArg(), moved})
	if err != nil {
		return Signature{}, err
	}
	if u.Months() == 0 && u.Millis() == 0 || ts[1].Kind == types.Time && u.Months() > 0 {
		return Signature{}, diag.Unsupported(diag.Span{}, "TIMESTAMPADD with unit %s", u)
	}
	t := ts[1]
	switch {
	case t.Kind == types.Date && u < datetime.Day:
		t = types.TimestampOf(6)
	case u == datetime.Millisecond && t.IsTimestamp():
		t.Precision = max(t.Precision, 3)
	}
	result := t.WithNullIf(anyNullable(args[1:]))
	return Signature{Params: []types.Type{args[0].Type, ts[0], t.WithNullIf(ts[1].Nullable())}, Result: result}, nil
}

func timestampDiffRule(args []Arg) (Signature, error) {
	if len(args) != 3 {
		return Signature{}, wrongCount(len(args), 3, 3)
	}
	u, err := unitOf(args[0])
	if err != nil {
		return Signature{}, err
	}
	ts, err := matchParams(args[1:], []param{timeArg(), timeArg()})
	if err != nil {
		return Signature{}, err
	}
	if u.Months() == 0 && u.Millis() == 0 {
		return Signature{}, diag.Unsupported(diag.Span{}, "TIMESTAMPDIFF with unit %s", u)
	}
	t, ok := types.Common(ts...)
	if !ok {
		return Signature{}, noSuch("TIMESTAMPDIFF", args[1:])
	}
	if t.Kind == types.Date {
		t = types.TimestampOf(3)
	}
	return Signature{
		Params: []types.Type{args[0].Type, t.WithNullIf(ts[0].Nullable()), t.WithNullIf(ts[1].Nullable())},
		Result: types.New(types.Int).WithNullIf(anyNullable(args[1:])),
	}, nil
}

// floorRule is FLOOR and CEIL: of a number, or of (time, unit).
func floorRule(args []Arg) (Signature, error) {
	if len(args) == 2 {
		if _, err := unitOf(args[1]); err != nil {
			return Signature{}, err
		}
		if args[0].Type.Kind == types.Time {
			return floorTimeRule(args)
		}
		ts, err := matchParams(args[:1], []param{timeArg()})
		if err != nil {
			return Signature{}, err
		}
		return Signature{Params: []types.Type{ts[0], args[1].Type}, Result: ts[0]}, nil
	}
	ts, err := matchParams(args, []param{numericArg()})
	if err != nil {
		return Signature{}, err
	}
	result := ts[0]
	if result.Kind == types.Decimal {
		result = types.DecimalOf(result.Precision, 0).WithNullIf(ts[0].Nullable())
	}
	return Signature{Params: ts, Result: result}, nil
}

// floorTimeRule is FLOOR and CEIL of a TIME, which has no units past the hour.
func floorTimeRule(args []Arg) (Signature, error) {
	if u, err := unitOf(args[1]); err != nil || u.Millis() == 0 || u.Millis() > datetime.MillisPerHour {
		return Signature{}, diag.Errorf(diag.Span{}, "a time of day has no %v", args[1].Const).WithHint("use HOUR, MINUTE or SECOND")
	}
	return Signature{Params: []types.Type{args[0].Type, args[1].Type}, Result: args[0].Type}, nil
}

// toLTZRule is TO_TIMESTAMP_LTZ of a number with a precision, or of a text with pattern
// and zone.
func toLTZRule(args []Arg) (Signature, error) {
	result := types.TimestampLTZOf(3)
	if len(args) > 0 && args[0].Type.IsString() {
		return mayGiveNull(result, strArg(), strArg().opt(), strArg().opt())(args)
	}
	s, err := mayGiveNull(result, numericArg(), intArg().opt())(args)
	if err == nil && len(args) == 2 {
		if p, ok := args[1].constInt(); ok && p != 0 && p != 3 {
			return s, diag.Errorf(diag.Span{}, "the precision must be 0 (seconds) or 3 (milliseconds)")
		}
	}
	return s, err
}

// overlapsRule checks the four ends; the planner writes comparisons in its place.
func overlapsRule(args []Arg) (Signature, error) {
	if len(args) != 4 {
		return Signature{}, wrongCount(len(args), 4, 4)
	}
	params := make([]types.Type, 4)
	for i, a := range args {
		params[i] = a.Type
		if !a.Type.IsTemporal() && (i%2 == 0 || !a.Type.IsInterval()) {
			return Signature{}, noSuch("OVERLAPS", args)
		}
	}
	return Signature{Params: params, Result: types.New(types.Boolean).WithNullIf(anyNullable(args))}, nil
}
