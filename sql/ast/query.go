package ast

// Query is a SELECT, a set operation, VALUES, or one of them WITH common table
// expressions, ORDER BY and LIMIT.
type Query interface {
	Node
	query()
}

// With is WITH a AS (…) query.
type With struct {
	Place
	CTEs []CTE
	Body Query
}

// CTE is one common table expression.
type CTE struct {
	Place
	Name    Ident
	Columns []Ident
	Query   Query
}

// Ordered is query ORDER BY … LIMIT … OFFSET …; at least one of the parts is there.
// FETCH FIRST n ROWS ONLY is a Limit.
type Ordered struct {
	Place
	Body    Query
	OrderBy []OrderItem
	Limit   Expr // nil for none and for LIMIT ALL
	Offset  Expr
}

// SetOp is l UNION|INTERSECT|EXCEPT [ALL] r; MINUS is given as EXCEPT.
type SetOp struct {
	Place
	Op   string
	All  bool
	L, R Query
}

// Values is VALUES (1, 'a'), (2, 'b').
type Values struct {
	Place
	Rows [][]Expr
}

// TableQuery is TABLE t as a query.
type TableQuery struct {
	Place
	Name Name
}

// Select is SELECT … FROM ….
type Select struct {
	Place
	Hints    []Hint
	Distinct bool
	Items    []SelectItem
	From     TableRef // nil for SELECT 1
	Where    Expr
	GroupBy  *GroupBy // nil for none
	Having   Expr
	Windows  []NamedWindow
	Qualify  Expr
}

// SelectItem is one entry of a select list; Alias.Name is "" where none is written.
type SelectItem struct {
	Place
	X     Expr
	Alias Ident
}

// GroupBy is a GROUP BY clause; Distinct for GROUP BY DISTINCT.
type GroupBy struct {
	Place
	Distinct bool
	Items    []GroupItem
}

// GroupItem is an expression, or GROUPING SETS, ROLLUP, CUBE over lists of them. Kind is
// "" (a plain expression, Sets[0][0]), "GROUPING SETS", "ROLLUP" or "CUBE". In ROLLUP((a,b),c)
// the sets are (a,b) and (c). Nested holds grouping sets inside GROUPING SETS. GROUP BY (a, b)
// comes as two plain items, GROUP BY () as GROUPING SETS of one empty set.
type GroupItem struct {
	Place
	Kind   string
	Sets   [][]Expr
	Nested []GroupItem
}

// NamedWindow is an entry of the WINDOW clause.
type NamedWindow struct {
	Name Ident
	Spec Window
}

// Hint is one /*+ NAME(…) */. Args hold key-value pairs for OPTIONS and the like, or
// bare names with Value nil.
type Hint struct {
	Place
	Name string // upper case
	Args []HintArg
}

// HintArg is 'key' = 'value', or a bare word.
type HintArg struct {
	Key   string
	Value *string
}

// TableRef is what stands in FROM.
type TableRef interface {
	Node
	tableRef()
}

// Table is a named table, view or CTE. AsOf is FOR SYSTEM_TIME AS OF.
type Table struct {
	Place
	Name  Name
	Hints []Hint
	AsOf  Expr
	Match *MatchRecognize
	Alias TableAlias
}

// TableAlias is AS t(a, b); Name.Name is "" for none.
type TableAlias struct {
	Name    Ident
	Columns []Ident
}

// Derived is a query in FROM; Lateral lets it see tables to its left.
type Derived struct {
	Place
	Query   Query
	Lateral bool
	Match   *MatchRecognize
	Alias   TableAlias
}

// TableFunc is a table function in FROM: TUMBLE(TABLE t, …), LATERAL TABLE(f(x)), a process
// table function. Wrapped records the TABLE( ) around it.
type TableFunc struct {
	Place
	Call    *Call
	Lateral bool
	Wrapped bool
	AsOf    Expr
	Match   *MatchRecognize
	Alias   TableAlias
}

// Unnest is UNNEST(x) [WITH ORDINALITY].
type Unnest struct {
	Place
	X          Expr
	Ordinality bool
	Alias      TableAlias
}

// Join joins two table references. Kind is "INNER", "LEFT", "RIGHT", "FULL", "CROSS"; a comma
// is a CROSS join with Comma set.
type Join struct {
	Place
	Kind    string
	Comma   bool
	Natural bool
	L, R    TableRef
	On      Expr
	Using   []Ident
}

// MatchRecognize is the MATCH_RECOGNIZE clause.
type MatchRecognize struct {
	Place
	PartitionBy []Expr
	OrderBy     []OrderItem
	Measures    []Measure
	AllRows     bool // ALL ROWS PER MATCH
	RowsWritten bool // ONE ROW or ALL ROWS PER MATCH was written
	// After is "" or upper case: "PAST LAST ROW", "TO NEXT ROW", "TO FIRST", "TO LAST", "TO"
	// (to last); AfterVar names the variable of the last three.
	After    string
	AfterVar Ident
	Pattern  Pattern
	Within   Expr
	Subsets  []Subset
	Define   []Define
}

// Measure is expr AS name; Semantics is "", "RUNNING" or "FINAL" where the whole measure
// starts with it.
type Measure struct {
	X         Expr
	Semantics string
	Name      Ident
}

// Subset is SUBSET U = (A, B).
type Subset struct {
	Name Ident
	Vars []Ident
}

// Define is A AS condition.
type Define struct {
	Name Ident
	Cond Expr
}

// Pattern is a row pattern.
type Pattern interface {
	Node
	pattern()
}

// PatternVar is one pattern variable.
type PatternVar struct {
	Place
	Name string
}

// PatternSeq is A B C.
type PatternSeq struct {
	Place
	Items []Pattern
}

// PatternAlt is A | B.
type PatternAlt struct {
	Place
	Items []Pattern
}

// PatternRepeat is A+, A*, A?, A{n,m} and their reluctant forms; Max is -1 for none.
type PatternRepeat struct {
	Place
	X         Pattern
	Min, Max  int
	Reluctant bool
}

// PatternPermute is PERMUTE(A, B).
type PatternPermute struct {
	Place
	Items []Pattern
}

// PatternExclude is {- A -}.
type PatternExclude struct {
	Place
	X Pattern
}

func (*With) query()       {}
func (*Ordered) query()    {}
func (*SetOp) query()      {}
func (*Values) query()     {}
func (*TableQuery) query() {}
func (*Select) query()     {}

func (*Table) tableRef()     {}
func (*Derived) tableRef()   {}
func (*TableFunc) tableRef() {}
func (*Unnest) tableRef()    {}
func (*Join) tableRef()      {}

func (*PatternVar) pattern()     {}
func (*PatternSeq) pattern()     {}
func (*PatternAlt) pattern()     {}
func (*PatternRepeat) pattern()  {}
func (*PatternPermute) pattern() {}
func (*PatternExclude) pattern() {}
