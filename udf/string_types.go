package udf

import (
	"github.com/weirstream/weir/sql/diag"
	"github.com/weirstream/weir/sql/types"
)

// varying makes the rule of a function whose result is no longer than its first text
// argument, arg.
func varying(arg int, params ...param) rule {
	return func(args []Arg) (Signature, error) {
		ts, err := matchParams(args, params)
		if err != nil {
			return Signature{}, err
		}
		t := types.Type{Kind: types.VarChar, Length: ts[arg].Length}
		if ts[arg].IsBinary() {
			t.Kind = types.VarBinary
		}
		return Signature{Params: ts, Result: t.WithNullIf(anyNullable(args))}, nil
	}
}

// orNull makes the result of a rule admit NULL.
func orNull(r rule) rule {
	return func(args []Arg) (Signature, error) {
		s, err := r(args)
		s.Result = s.Result.WithNull()
		return s, err
	}
}

// concatRule is that of ||: lengths add up.
func concatRule(args []Arg) (Signature, error) {
	ts, err := matchParams(args, []param{textOrBytesArg(), textOrBytesArg()})
	if err != nil {
		return Signature{}, err
	}
	a, b := ts[0], ts[1]
	if a.IsBinary() != b.IsBinary() {
		return Signature{}, noSuch("||", args).WithHint("convert one side with CAST")
	}
	t := types.Type{Kind: types.VarChar, Length: types.MaxLength}
	switch {
	case a.Kind == b.Kind && (a.Kind == types.Char || a.Kind == types.Binary):
		t.Kind = a.Kind
	case a.IsBinary():
		t.Kind = types.VarBinary
	}
	if a.Length < types.MaxLength-b.Length {
		t.Length = a.Length + b.Length
	}
	return Signature{Params: ts, Result: t.WithNullIf(anyNullable(args))}, nil
}

// overlayRule gives the result the length of both strings.
func overlayRule(args []Arg) (Signature, error) {
	ts, err := matchParams(args, []param{strArg(), strArg(), intArg(), intArg().opt()})
	if err != nil {
		return Signature{}, err
	}
	t := types.String()
	if ts[0].Length < types.MaxLength-ts[1].Length {
		t.Length = ts[0].Length + ts[1].Length
	}
	return Signature{Params: ts, Result: t.WithNullIf(anyNullable(args))}, nil
}

// eltRule gives the common type of the strings.
func eltRule(args []Arg) (Signature, error) {
	ts, err := matchParams(args, []param{intArg(), strArg().repeat()})
	if err != nil {
		return Signature{}, err
	}
	t, err := commonTypes(args[1:])
	return Signature{Params: append(ts[:1], same(args[1:], t)...), Result: t.WithNull()}, err
}

// sameKindRule takes two strings, or two binary strings.
func sameKindRule(result types.Type) rule {
	return func(args []Arg) (Signature, error) {
		s, err := returns(result, textOrBytesArg(), textOrBytesArg())(args)
		if err == nil && s.Params[0].IsString() != s.Params[1].IsString() {
			err = diag.Errorf(diag.Span{}, "both arguments must be strings, or both binary strings, but they are %s and %s", args[0].Type.WithNull(), args[1].Type.WithNull())
		}
		return s, err
	}
}
