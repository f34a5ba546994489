package udf

import (
	"github.com/weirstream/weir/runtime/vec"
	"github.com/weirstream/weir/sql/types"
)

func logicFuncs() []*Func {
	const fam = "logical"
	boolean := types.New(types.Boolean)
	fs := []*Func{
		{
			Name: "AND", Family: fam, Syntax: "a AND b", Resolve: returns(boolean, boolArg(), boolArg().repeat()),
			Doc: "FALSE where one side is FALSE, TRUE where both are TRUE, else NULL. The right side is evaluated only where the left is not FALSE.",
		},
		{
			Name: "OR", Family: fam, Syntax: "a OR b", Resolve: returns(boolean, boolArg(), boolArg().repeat()),
			Doc: "TRUE where one side is TRUE, FALSE where both are FALSE, else NULL. The right side is evaluated only where the left is not TRUE.",
		},
		{
			Name: "NOT", Family: fam, Syntax: "NOT a", Resolve: returns(boolean, boolArg()), Total: always,
			Doc: "TRUE for FALSE, FALSE for TRUE, NULL for NULL.",
			Bind: func(Call) (Kernel, error) {
				return func(args []*vec.Vector, _ []int32, n int, out *vec.Vector) error {
					a, o := args[0].Bits(), out.Bits()
					for i := range o[:vec.WordsFor(n)] {
						o[i] = ^a[i]
					}
					return nil
				}, nil
			},
		},
	}
	for _, is := range []struct {
		name, doc string
		kernel    func(value, valid uint64) uint64
	}{
		{"IS TRUE", "TRUE for TRUE, FALSE for FALSE and NULL.", func(x, ok uint64) uint64 { return x & ok }},
		{"IS NOT TRUE", "FALSE for TRUE, TRUE for FALSE and NULL.", func(x, ok uint64) uint64 { return ^(x & ok) }},
		{"IS FALSE", "TRUE for FALSE, FALSE for TRUE and NULL.", func(x, ok uint64) uint64 { return ^x & ok }},
		{"IS NOT FALSE", "FALSE for FALSE, TRUE for TRUE and NULL.", func(x, ok uint64) uint64 { return ^(^x & ok) }},
		{"IS UNKNOWN", "TRUE for NULL.", func(_, ok uint64) uint64 { return ^ok }},
		{"IS NOT UNKNOWN", "TRUE for TRUE and FALSE.", func(_, ok uint64) uint64 { return ok }},
	} {
		fs = append(fs, &Func{
			Name: is.name, Family: fam, Syntax: "a " + is.name, Doc: is.doc, NullCall: true, Total: always,
			Resolve: neverNull(returns(boolean, boolArg())),
			Bind: func(Call) (Kernel, error) {
				return func(args []*vec.Vector, _ []int32, n int, out *vec.Vector) error {
					a, valid, o := args[0].Bits(), args[0].Valid(), out.Bits()
					for i := range o[:vec.WordsFor(n)] {
						ok := ^uint64(0)
						if valid != nil {
							ok = valid[i]
						}
						o[i] = is.kernel(a[i], ok)
					}
					return nil
				}, nil
			},
		})
	}
	return append(
		fs,
		nullTest("IS NULL", 0, "TRUE for NULL."),
		nullTest("IS NOT NULL", ^uint64(0), "TRUE for all but NULL."),
	)
}

// neverNull makes a rule's result NOT NULL.
func neverNull(r rule) rule {
	return func(args []Arg) (Signature, error) {
		s, err := r(args)
		s.Result = s.Result.WithoutNull()
		return s, err
	}
}

// nullTest is IS [NOT] NULL: the validity bitmap, inverted where flip is 0.
func nullTest(name string, flip uint64, doc string) *Func {
	return &Func{
		Name: name, Family: "logical", Syntax: "a " + name, Doc: doc, NullCall: true, Total: always,
		Resolve: neverNull(returns(types.New(types.Boolean), anyArg())),
		Bind: func(Call) (Kernel, error) {
			return func(args []*vec.Vector, _ []int32, n int, out *vec.Vector) error {
				valid, o := args[0].Valid(), out.Bits()
				for i := range o[:vec.WordsFor(n)] {
					ok := ^uint64(0)
					if valid != nil {
						ok = valid[i]
					}
					o[i] = ^(ok ^ flip)
				}
				return nil
			}, nil
		},
	}
}
