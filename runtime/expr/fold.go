package expr

import (
	"errors"

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
	if jsonOfConstants(out) {
		folded, err := evaluate(out, env)
		return folded, errors.Join(firstErr, err)
	}
	return out, firstErr
}

// jsonOfConstants reports a function that makes JSON of constants. As an argument it is left
// as it is: JSON_OBJECT takes JSON in as it stands, but quotes a literal.
func jsonOfConstants(x Expr) bool {
	call, ok := x.(*Call)
	if !ok || !call.Fn.MakesJSON {
		return false
	}
	for _, a := range call.Args {
		if _, ok := a.(*Literal); !ok && !jsonOfConstants(a) {
			return false
		}
	}
	return true
}

// foldOne evaluates a node whose children are literals.
func foldOne(x Expr, env *udf.Env) (Expr, error) {
	switch x.(type) {
	case *Column, *Literal:
		return x, nil
	}
	for _, c := range x.Children() {
		if _, ok := c.(*Literal); !ok && !jsonOfConstants(c) {
			return x, nil
		}
	}
	if jsonOfConstants(x) || !IsDeterministic(x) { // asked last: it looks at the whole tree
		return x, nil
	}
	return evaluate(x, env)
}

// evaluate makes a literal of an expression without columns.
func evaluate(x Expr, env *udf.Env) (Expr, error) {
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
