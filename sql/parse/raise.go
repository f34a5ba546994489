package parse

import (
	"fmt"
	"strconv"

	"github.com/weirstream/weir/sql/ast"
	"github.com/weirstream/weir/sql/diag"
)

// raising turns the MySQL tree of a lowered query into sql/ast, putting back what the
// placeholders stand for.
type raising struct {
	slots []slot
	root  mysqlNode
	err   error // the first error; nodes made after it are of no use
}

func (r *raising) fail(err error) {
	if r.err == nil {
		r.err = err
	}
}

// fault notes a tree that the lowering did not intend.
func (r *raising) fault(format string, args ...any) {
	r.fail(fmt.Errorf("raising a lowered query: "+format, args...))
}

// slot gives what the placeholder wN stands for.
func (r *raising) slot(name string) *slot {
	if len(name) > 1 && name[0] == 'w' {
		if n, err := strconv.Atoi(name[1:]); err == nil && n < len(r.slots) {
			return &r.slots[n]
		}
	}
	r.fault("%q is no placeholder", name)
	return &slot{}
}

// raised is an expression with what its parent needs to know of it.
type raised struct {
	x     ast.Expr
	at    diag.Span // with the brackets around it
	first *slot     // its leftmost operand, which knows the operator before it
	nots  int       // how many NOTs of that operand are taken
}

// expr raises an expression.
func (r *raising) expr(n mysqlExpr) ast.Expr { return r.operation(n).x }

func (r *raising) operation(n mysqlExpr) raised {
	if r.err != nil {
		return raised{first: &slot{}}
	}
	switch n := n.(type) {
	case *mysqlColumn:
		return r.operand(r.slot(n.Name.Name.O), nil)
	case *mysqlCall:
		return r.operand(r.slot(n.FnName.O), n.Args)
	case *mysqlBinary:
		return r.binary(n)
	case *mysqlUnary:
		return r.not(n)
	case *mysqlSubquery:
		q := r.query(n.Query)
		if r.err != nil {
			return raised{first: &slot{}}
		}
		return raised{x: &ast.Subquery{Place: ast.Place{At: q.Span()}, Query: q}, at: q.Span(), first: &slot{}}
	}
	r.fault("unexpected %T", n)
	return raised{first: &slot{}}
}

func (r *raising) operand(s *slot, args []mysqlExpr) raised {
	out := raised{x: s.expr, at: s.at, first: s}
	if s.build != nil {
		items := r.exprs(args)
		if r.err == nil {
			out.x = s.build(items)
		}
	} else if s.expr == nil {
		r.fault("a clause stands for an operand")
	}
	return out
}

func (r *raising) exprs(nodes []mysqlExpr) []ast.Expr {
	out := make([]ast.Expr, 0, len(nodes))
	for _, n := range nodes {
		out = append(out, r.expr(n))
	}
	return out
}

func (r *raising) not(n *mysqlUnary) raised {
	x := r.operation(n.V)
	i := len(x.first.nots) - 1 - x.nots
	if r.err != nil || i < 0 {
		r.fault("NOT without its place")
		return x
	}
	at := x.first.nots[i].Cover(x.at)
	return raised{x: &ast.Unary{Place: ast.Place{At: at}, Op: "NOT", X: x.x}, at: at, first: x.first, nots: x.nots + 1}
}

// binary raises an operator with both sides: which operator it is, the right side's first
// operand knows.
func (r *raising) binary(n *mysqlBinary) raised {
	right := r.operation(n.R)
	left := r.operation(n.L)
	op := right.first.infix
	if op == nil {
		r.fault("an operator without its place")
	}
	if r.err != nil {
		return left
	}
	at := left.at.Cover(right.at).Cover(op.at)
	return raised{x: r.apply(op, ast.Place{At: at}, left.x, right.x), at: at, first: left.first, nots: left.nots}
}

// apply makes the node of an operator.
func (r *raising) apply(op *infix, at ast.Place, x, y ast.Expr) ast.Expr {
	switch op.op {
	case "IS":
		return &ast.Is{Place: at, X: x, Not: op.not, What: op.what}
	case "IS DISTINCT FROM":
		return &ast.IsDistinct{Place: at, L: x, R: y, Not: op.not}
	case "LIKE", "SIMILAR TO":
		return &ast.Like{Place: at, X: x, Pattern: y, Not: op.not, Similar: op.op == "SIMILAR TO"}
	case "ESCAPE":
		if like, ok := x.(*ast.Like); ok {
			like.Place, like.Escape = at, y
			return like
		}
		r.fault("ESCAPE without LIKE")
	case "BETWEEN":
		return &ast.Between{Place: at, X: x, Low: y, Not: op.not, Symmetric: op.what == "SYMMETRIC"}
	case "BETWEEN AND":
		if between, ok := x.(*ast.Between); ok {
			between.Place, between.High = at, y
			return between
		}
		r.fault("the upper bound of no BETWEEN")
	case "IN":
		list, query := listOrQuery(y)
		return &ast.In{Place: at, X: x, List: list, Query: query, Not: op.not}
	case "ANY", "ALL":
		list, query := listOrQuery(y)
		return &ast.Quantified{Place: at, X: x, Op: op.what, All: op.op == "ALL", List: list, Query: query}
	case "OVERLAPS":
		return r.overlaps(op, at, x, y)
	default:
		return &ast.Binary{Place: at, Op: op.op, OpAt: ast.Place{At: op.at}, L: x, R: y}
	}
	return x
}

// listOrQuery takes apart what stands behind IN and ANY.
func listOrQuery(x ast.Expr) ([]ast.Expr, ast.Query) {
	switch x := x.(type) {
	case *ast.Subquery:
		return nil, x.Query
	case *ast.Row:
		return x.Items, nil
	}
	return nil, nil
}

// overlaps makes the call for (a, b) OVERLAPS (c, d).
func (r *raising) overlaps(op *infix, at ast.Place, x, y ast.Expr) ast.Expr {
	left, ok1 := x.(*ast.Row)
	right, ok2 := y.(*ast.Row)
	if !ok1 || !ok2 || len(left.Items) != 2 || len(right.Items) != 2 {
		r.fail(diag.Errorf(op.at, "OVERLAPS takes two pairs").WithHint("write (start1, end1) OVERLAPS (start2, end2)"))
		return x
	}
	place := ast.Place{At: op.at}
	return &ast.Call{
		Place: at, Name: ast.Name{Place: place, Parts: []ast.Ident{{Place: place, Name: "OVERLAPS"}}},
		Args: append(append([]ast.Expr{}, left.Items...), right.Items...),
	}
}
