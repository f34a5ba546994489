package ast

import (
	"encoding/hex"
	"strings"
)

// Precedences of operators, loosest first, after Calcite's operator table. Binary
// operators of one precedence group from the left.
const (
	precOr = iota
	precAnd
	precNot
	precCompare // = < IS NULL, OVERLAPS
	precLike    // LIKE, IN, BETWEEN
	precAdd
	precMul
	precSign
	precPrimary
)

var binaryPrecedence = map[string]int{
	"OR": precOr, "AND": precAnd, "+": precAdd, "-": precAdd, "*": precMul, "/": precMul, "%": precMul, "||": precMul,
}

// precedence is how tightly the top of an expression binds.
func precedence(x Expr) int {
	switch x := x.(type) {
	case *Binary:
		if prec, ok := binaryPrecedence[x.Op]; ok {
			return prec
		}
		return precCompare
	case *Unary:
		if x.Op == "NOT" {
			return precNot
		}
		return precSign
	case *Is, *IsDistinct:
		return precCompare
	case *Like, *In, *Quantified, *Between:
		return precLike
	case *Call:
		if isOverlaps(x) {
			return precCompare
		}
	}
	return precPrimary
}

// expr writes x, in brackets if it binds looser than wanted.
func (p *printer) expr(x Expr, wanted int) {
	if precedence(x) < wanted {
		p.WriteByte('(')
		p.bare(x)
		p.WriteByte(')')
		return
	}
	p.bare(x)
}

func (p *printer) exprs(xs []Expr) {
	p.list(len(xs), func(i int) { p.expr(xs[i], precOr) })
}

// bare writes x without brackets around it.
func (p *printer) bare(x Expr) {
	switch x := x.(type) {
	case *Literal:
		p.literal(x)
	case *IntervalLit:
		p.interval(x)
	case *ColumnRef:
		p.name(x.Name)
	case *Star:
		if len(x.Qualifier.Parts) > 0 {
			p.name(x.Qualifier)
			p.WriteByte('.')
		}
		p.WriteByte('*')
	case *FieldAccess:
		p.fieldAccess(x)
	case *Index:
		p.expr(x.X, precPrimary)
		p.WriteByte('[')
		p.expr(x.I, precOr)
		p.WriteByte(']')
	case *Unary, *Binary, *Is, *IsDistinct, *Between, *Like, *In, *Quantified:
		p.operator(x)
	case *Exists:
		p.WriteString("EXISTS ")
		p.subquery(x.Query)
	case *Subquery:
		p.subquery(x.Query)
	case *Case:
		p.caseExpr(x)
	case *Cast:
		name := "CAST("
		if x.Try {
			name = "TRY_CAST("
		}
		p.WriteString(name)
		p.expr(x.X, precOr)
		p.WriteString(" AS " + x.To.String() + ")")
	case *Call:
		p.call(x)
	default:
		p.argument(x)
	}
}

// argument writes the nodes that stand only among the arguments of calls, and constructors.
func (p *printer) argument(x Expr) {
	switch x := x.(type) {
	case *UnitArg:
		p.WriteString(string(x.Unit))
	case *NamedArg:
		p.ident(x.Name)
		p.WriteString(" => ")
		p.bare(x.Value)
	case *DefaultArg:
		p.WriteString("DEFAULT")
	case *TableArg:
		p.tableArg(x)
	case *ModelArg:
		p.WriteString("MODEL ")
		p.name(x.Name)
	case *Descriptor:
		p.WriteString("DESCRIPTOR")
		p.idents(x.Columns)
	case *Row:
		if !x.Implicit {
			p.WriteString("ROW")
		}
		p.WriteByte('(')
		p.exprs(x.Items)
		p.WriteByte(')')
	case *Array:
		p.collection("ARRAY", x.Items, x.Query)
	case *Map:
		p.collection("MAP", x.Items, x.Query)
	}
}

func (p *printer) literal(x *Literal) {
	switch x.Kind {
	case NullLit:
		p.WriteString("NULL")
	case BoolLit:
		p.WriteString(strings.ToUpper(boolText(x.Bool)))
	case NumberLit:
		p.WriteString(x.Text)
	case StringLit:
		p.WriteString(quoteString(x.Text))
	case BinaryLit:
		p.WriteString("X'" + hex.EncodeToString([]byte(x.Text)) + "'")
	case DateLit:
		p.WriteString("DATE " + quoteString(x.Text))
	case TimeLit:
		p.WriteString("TIME " + quoteString(x.Text))
	case TimestampLit:
		p.WriteString("TIMESTAMP " + quoteString(x.Text))
	case TimestampLTZLit:
		p.WriteString("TIMESTAMP WITH LOCAL TIME ZONE " + quoteString(x.Text))
	}
}

func boolText(b bool) string {
	if b {
		return "TRUE"
	}
	return "FALSE"
}

func (p *printer) interval(x *IntervalLit) {
	p.WriteString("INTERVAL ")
	if x.Negative {
		p.WriteByte('-')
	}
	p.WriteString(quoteString(x.Text) + " " + string(x.From))
	switch {
	case x.Precision >= 0 && x.Fractions >= 0 && x.To == "":
		p.WriteString("(" + itoa(x.Precision) + ", " + itoa(x.Fractions) + ")")
	case x.Precision >= 0:
		p.WriteString("(" + itoa(x.Precision) + ")")
	}
	if x.To == "" {
		return
	}
	p.WriteString(" TO " + string(x.To))
	if x.Fractions >= 0 {
		p.WriteString("(" + itoa(x.Fractions) + ")")
	}
}

// fieldAccess writes x.f. What a dot would make a longer name of, or a keyword with a dot
// behind, stands in brackets.
func (p *printer) fieldAccess(x *FieldAccess) {
	safe := false
	switch inner := x.X.(type) {
	case *Index, *Subquery, *Array, *Map:
		safe = true
	case *FieldAccess:
		safe = inner.Field.Name != "*"
	case *Call:
		safe = !inner.NoParens && inner.Over == nil && precedence(inner) == precPrimary
	case *Row:
		safe = inner.Implicit
	}
	if safe {
		p.bare(x.X)
	} else {
		p.WriteByte('(')
		p.bare(x.X)
		p.WriteByte(')')
	}
	p.WriteByte('.')
	if x.Field.Name == "*" {
		p.WriteByte('*')
	} else {
		p.ident(x.Field)
	}
}

func not(not bool) string {
	if not {
		return "NOT "
	}
	return ""
}

func (p *printer) operator(x Expr) {
	prec := precedence(x)
	switch x := x.(type) {
	case *Unary:
		p.unary(x, prec)
	case *Binary:
		p.expr(x.L, prec)
		p.WriteString(" " + x.Op + " ")
		p.expr(x.R, prec+1)
	case *Is:
		p.expr(x.X, prec)
		p.WriteString(" IS " + not(x.Not) + x.What)
	case *IsDistinct:
		p.expr(x.L, prec)
		p.WriteString(" IS " + not(x.Not) + "DISTINCT FROM ")
		p.expr(x.R, prec+1)
	case *Between:
		p.expr(x.X, prec)
		p.WriteString(" " + not(x.Not) + "BETWEEN ")
		if x.Symmetric {
			p.WriteString("SYMMETRIC ")
		}
		p.expr(x.Low, prec+1)
		p.WriteString(" AND ")
		p.expr(x.High, prec+1)
	case *Like:
		op := "LIKE "
		if x.Similar {
			op = "SIMILAR TO "
		}
		p.expr(x.X, prec)
		p.WriteString(" " + not(x.Not) + op)
		p.expr(x.Pattern, prec+1)
		if x.Escape != nil {
			p.WriteString(" ESCAPE ")
			p.expr(x.Escape, prec+1)
		}
	case *In:
		p.expr(x.X, prec)
		p.WriteString(" " + not(x.Not) + "IN ")
		p.listOrQuery('(', x.List, ')', x.Query)
	case *Quantified:
		p.expr(x.X, prec)
		p.WriteString(" " + x.Op + " " + quantifier(x.All) + " ")
		p.listOrQuery('(', x.List, ')', x.Query)
	}
}

func quantifier(all bool) string {
	if all {
		return "ALL"
	}
	return "ANY"
}

// listOrQuery writes a query in brackets, or a list in those that are given.
func (p *printer) listOrQuery(open byte, list []Expr, end byte, q Query) {
	if q != nil {
		p.subquery(q)
		return
	}
	p.WriteByte(open)
	p.exprs(list)
	p.WriteByte(end)
}

// unary writes a sign or NOT; two signs in a row are kept apart, for -- starts a comment.
func (p *printer) unary(x *Unary, prec int) {
	p.WriteString(x.Op)
	if inner, ok := x.X.(*Unary); x.Op == "NOT" || ok && inner.Op != "NOT" {
		p.WriteByte(' ')
	}
	p.expr(x.X, prec)
}

func (p *printer) caseExpr(x *Case) {
	p.WriteString("CASE")
	if x.Operand != nil {
		p.WriteByte(' ')
		p.expr(x.Operand, precOr)
	}
	for _, w := range x.Whens {
		p.WriteString(" WHEN ")
		p.expr(w.Cond, precOr)
		p.WriteString(" THEN ")
		p.expr(w.Then, precOr)
	}
	if x.Else != nil {
		p.WriteString(" ELSE ")
		p.expr(x.Else, precOr)
	}
	p.WriteString(" END")
}

func (p *printer) collection(word string, items []Expr, q Query) {
	p.WriteString(word)
	p.listOrQuery('[', items, ']', q)
}

func (p *printer) subquery(q Query) {
	p.WriteByte('(')
	p.query(q, precWith)
	p.WriteByte(')')
}
