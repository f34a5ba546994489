package udf

import (
	"github.com/weirstream/weir/runtime/vec"
	"github.com/weirstream/weir/sql/diag"
	"github.com/weirstream/weir/sql/types"
)

// inRule converts x and the values to their common type. The planner gives IN to the
// kernel only where all values are literals; else it writes x = a OR x = b ….
func inRule(args []Arg) (Signature, error) {
	if len(args) < 2 {
		return Signature{}, wrongCount(len(args), 2, 1<<16)
	}
	t, err := inType(args)
	if err != nil {
		return Signature{}, err
	}
	if !hasEquality(t) {
		return Signature{}, diag.Errorf(diag.Span{}, "values of type %s cannot be compared", t.WithNull())
	}
	return Signature{Params: same(args, t), Result: types.New(types.Boolean).WithNullIf(anyNullable(args))}, nil
}

// inType is the common type, or that of x where the values are strings to be read as
// one.
func inType(args []Arg) (types.Type, error) {
	x := args[0].Type
	if convertsFromText(x) {
		texts := true
		for _, a := range args[1:] {
			texts = texts && (a.Type.IsString() || a.Type.Kind == types.Null)
		}
		if texts {
			return x, nil
		}
	}
	if x.IsString() {
		// A text is read as what the values are.
		if t, err := widestTypes(args[1:]); err == nil && !t.IsString() && convertsFromText(t) {
			return t, nil
		}
	}
	return widestTypes(args)
}

func bindIn(c Call) (Kernel, error) {
	values := vec.New(c.Args[0].Type.WithNull())
	hasNull := false
	for _, a := range c.Args[1:] {
		if a.Const == nil {
			hasNull = true
			continue
		}
		if err := values.AppendValue(a.Const); err != nil {
			return nil, err
		}
	}
	var find func(x *vec.Vector, i int) bool
	switch values.Phys() {
	case vec.Int8:
		return inNumbers[int8](values, hasNull), nil
	case vec.Int16:
		return inNumbers[int16](values, hasNull), nil
	case vec.Int32:
		return inNumbers[int32](values, hasNull), nil
	case vec.Int64:
		return inNumbers[int64](values, hasNull), nil
	case vec.View:
		return inStrings(values, hasNull), nil
	default:
		find = func(x *vec.Vector, i int) bool { return findRow(values, 0, values.Len(), x, i) >= 0 }
	}
	return func(args []*vec.Vector, sel []int32, _ int, out *vec.Vector) error {
		for _, i := range sel {
			setIn(out, int(i), !args[0].IsNull(int(i)) && find(args[0], int(i)), args[0].IsNull(int(i)) || hasNull)
		}
		return nil
	}, nil
}

// setIn writes found, or NULL where not found and unknown.
func setIn(out *vec.Vector, i int, found, unknown bool) {
	out.SetBool(i, found)
	if !found && unknown {
		out.SetNull(i)
	}
}

// fewValues is up to how many values a walk over them beats a hash table.
const fewValues = 8

// inNumbers is run over all rows, a word of results at a time.
func inNumbers[T integer](values *vec.Vector, hasNull bool) Kernel {
	list := append([]T{}, vec.Values[T](values)...)
	set := make(map[T]struct{}, len(list))
	for _, x := range list {
		set[x] = struct{}{}
	}
	word := func(x []T) (w uint64) {
		for j, v := range x {
			_, ok := set[v]
			w |= bit(ok) << (j & 63)
		}
		return w
	}
	if len(list) <= fewValues {
		word = func(x []T) (w uint64) {
			for _, y := range list {
				w |= equalConst(x, y)
			}
			return w
		}
	}
	return func(args []*vec.Vector, _ []int32, n int, out *vec.Vector) error {
		a, o := vec.Values[T](args[0])[:n], out.Bits()
		for w := range o {
			o[w] = word(a[w<<6 : min(w<<6+64, n)])
		}
		out.AndValidity(args[0].Valid())
		if hasNull { // what is not found may equal the NULL
			out.AndValidity(o)
		}
		return nil
	}
}

// machineIntegers is the Total of IN.
func machineIntegers(params []types.Type) bool {
	p := vec.PhysOf(params[0])
	return p >= vec.Int8 && p <= vec.Int64
}

func inStrings(values *vec.Vector, hasNull bool) Kernel {
	views, bufs := values.Views()
	set := make(map[string]struct{}, len(views))
	for i := range views {
		set[string(vec.ViewBytes(&views[i], bufs))] = struct{}{}
	}
	return func(args []*vec.Vector, sel []int32, _ int, out *vec.Vector) error {
		a, abufs := args[0].Views()
		for _, i := range sel {
			if args[0].IsNull(int(i)) {
				setIn(out, int(i), false, true)
				continue
			}
			found := false
			if len(views) <= fewValues {
				for k := range views {
					if vec.EqualViews(&a[i], abufs, &views[k], bufs) {
						found = true
						break
					}
				}
			} else {
				_, found = set[string(vec.ViewBytes(&a[i], abufs))]
			}
			setIn(out, int(i), found, hasNull)
		}
		return nil
	}
}
