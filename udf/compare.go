package udf

import (
	"fmt"

	"github.com/weirstream/weir/runtime/decimal"
	"github.com/weirstream/weir/runtime/vec"
	"github.com/weirstream/weir/sql/types"
)

func comparisonFuncs() []*Func {
	fs := []*Func{}
	for _, op := range []struct {
		name, doc string
		ordered   bool
	}{
		{"=", "TRUE where the values are equal; NULL where one is NULL.", false},
		{"<>", "TRUE where the values differ; NULL where one is NULL.", false},
		{"<", "TRUE where a is less than b.", true},
		{"<=", "TRUE where a is at most b.", true},
		{">", "TRUE where a is greater than b.", true},
		{">=", "TRUE where a is at least b.", true},
	} {
		fs = append(fs, &Func{
			Name: op.name, Family: "comparison", Syntax: "a " + op.name + " b", Doc: op.doc,
			Resolve: compareRule(op.name, op.ordered, true), Bind: bindCompare(op.name), Total: fixedWidth,
		})
	}
	return append(
		fs,
		&Func{
			Name: "IS DISTINCT FROM", Family: "comparison", Syntax: "a IS DISTINCT FROM b", NullCall: true,
			Doc:     "TRUE where the values differ; NULL is equal to NULL and to nothing else.",
			Resolve: compareRule("IS DISTINCT FROM", false, false), Bind: bindDistinct(true),
		},
		&Func{
			Name: "IS NOT DISTINCT FROM", Family: "comparison", Syntax: "a IS NOT DISTINCT FROM b", NullCall: true,
			Doc:     "TRUE where the values are equal; NULL is equal to NULL and to nothing else.",
			Resolve: compareRule("IS NOT DISTINCT FROM", false, false), Bind: bindDistinct(false),
		},
	)
}

func bindCompare(op string) func(Call) (Kernel, error) {
	return func(c Call) (Kernel, error) {
		t := c.Args[0].Type
		switch vec.PhysOf(t) {
		case vec.Bool:
			return compareBools(op), nil
		case vec.Int8:
			return compareNumbers[int8](op, c), nil
		case vec.Int16:
			return compareNumbers[int16](op, c), nil
		case vec.Int32:
			return compareNumbers[int32](op, c), nil
		case vec.Int64:
			return compareNumbers[int64](op, c), nil
		case vec.Float32:
			return compareNumbers[float32](op, c), nil
		case vec.Float64:
			return compareNumbers[float64](op, c), nil
		case vec.Decimal:
			return compareDecimals(op, t.Scale, c.Args[1].Type.Scale), nil
		case vec.View:
			return compareViews(op), nil
		}
		return compareNested(op, t)
	}
}

// compareBools compares words: FALSE is less than TRUE.
func compareBools(op string) Kernel {
	return func(args []*vec.Vector, _ []int32, n int, out *vec.Vector) error {
		w := vec.WordsFor(n)
		a, b, o := args[0].Bits()[:w], args[1].Bits()[:w], out.Bits()[:w]
		for i := range o {
			switch op {
			case "=":
				o[i] = ^(a[i] ^ b[i])
			case "<>":
				o[i] = a[i] ^ b[i]
			case "<":
				o[i] = ^a[i] & b[i]
			case "<=":
				o[i] = ^a[i] | b[i]
			case ">":
				o[i] = a[i] & ^b[i]
			default:
				o[i] = a[i] | ^b[i]
			}
		}
		return nil
	}
}

// holds tells for each result of a three-way comparison, plus one, whether op holds.
func holds(op string) [3]bool {
	return map[string][3]bool{
		"=": {false, true, false}, "<>": {true, false, true}, "<": {true, false, false},
		"<=": {true, true, false}, ">": {false, false, true}, ">=": {false, true, true},
	}[op]
}

//go:noinline
func compareDecimals(op string, as, bs int) Kernel {
	truth := holds(op)
	return func(args []*vec.Vector, _ []int32, n int, out *vec.Vector) error {
		a, b := vec.Values[vec.Dec128](args[0])[:n], vec.Values[vec.Dec128](args[1])[:n]
		if as == bs {
			for i := range a {
				out.SetBool(i, truth[decimal.Cmp(a[i], b[i])+1])
			}
			return nil
		}
		for i := range a {
			out.SetBool(i, truth[decimal.CmpScaled(a[i], as, b[i], bs)+1])
		}
		return nil
	}
}

func compareViews(op string) Kernel {
	if op == "=" || op == "<>" {
		want := op == "="
		return func(args []*vec.Vector, sel []int32, _ int, out *vec.Vector) error {
			a, abufs := args[0].Views()
			b, bbufs := args[1].Views()
			for _, i := range sel {
				out.SetBool(int(i), vec.EqualViews(&a[i], abufs, &b[i], bbufs) == want)
			}
			return nil
		}
	}
	truth := holds(op)
	return func(args []*vec.Vector, sel []int32, _ int, out *vec.Vector) error {
		a, abufs := args[0].Views()
		b, bbufs := args[1].Views()
		for _, i := range sel {
			out.SetBool(int(i), truth[vec.CompareViews(&a[i], abufs, &b[i], bbufs)+1])
		}
		return nil
	}
}

// compareNested is for = and <> of arrays, maps and rows.
func compareNested(op string, t types.Type) (Kernel, error) {
	if op != "=" && op != "<>" {
		return nil, fmt.Errorf("no order among values of type %s", t)
	}
	want := op == "="
	return func(args []*vec.Vector, sel []int32, _ int, out *vec.Vector) error {
		for _, i := range sel {
			out.SetBool(int(i), equalRows(args[0], int(i), args[1], int(i)) == want)
		}
		return nil
	}, nil
}

// bindDistinct compares with NULL as a value.
func bindDistinct(distinct bool) func(Call) (Kernel, error) {
	return func(c Call) (Kernel, error) {
		same, err := bindCompare("=")(c)
		if err != nil {
			return nil, err
		}
		var both []int32
		return func(args []*vec.Vector, sel []int32, n int, out *vec.Vector) error {
			a, b := args[0], args[1]
			both = both[:0]
			for _, i := range sel {
				if !a.IsNull(int(i)) && !b.IsNull(int(i)) {
					both = append(both, i)
				}
			}
			if err := same(args, both, n, out); err != nil {
				return err
			}
			for _, i := range sel {
				x, y := a.IsNull(int(i)), b.IsNull(int(i))
				eq := x && y || !x && !y && out.Bool(int(i))
				out.SetBool(int(i), eq != distinct)
			}
			return nil
		}, nil
	}
}
