package udf

import (
	"github.com/weirstream/weir/runtime/vec"
	"github.com/weirstream/weir/sql/diag"
)

func mapUnionFuncs() []*Func {
	return []*Func{{
		Name: "MAP_UNION", Family: "collection", Syntax: "MAP_UNION(map, …)", Resolve: mapUnionRule, Bind: bindMapUnion,
		Doc: "The pairs of all maps; of equal keys the last map's counts.",
	}}
}

func mapUnionRule(args []Arg) (Signature, error) {
	if len(args) == 0 {
		return Signature{}, wrongCount(0, 1, 1<<16)
	}
	for i, a := range args {
		if vec.PhysOf(a.Type) != vec.MapOf {
			return Signature{}, diag.Errorf(diag.Span{}, "argument %d must be a map, but is %s", i+1, a.Type.WithNull())
		}
	}
	t, err := commonTypes(args)
	if err != nil {
		return Signature{}, err
	}
	return Signature{Params: same(args, t), Result: t.WithNullIf(anyNullable(args))}, nil
}

// bindMapUnion leaves out a pair whose key a later map has too.
func bindMapUnion(Call) (Kernel, error) {
	return lists(func(r row, out *vec.Vector) (bool, error) {
		for k := range r.n() {
			from, to := r.list(k)
			for j := from; j < to; j++ {
				if keyComesLater(r, k, j) {
					continue
				}
				out.Child(0).AppendRow(r.args[k].Child(0), j)
				out.Child(1).AppendRow(r.args[k].Child(1), j)
			}
		}
		return true, nil
	})
}

func keyComesLater(r row, k, j int) bool {
	for next := k + 1; next < r.n(); next++ {
		from, to := r.list(next)
		if findRow(r.args[next].Child(0), from, to, r.args[k].Child(0), j) >= 0 {
			return true
		}
	}
	return false
}
