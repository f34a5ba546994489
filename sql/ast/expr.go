package ast

import "github.com/weirstream/weir/sql/types"

// Expr is a scalar expression.
type Expr interface {
	Node
	expr()
}

// LiteralKind says how a literal was written.
type LiteralKind uint8

// Kinds of literals.
const (
	NullLit LiteralKind = iota
	BoolLit
	NumberLit    // Text holds the digits as written: 12, 1.50, 1e3
	StringLit    // Text holds the value, escapes ('' U& E'') resolved
	BinaryLit    // X'0aff'; Text holds the bytes
	DateLit      // DATE '…'; Text holds what is between the quotes
	TimeLit      // TIME '…'
	TimestampLit // TIMESTAMP '…'
	TimestampLTZLit
)

// Literal is a constant.
type Literal struct {
	Place
	Kind LiteralKind
	Text string
	Bool bool
}

// TimeUnit is a unit of intervals, EXTRACT, FLOOR … TO, TIMESTAMPADD: upper case and
// singular ("SECOND", "WEEK", "DOW").
type TimeUnit string

// IntervalLit is INTERVAL '1 10' DAY TO HOUR. Text is what is between the quotes, To
// is "" for a single unit; precisions are -1 where not written.
type IntervalLit struct {
	Place
	Text                 string
	Negative             bool // INTERVAL -'1' DAY
	From, To             TimeUnit
	Precision, Fractions int
}

// ColumnRef is a column, perhaps qualified, perhaps with fields behind it: a, t.a,
// c.d.t.a, t.a.f. The binder decides where the column ends and the fields begin.
type ColumnRef struct {
	Place
	Name Name
}

// Star is * or t.* in a select list, or in COUNT(*); Qualifier is empty for *.
type Star struct {
	Place
	Qualifier Name
}

// FieldAccess is (expr).f, on an expression that is no plain name.
type FieldAccess struct {
	Place
	X     Expr
	Field Ident // Name "*" for (row).*
}

// Index is x[i]: array element (from 1), map value, variant member.
type Index struct {
	Place
	X, I Expr
}

// Unary is an operator before its operand: "-", "+", "NOT".
type Unary struct {
	Place
	Op string
	X  Expr
}

// Binary is an infix operator: + - * / % || = <> < <= > >= AND OR. "!=" is given as
// "<>". IS [NOT] DISTINCT FROM is in IsDistinct.
type Binary struct {
	Place
	Op   string
	OpAt Place
	L, R Expr
}

// Is is x IS [NOT] NULL | TRUE | FALSE | UNKNOWN, or IS [NOT] JSON [VALUE | SCALAR | ARRAY
// | OBJECT]; What is upper case: "NULL", "TRUE", "JSON", "JSON OBJECT".
type Is struct {
	Place
	X    Expr
	Not  bool
	What string
}

// IsDistinct is l IS [NOT] DISTINCT FROM r.
type IsDistinct struct {
	Place
	L, R Expr
	Not  bool
}

// Between is x [NOT] BETWEEN [SYMMETRIC] low AND high.
type Between struct {
	Place
	X, Low, High Expr
	Not          bool
	Symmetric    bool
}

// Like is x [NOT] LIKE pattern [ESCAPE e], or SIMILAR TO.
type Like struct {
	Place
	X, Pattern Expr
	Escape     Expr // nil when not written
	Not        bool
	Similar    bool
}

// In is x [NOT] IN (a, b, …) or x [NOT] IN (query); exactly one of List, Query is set.
type In struct {
	Place
	X     Expr
	List  []Expr
	Query Query
	Not   bool
}

// Quantified is x op ANY (a, b, …) or x op ALL (query), where op is = <> < <= > or >=; exactly one of List, Query is set.
// SOME is given as ANY.
type Quantified struct {
	Place
	X     Expr
	Op    string
	All   bool
	List  []Expr
	Query Query
}

// Exists is EXISTS (query).
type Exists struct {
	Place
	Query Query
}

// Subquery is a query as a scalar value.
type Subquery struct {
	Place
	Query Query
}

// Case is CASE [operand] WHEN … THEN … ELSE … END.
type Case struct {
	Place
	Operand Expr // nil for the searched form
	Whens   []When
	Else    Expr // nil when not written
}

// When is one arm of a Case.
type When struct{ Cond, Then Expr }

// Cast is CAST(x AS t) or TRY_CAST(x AS t).
type Cast struct {
	Place
	X   Expr
	To  types.Type
	Try bool
}

// Call is a function call, built-in or not, plain or aggregate. Forms with their own
// syntax come as calls too, with the name in upper case and units as UnitArg:
//
//	EXTRACT(u FROM x)            EXTRACT(unit, x)
//	FLOOR(x TO u), CEIL(x TO u)  FLOOR(x, unit)
//	TIMESTAMPADD(u, n, x)        TIMESTAMPADD(unit, n, x); TIMESTAMPDIFF likewise
//	SUBSTRING(s FROM i FOR n)    SUBSTRING(s, i, n)
//	TRIM(BOTH c FROM s)          TRIM('BOTH', c, s); TRIM(s) is TRIM('BOTH', ' ', s)
//	POSITION(a IN b)             POSITION(a, b)
//	OVERLAY(a PLACING b FROM i)  OVERLAY(a, b, i[, n])
//	JSON_OBJECT(KEY k VALUE v)   JSON_OBJECT(k, v): keys and values in turns; JSON_OBJECTAGG likewise
//	a OVERLAPS b                 OVERLAPS(a0, a1, b0, b1)
//	CURRENT_TIMESTAMP            CURRENT_TIMESTAMP() with NoParens set
//	DESCRIPTOR(a, b)             Descriptor
type Call struct {
	Place
	Name      Name
	NoParens  bool
	Distinct  bool // f(DISTINCT x)
	Args      []Expr
	OrderBy   []OrderItem // inside the parentheses or WITHIN GROUP
	NullsMode string      // "", "RESPECT NULLS", "IGNORE NULLS"
	Filter    Expr        // FILTER (WHERE …)
	Over      *Window     // OVER (…) or OVER name
	JSON      *JSONClauses
}

// JSONClauses are what JSON functions take behind their arguments. Behaviours are
// upper case: "NULL", "ERROR", "DEFAULT", "EMPTY ARRAY", "EMPTY OBJECT", "TRUE", "FALSE",
// "UNKNOWN"; "" when not written.
type JSONClauses struct {
	Returning      *types.Type
	Wrapper        string // "", "WITHOUT", "WITH CONDITIONAL", "WITH UNCONDITIONAL"
	OnEmpty        string
	OnEmptyDefault Expr
	OnError        string
	OnErrorDefault Expr
	OnNull         string // JSON_OBJECT, JSON_ARRAY and their aggregates: "NULL" or "ABSENT"
}

// UnitArg is a time unit among a call's arguments.
type UnitArg struct {
	Place
	Unit TimeUnit
}

// NamedArg is name => value.
type NamedArg struct {
	Place
	Name  Ident
	Value Expr
}

// DefaultArg is the word DEFAULT in place of an argument.
type DefaultArg struct{ Place }

// TableArg is TABLE t [PARTITION BY …] [ORDER BY …], or a query in its place, as an
// argument of a table function.
type TableArg struct {
	Place
	Table       Name
	Query       Query // set in place of Table
	Hints       []Hint
	PartitionBy []Expr
	OrderBy     []OrderItem
}

// ModelArg is MODEL m as an argument.
type ModelArg struct {
	Place
	Name Name
}

// Descriptor is DESCRIPTOR(a, b).
type Descriptor struct {
	Place
	Columns []Ident
}

// Row is ROW(a, b), or (a, b) when Implicit.
type Row struct {
	Place
	Items    []Expr
	Implicit bool
}

// Array is ARRAY[a, b], or ARRAY(query).
type Array struct {
	Place
	Items []Expr
	Query Query
}

// Map is MAP[k1, v1, k2, v2], Items alternate; or MAP(query).
type Map struct {
	Place
	Items []Expr
	Query Query
}

// Window is a window specification: OVER w, OVER (PARTITION BY …), WINDOW w AS (…).
type Window struct {
	Place
	Ref         Ident // a named window it is, or builds on; empty Name when none
	RefOnly     bool  // OVER w, with no parentheses
	PartitionBy []Expr
	OrderBy     []OrderItem
	Frame       *Frame
}

// Frame is ROWS|RANGE BETWEEN … AND ….
type Frame struct {
	Place
	Unit       string // "ROWS" or "RANGE"
	Start, End Bound  // End is CURRENT ROW where only the start is written
	Short      bool   // written without BETWEEN
}

// Bound is one end of a frame. Kind is "UNBOUNDED PRECEDING", "PRECEDING", "CURRENT
// ROW", "FOLLOWING" or "UNBOUNDED FOLLOWING".
type Bound struct {
	Kind  string
	Value Expr // for PRECEDING and FOLLOWING
}

// OrderItem is one ORDER BY key. Nulls is "", "FIRST" or "LAST".
type OrderItem struct {
	X     Expr
	Desc  bool
	Nulls string
}

func (*Literal) expr()     {}
func (*IntervalLit) expr() {}
func (*ColumnRef) expr()   {}
func (*Star) expr()        {}
func (*FieldAccess) expr() {}
func (*Index) expr()       {}
func (*Unary) expr()       {}
func (*Binary) expr()      {}
func (*Is) expr()          {}
func (*IsDistinct) expr()  {}
func (*Between) expr()     {}
func (*Like) expr()        {}
func (*In) expr()          {}
func (*Quantified) expr()  {}
func (*Exists) expr()      {}
func (*Subquery) expr()    {}
func (*Case) expr()        {}
func (*Cast) expr()        {}
func (*Call) expr()        {}
func (*UnitArg) expr()     {}
func (*NamedArg) expr()    {}
func (*DefaultArg) expr()  {}
func (*TableArg) expr()    {}
func (*ModelArg) expr()    {}
func (*Descriptor) expr()  {}
func (*Row) expr()         {}
func (*Array) expr()       {}
func (*Map) expr()         {}
