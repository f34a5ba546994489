package udf

import (
	"github.com/weirstream/weir/sql/diag"
	"github.com/weirstream/weir/sql/types"
)

func arrayArg() param {
	return param{name: "an array", to: func(t types.Type) (types.Type, bool) { return t, t.Kind == types.Array }}
}

func mapArg() param {
	return param{name: "a map", to: func(t types.Type) (types.Type, bool) { return t, t.Kind == types.Map }}
}

func collectionArg() param {
	return param{name: "an array, a map or a multiset", to: func(t types.Type) (types.Type, bool) {
		return t, t.Kind == types.Array || t.Kind == types.Map || t.Kind == types.Multiset
	}}
}

func sortableArg() param {
	return param{name: "an array of values that have an order", to: func(t types.Type) (types.Type, bool) {
		return t, t.Kind == types.Array && hasOrder(*t.Elem)
	}}
}

func textArrayArg() param {
	return param{name: "an array of strings", to: func(t types.Type) (types.Type, bool) {
		return t, t.Kind == types.Array && t.Elem.IsString()
	}}
}

func arrayRule(args []Arg) (Signature, error) {
	if len(args) == 0 {
		return Signature{}, wrongCount(0, 1, 1<<16)
	}
	t, err := commonTypes(args)
	if err != nil {
		return Signature{}, err
	}
	return Signature{Params: same(args, t), Result: types.ArrayOf(t).WithoutNull()}, nil
}

func mapRule(args []Arg) (Signature, error) {
	if len(args) == 0 || len(args)%2 != 0 {
		return Signature{}, diag.Errorf(diag.Span{}, "each key needs a value")
	}
	var keys, values []Arg
	for i := 0; i < len(args); i += 2 {
		keys, values = append(keys, args[i]), append(values, args[i+1])
	}
	k, err := commonTypes(keys)
	if err != nil {
		return Signature{}, err
	}
	v, err := commonTypes(values)
	if err != nil {
		return Signature{}, err
	}
	s := Signature{Result: types.MapOf(k, v).WithoutNull()}
	for i, a := range args {
		t := k
		if i%2 == 1 {
			t = v
		}
		s.Params = append(s.Params, t.WithNullIf(a.Type.Nullable()))
	}
	return s, nil
}

func rowRule(args []Arg) (Signature, error) {
	s := Signature{Result: types.RowOf().WithoutNull()}
	for i, a := range args {
		s.Params = append(s.Params, a.Type)
		s.Result.Fields = append(s.Result.Fields, types.Field{Name: "EXPR$" + itoa(i), Type: a.Type})
	}
	return s, nil
}

func itemRule(args []Arg) (Signature, error) {
	if len(args) != 2 {
		return Signature{}, wrongCount(len(args), 2, 2)
	}
	c, k := args[0].Type, args[1].Type
	switch {
	case c.Kind == types.Array && (k.IsInteger() || k.Kind == types.Null):
		if n, ok := args[1].constInt(); ok && n < 1 {
			return Signature{}, diag.Errorf(diag.Span{}, "the elements of an array are counted from 1")
		}
		return Signature{Params: []types.Type{c, types.New(types.BigInt).WithNullIf(k.Nullable())}, Result: c.Elem.WithNull()}, nil
	case c.Kind == types.Map:
		if _, ok := types.Common(*c.Key, k); ok {
			return Signature{Params: []types.Type{c, c.Key.WithNullIf(k.Nullable())}, Result: c.Elem.WithNull()}, nil
		}
		return Signature{}, diag.Errorf(diag.Span{}, "the keys of the map are %s, not %s", c.Key.WithNull(), k.WithNull())
	}
	return Signature{}, diag.Errorf(diag.Span{}, "a value of type %s has no elements [%s]", c.WithNull(), k.WithNull())
}

// elementRule is that of functions from an array to its element.
func elementRule(kind types.Kind) rule {
	return func(args []Arg) (Signature, error) {
		ts, err := matchParams(args, []param{collectionArg()})
		if err != nil {
			return Signature{}, err
		}
		if ts[0].Kind != kind {
			return Signature{}, noSuch("ELEMENT", args)
		}
		return Signature{Params: ts, Result: ts[0].Elem.WithNull()}, nil
	}
}

func extremeElementRule(args []Arg) (Signature, error) {
	ts, err := matchParams(args, []param{sortableArg()})
	if err != nil {
		return Signature{}, err
	}
	return Signature{Params: ts, Result: ts[0].Elem.WithNull()}, nil
}

// widened gives the array type that holds an array's elements and one more.
func widened(args []Arg) (types.Type, error) {
	if len(args) != 2 {
		return types.Type{}, wrongCount(len(args), 2, 2)
	}
	if args[0].Type.Kind != types.Array {
		return types.Type{}, diag.Errorf(diag.Span{}, "argument 1 must be an array, but is %s", args[0].Type.WithNull())
	}
	t, ok := types.Common(*args[0].Type.Elem, args[1].Type)
	if !ok {
		return t, diag.Errorf(diag.Span{}, "%s is no element of %s", args[1].Type.WithNull(), args[0].Type.WithNull())
	}
	return t, nil
}

// withElement is the rule of functions of an array and an element.
func withElement(result types.Type) rule {
	return func(args []Arg) (Signature, error) {
		t, err := widened(args)
		if err != nil {
			return Signature{}, err
		}
		params := []types.Type{types.ArrayOf(t).WithNullIf(args[0].Type.Nullable()), t.WithNullIf(args[1].Type.Nullable())}
		return Signature{Params: params, Result: result.WithNullIf(anyNullable(args))}, nil
	}
}

// containsRule gives NULL for an array that is NULL alone.
func containsRule(args []Arg) (Signature, error) {
	s, err := withElement(types.New(types.Boolean))(args)
	if err == nil {
		s.Result = s.Result.WithNullIf(args[0].Type.Nullable())
	}
	return s, err
}

func grownRule(args []Arg) (Signature, error) {
	s, err := withElement(types.New(types.Int))(args)
	if err == nil {
		s.Result = s.Params[0]
	}
	return s, err
}

func removeRule(args []Arg) (Signature, error) { return grownRule(args) }

// arraysRule is that of functions of arrays with a common element type.
func arraysRule(least, most int) rule {
	return func(args []Arg) (Signature, error) {
		if len(args) < least || len(args) > most {
			return Signature{}, wrongCount(len(args), least, most)
		}
		for i, a := range args {
			if a.Type.Kind != types.Array {
				return Signature{}, diag.Errorf(diag.Span{}, "argument %d must be an array, but is %s", i+1, a.Type.WithNull())
			}
		}
		t, err := commonTypes(args)
		if err != nil {
			return Signature{}, err
		}
		return Signature{Params: same(args, t), Result: t.WithNullIf(anyNullable(args))}, nil
	}
}

func mapPartRule(part int) rule {
	return func(args []Arg) (Signature, error) {
		ts, err := matchParams(args, []param{mapArg()})
		if err != nil {
			return Signature{}, err
		}
		elem := *ts[0].Key
		if part == 1 {
			elem = *ts[0].Elem
		}
		return Signature{Params: ts, Result: types.ArrayOf(elem).WithNullIf(anyNullable(args))}, nil
	}
}

func mapEntriesRule(args []Arg) (Signature, error) {
	ts, err := matchParams(args, []param{mapArg()})
	if err != nil {
		return Signature{}, err
	}
	entry := types.RowOf(types.Field{Name: "key", Type: *ts[0].Key}, types.Field{Name: "value", Type: *ts[0].Elem})
	return Signature{Params: ts, Result: types.ArrayOf(entry).WithNullIf(anyNullable(args))}, nil
}

func mapFromArraysRule(args []Arg) (Signature, error) {
	ts, err := matchParams(args, []param{arrayArg(), arrayArg()})
	if err != nil {
		return Signature{}, err
	}
	return Signature{Params: ts, Result: types.MapOf(*ts[0].Elem, *ts[1].Elem).WithNullIf(anyNullable(args))}, nil
}
