package bind

import "github.com/weirstream/weir/sql/ast"

// children gives the expressions directly below x, those of sub-queries and OVER clauses
// left out: they are evaluated elsewhere.
func children(x ast.Expr) []ast.Expr {
	switch x := x.(type) {
	case *ast.FieldAccess:
		return []ast.Expr{x.X}
	case *ast.Index:
		return []ast.Expr{x.X, x.I}
	case *ast.Unary:
		return []ast.Expr{x.X}
	case *ast.Binary:
		return []ast.Expr{x.L, x.R}
	case *ast.Is:
		return []ast.Expr{x.X}
	case *ast.IsDistinct:
		return []ast.Expr{x.L, x.R}
	case *ast.Between:
		return []ast.Expr{x.X, x.Low, x.High}
	case *ast.Like:
		return []ast.Expr{x.X, x.Pattern}
	case *ast.In:
		return append([]ast.Expr{x.X}, x.List...)
	case *ast.Quantified:
		return append([]ast.Expr{x.X}, x.List...)
	case *ast.Case:
		return caseChildren(x)
	case *ast.Cast:
		return []ast.Expr{x.X}
	case *ast.Call:
		return x.Args
	case *ast.NamedArg:
		return []ast.Expr{x.Value}
	case *ast.Row:
		return x.Items
	case *ast.Array:
		return x.Items
	case *ast.Map:
		return x.Items
	}
	return nil
}

func caseChildren(x *ast.Case) []ast.Expr {
	var out []ast.Expr
	if x.Operand != nil {
		out = append(out, x.Operand)
	}
	for _, w := range x.Whens {
		out = append(out, w.Cond, w.Then)
	}
	if x.Else != nil {
		out = append(out, x.Else)
	}
	return out
}
