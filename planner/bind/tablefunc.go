package bind

import (
	"github.com/weirstream/weir/planner/logical"
	"github.com/weirstream/weir/sql/ast"
	"github.com/weirstream/weir/sql/diag"
)

// elementsOf makes LATERAL TABLE(f(x)) the elements of what f gives: a table function gives an array of its rows. It gives nil
// for window table functions, and what else is no function of rows.
func (b *Binder) elementsOf(r *ast.TableFunc) (*ast.Unnest, error) {
	name := functionName(r.Call)
	f := b.Scalars.Lookup(name)
	switch {
	case windowParams[name] != nil || r.Match != nil || r.AsOf != nil:
		return nil, nil
	case f == nil || len(r.Call.Name.Parts) > 1:
		return nil, diag.Unsupported(r.Call.Name.Span(), "the table function %s", name)
	case !f.Table:
		return nil, diag.Errorf(r.Call.Span(), "%s is no table function", name).WithHint("UNNEST(%s(…)) takes an array apart", name)
	}
	u := &ast.Unnest{X: r.Call, Alias: r.Alias}
	u.Place = r.Place
	return u, nil
}

// tableCall reports whether x is a call of a table function: it may stand in FROM.
func (b *Binder) tableCall(x ast.Expr) bool {
	c, ok := x.(*ast.Call)
	if !ok {
		return false
	}
	f := b.Scalars.Lookup(functionName(c))
	return f != nil && f.Table
}

// lateralJoin binds t, LATERAL TABLE(f(x)) and t [LEFT] JOIN LATERAL TABLE(f(x)) ON ….
func (b *Binder) lateralJoin(j *ast.Join, r *ast.TableFunc) (logical.Node, *scope, error) {
	u, err := b.elementsOf(r)
	if err != nil {
		return nil, nil, err
	}
	if u == nil {
		return nil, nil, diag.Unsupported(j.Span(), "%s", joinName(j))
	}
	return b.unnestJoin(j, u)
}
