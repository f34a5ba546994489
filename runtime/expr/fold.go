package expr

import (
	"github.com/weirstream/weir/runtime/vec"
	"github.com/weirstream/weir/udf"
)

// Fold replaces the constant parts of e by literals. A part that fails to evaluate
// (1/0 behind a CASE that never reaches it) stays as it is; the error is for what cannot
// be compiled.
func Fold(e Expr, env *udf.Env) (Expr, error) {
	var firstErr error
	out := Transform(e, func(x Expr) Expr {
		folded, err := foldOne(x, env)
		if err != nil && firstErr == nil {
			firstErr = err
		}
		return folded
	})
	return out, firstErr
}

// foldOne evaluates a node whose children are literals.
func foldOne(x Expr, env *udf.Env) (Expr, error) {
	switch x.(type) {
	case *Column, *Literal:
		return x, nil
	}
	for _, c := range x.Children() {
		if _, ok := c.(*Literal); !ok {
			return x, nil
		}
	}
	if !IsDeterministic(x) { // asked last: it looks at the whole tree
		return x, nil
	}
	p, err := Compile([]Expr{x}, env)
	if err != nil {
		return x, err
	}
	one := &vec.Batch{}
	one.SetLen(1)
	out, err := p.Eval(one)
	if err != nil {
		return x, nil //nolint:nilerr // it fails when, and only if, a row gets there
	}
	return &Literal{Value: out[0].Value(0), T: x.Type(), At: x.Span()}, nil
}
