package udf

import (
	"strings"

	"github.com/weirstream/weir/sql/diag"
	"github.com/weirstream/weir/sql/types"
)

// A param is what one parameter of a function takes: to gives the type that an argument
// is converted to, or false where it does not fit. The literal NULL fits everything.
type param struct {
	name     string // as in the error: "a string"
	to       func(types.Type) (types.Type, bool)
	optional bool
	repeated bool // the last one: any number of times, at least once unless optional
}

func (p param) opt() param    { p.optional = true; return p }
func (p param) repeat() param { p.repeated = true; return p }

// The parameters of most functions.
func anyArg() param {
	return param{name: "a value", to: func(t types.Type) (types.Type, bool) { return t, true }}
}

func strArg() param {
	return param{name: "a string", to: func(t types.Type) (types.Type, bool) {
		if t.Kind == types.Null {
			return types.String(), true
		}
		return t, t.IsString()
	}}
}

func bytesArg() param {
	return param{name: "a binary string", to: func(t types.Type) (types.Type, bool) {
		if t.Kind == types.Null {
			return types.Bytes(), true
		}
		return t, t.IsBinary()
	}}
}

func textOrBytesArg() param {
	return param{name: "a string or a binary string", to: func(t types.Type) (types.Type, bool) {
		if t.Kind == types.Null {
			return types.String(), true
		}
		return t, t.IsString() || t.IsBinary()
	}}
}

func timeOfDayArg() param {
	return param{name: "a time", to: func(t types.Type) (types.Type, bool) { return t, t.Kind == types.Time }}
}

// strOrNumberArg takes a string, or a number as the text that it is.
func strOrNumberArg() param {
	return param{name: "a string or a number", to: func(t types.Type) (types.Type, bool) {
		return types.String(), t.Kind == types.Null || t.IsString() || t.IsNumeric()
	}}
}

// intArg takes any integer as BIGINT.
func intArg() param {
	return param{name: "an integer", to: func(t types.Type) (types.Type, bool) {
		return types.New(types.BigInt), t.IsInteger() || t.Kind == types.Null
	}}
}

// doubleArg takes any number as DOUBLE.
func doubleArg() param {
	return param{name: "a number", to: func(t types.Type) (types.Type, bool) {
		return types.New(types.Double), t.IsNumeric() || t.Kind == types.Null
	}}
}

func numericArg() param {
	return param{name: "a number", to: func(t types.Type) (types.Type, bool) {
		if t.Kind == types.Null {
			return types.New(types.Int), true
		}
		return t, t.IsNumeric()
	}}
}

func boolArg() param {
	return param{name: "a boolean", to: func(t types.Type) (types.Type, bool) {
		return types.New(types.Boolean), t.Kind == types.Boolean || t.Kind == types.Null
	}}
}

func timeArg() param {
	return param{name: "a date or a timestamp", to: func(t types.Type) (types.Type, bool) {
		if t.Kind == types.Null {
			return types.TimestampOf(3), true
		}
		return t, t.Kind == types.Date || t.IsTimestamp()
	}}
}

// timestampArg is a TIMESTAMP or a TIMESTAMP_LTZ.
func timestampArg() param {
	return param{name: "a timestamp", to: func(t types.Type) (types.Type, bool) { return t, t.IsTimestamp() }}
}

// A rule types a call.
type rule = func(args []Arg) (Signature, error)

// returns makes the rule of a function with these parameters and one result type, which
// admits NULL where an argument does.
func returns(result types.Type, params ...param) rule {
	return func(args []Arg) (Signature, error) {
		ts, err := matchParams(args, params)
		if err != nil {
			return Signature{}, err
		}
		return Signature{Params: ts, Result: result.WithNullIf(anyNullable(args))}, nil
	}
}

// mayGiveNull makes the rule of a function that can be NULL for arguments that are not.
func mayGiveNull(result types.Type, params ...param) rule {
	r := returns(result, params...)
	return func(args []Arg) (Signature, error) {
		s, err := r(args)
		s.Result = s.Result.WithNull()
		return s, err
	}
}

// returnsFirst makes the rule of a function whose result has the type of its first
// argument.
func returnsFirst(params ...param) rule {
	return func(args []Arg) (Signature, error) {
		ts, err := matchParams(args, params)
		if err != nil {
			return Signature{}, err
		}
		return Signature{Params: ts, Result: ts[0].WithNullIf(anyNullable(args))}, nil
	}
}

// matchParams checks number and types of the arguments and gives what they are
// converted to.
func matchParams(args []Arg, params []param) ([]types.Type, error) {
	least, most := 0, len(params)
	for _, p := range params {
		if !p.optional {
			least++
		}
		if p.repeated {
			most = 1 << 16
		}
	}
	if len(args) < least || len(args) > most {
		return nil, wrongCount(len(args), least, most)
	}
	ts := make([]types.Type, len(args))
	for i, a := range args {
		p := params[min(i, len(params)-1)]
		t, ok := p.to(a.Type)
		if !ok {
			return nil, diag.Errorf(diag.Span{}, "argument %d must be %s, but is %s", i+1, p.name, a.Type.WithNull()).
				WithHint("convert it with CAST")
		}
		ts[i] = t.WithNullIf(a.Type.Nullable())
	}
	return ts, nil
}

func wrongCount(got, least, most int) error {
	want := plural(least)
	switch {
	case most >= 1<<16:
		want = "at least " + want
	case most > least:
		want = itoa(least) + " to " + plural(most)
	}
	return diag.Errorf(diag.Span{}, "%s expected, but %d given", want, got)
}

func plural(n int) string {
	if n == 1 {
		return "1 argument"
	}
	return itoa(n) + " arguments"
}

func anyNullable(args []Arg) bool {
	for _, a := range args {
		if a.Type.Nullable() {
			return true
		}
	}
	return false
}

// noSuch is the error for operands that an operator does not take.
func noSuch(op string, args []Arg) *diag.Error {
	names := make([]string, len(args))
	for i, a := range args {
		names[i] = a.Type.WithNull().String()
	}
	return diag.Errorf(diag.Span{}, "%s does not take %s", op, strings.Join(names, " and "))
}

// constString gives a literal string argument.
func (a Arg) constString() (string, bool) {
	s, ok := a.Const.(string)
	return s, ok && a.IsConst
}

// constInt gives a literal integer argument.
func (a Arg) constInt() (int64, bool) {
	n, ok := a.Const.(int64)
	return n, ok && a.IsConst
}
