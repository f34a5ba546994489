package ast

import "github.com/weirstream/weir/sql/types"

// Statement is one statement of a script.
type Statement interface {
	Node
	stmt()
}

// Option is 'key' = 'value'.
type Option struct {
	Place
	Key   string
	Value string
}

// QueryStmt is a query as a statement.
type QueryStmt struct {
	Place
	Query Query
}

// Insert is INSERT INTO|OVERWRITE t [PARTITION (…)] [(columns)] query [ON CONFLICT …].
type Insert struct {
	Place
	Table      Name
	Hints      []Hint
	Overwrite  bool
	Partition  []PartitionValue
	Columns    []Name // may be nested: row.field
	Query      Query
	ByName     bool   // each column of the query goes to that of its name: of CREATE TABLE … AS
	OnConflict string // "", "NOTHING", "ERROR", "DEDUPLICATE"
}

// PartitionValue is dt = '…' in a PARTITION clause; Value is nil in the form without one.
type PartitionValue struct {
	Name  Ident
	Value Expr
}

// StatementSet is EXECUTE STATEMENT SET BEGIN … END, or BEGIN STATEMENT SET; … END: one job.
type StatementSet struct {
	Place
	Inserts []*Insert
}

// Explain is EXPLAIN [details] statement. Details are upper case: "PLAN FOR",
// "ESTIMATED_COST", "CHANGELOG_MODE", "PLAN_ADVICE", "JSON_EXECUTION_PLAN", and Weir's own
// "VERBOSE" and "ANALYZE".
type Explain struct {
	Place
	Details []string
	Stmt    Statement
}

// Update and Delete are batch statements on tables that support them.
type Update struct {
	Place
	Table Name
	Set   []Assignment
	Where Expr
}

// Assignment is column = expr.
type Assignment struct {
	Column Ident
	X      Expr
}

// Delete is DELETE FROM t [WHERE …].
type Delete struct {
	Place
	Table Name
	Where Expr
}

// Truncate is TRUNCATE TABLE t.
type Truncate struct {
	Place
	Table Name
}

// Set is SET 'k' = 'v', or SET alone (Key "").
type Set struct {
	Place
	Key, Value string
	KeyAt      Place
}

// Reset is RESET 'k', or RESET alone (Key "").
type Reset struct {
	Place
	Key string
}

// Use is USE CATALOG c, USE [c.]d, or USE MODULES a, b. Kind is "CATALOG", "DATABASE" or
// "MODULES".
type Use struct {
	Place
	Kind  string
	Names []Name
}

// Load is LOAD MODULE m [WITH (…)], or UNLOAD MODULE m.
type Load struct {
	Place
	Unload  bool
	Module  Ident
	Options []Option
}

// Show is any SHOW statement. What is upper case: "CATALOGS", "TABLES", "FUNCTIONS", "USER
// FUNCTIONS", "COLUMNS", "CREATE TABLE", "CURRENT CATALOG", "FULL MODULES", "JARS", "JOBS" …
type Show struct {
	Place
	What        string
	From        Name   // FROM or IN, or the object of SHOW CREATE, SHOW PARTITIONS
	Preposition string // "FROM", "IN" or ""
	Like        string // pattern, with LikeKind "LIKE" or "ILIKE"; LikeKind "" for none
	LikeKind    string
	NotLike     bool
	Partition   []PartitionValue
}

// Describe is DESCRIBE [CATALOG|DATABASE|FUNCTION|MODEL|JOB] [EXTENDED] x; Kind is "" for
// tables and views.
type Describe struct {
	Place
	Kind     string
	Extended bool
	Name     Name
	Job      string
}

// StopJob is STOP JOB 'id' [WITH SAVEPOINT] [WITH DRAIN].
type StopJob struct {
	Place
	ID               string
	Savepoint, Drain bool
}

// CompilePlan is COMPILE PLAN 'f' [IF NOT EXISTS] FOR stmt; with Execute, COMPILE AND EXECUTE
// PLAN. ExecutePlan is EXECUTE PLAN 'f'.
type CompilePlan struct {
	Place
	Path        string
	IfNotExists bool
	Execute     bool
	Stmt        Statement
}

// ExecutePlan is EXECUTE PLAN 'f'.
type ExecutePlan struct {
	Place
	Path string
}

// CallProcedure is CALL p(…).
type CallProcedure struct {
	Place
	Call *Call
}

// Jar is ADD JAR 'f' or REMOVE JAR 'f'.
type Jar struct {
	Place
	Remove bool
	Path   string
}

// Analyze is ANALYZE TABLE t [PARTITION(…)] COMPUTE STATISTICS [FOR COLUMNS … | FOR ALL COLUMNS].
type Analyze struct {
	Place
	Table      Name
	Partition  []PartitionValue
	Columns    []Ident
	AllColumns bool
}

// CreateTable is CREATE [TEMPORARY] TABLE, with LIKE or AS SELECT; OrReplace and Replace for
// [CREATE OR] REPLACE TABLE … AS. MaterializedTable has its own node.
type CreateTable struct {
	Place
	Temporary, IfNotExists bool
	OrReplace, Replace     bool
	Name                   Name
	Columns                []Column
	Watermarks             []Watermark
	PrimaryKey             *PrimaryKey
	Comment                *string
	Distribution           *Distribution
	PartitionedBy          []Ident
	Options                []Option
	Like                   *LikeClause
	AsQuery                Query
}

// Column is a physical, computed or metadata column.
type Column struct {
	Place
	Name       Ident
	Type       types.Type // invalid for computed columns
	TypeAt     Place
	Computed   Expr // name AS expr
	Metadata   bool // METADATA [FROM 'key'] [VIRTUAL]
	MetaKey    *string
	Virtual    bool
	PrimaryKey bool // PRIMARY KEY NOT ENFORCED written at the column
	Comment    *string
}

// Watermark is WATERMARK FOR column AS expr; the column may be a nested field.
type Watermark struct {
	Place
	Column Name
	X      Expr
}

// PrimaryKey is [CONSTRAINT c] PRIMARY KEY (a, b) NOT ENFORCED.
type PrimaryKey struct {
	Place
	Constraint  Ident
	Columns     []Ident
	NotEnforced bool
}

// Distribution is DISTRIBUTED [BY [HASH|RANGE] (a)] [INTO n BUCKETS]; Buckets is 0 when not
// written.
type Distribution struct {
	Place
	Kind    string
	Columns []Ident
	Buckets int
}

// LikeClause is LIKE t (INCLUDING|EXCLUDING|OVERWRITING what, …).
type LikeClause struct {
	Place
	Table   Name
	Options []LikeOption
}

// LikeOption is one merging rule: Merge "INCLUDING" …, What "ALL", "OPTIONS", "GENERATED" ….
type LikeOption struct{ Merge, What string }

// CreateView is CREATE [TEMPORARY] VIEW.
type CreateView struct {
	Place
	Temporary, IfNotExists bool
	Name                   Name
	Columns                []Ident
	Comment                *string
	Query                  Query
}

// CreateCatalog is CREATE CATALOG c [COMMENT …] WITH (…).
type CreateCatalog struct {
	Place
	IfNotExists bool
	Name        Ident
	Comment     *string
	Options     []Option
}

// CreateDatabase is CREATE DATABASE [c.]d [COMMENT …] [WITH (…)].
type CreateDatabase struct {
	Place
	IfNotExists bool
	Name        Name
	Comment     *string
	Options     []Option
}

// CreateFunction is CREATE [TEMPORARY [SYSTEM]] FUNCTION f AS 'class' [LANGUAGE l] [USING JAR …].
type CreateFunction struct {
	Place
	Temporary, System, IfNotExists bool
	Name                           Name
	Class                          string
	Language                       string // upper case, "" when not written
	Using                          []Resource
	Options                        []Option
}

// Resource is JAR 'path'.
type Resource struct{ Kind, Path string }

// CreateModel is CREATE [TEMPORARY] MODEL m [INPUT (…)] [OUTPUT (…)] [COMMENT …] WITH (…) [AS query].
type CreateModel struct {
	Place
	Temporary, IfNotExists bool
	Name                   Name
	Input, Output          []Column
	Comment                *string
	Options                []Option
	AsQuery                Query
}

// CreateMaterializedTable is CREATE [OR ALTER] MATERIALIZED TABLE.
type CreateMaterializedTable struct {
	Place
	OrAlter       bool
	Name          Name
	Columns       []Column
	Watermarks    []Watermark
	PrimaryKey    *PrimaryKey
	Comment       *string
	Distribution  *Distribution
	PartitionedBy []Ident
	Options       []Option
	Freshness     Expr
	RefreshMode   string // "", "CONTINUOUS", "FULL"
	Query         Query
}

// AlterTable is ALTER TABLE [IF EXISTS] t action. Exactly one of the parts is set.
type AlterTable struct {
	Place
	IfExists bool
	Name     Name
	Add      *AlterColumns // ADD (…)
	Modify   *AlterColumns // MODIFY (…)
	Drop     *AlterDrop
	Rename   *AlterRename // RENAME c TO d
	RenameTo *Name
	Set      []Option
	Reset    []string
	AddParts []AddPartition
}

// AlterColumns are the schema parts of ALTER TABLE … ADD and MODIFY.
type AlterColumns struct {
	Columns      []AlterColumn
	Watermark    *Watermark
	PrimaryKey   *PrimaryKey
	Distribution *Distribution
	Parens       bool
}

// AlterColumn is a column with its position.
type AlterColumn struct {
	Column
	First bool
	After Name // empty when not written
}

// AlterDrop is DROP …; exactly one part is set.
type AlterDrop struct {
	Columns      []Name
	PrimaryKey   bool
	Constraint   Ident
	Watermark    bool
	Distribution bool
	Partitions   [][]PartitionValue
	IfExists     bool
}

// AlterRename is RENAME c TO d.
type AlterRename struct{ From, To Name }

// AddPartition is ADD [IF NOT EXISTS] PARTITION (p = 1) [WITH (…)].
type AddPartition struct {
	IfNotExists bool
	Spec        []PartitionValue
	Options     []Option
}

// AlterView is ALTER VIEW v RENAME TO w, or AS query.
type AlterView struct {
	Place
	Name     Name
	RenameTo *Name
	Query    Query
}

// AlterDatabase is ALTER DATABASE d SET (…); AlterCatalog below; both keep plain option lists.
type AlterDatabase struct {
	Place
	Name Name
	Set  []Option
}

// AlterCatalog is ALTER CATALOG c SET (…) | RESET (…) | COMMENT '…'.
type AlterCatalog struct {
	Place
	Name    Ident
	Set     []Option
	Reset   []string
	Comment *string
}

// AlterFunction is ALTER [TEMPORARY [SYSTEM]] FUNCTION f AS 'class' [LANGUAGE l].
type AlterFunction struct {
	Place
	Temporary, System, IfExists bool
	Name                        Name
	Class                       string
	Language                    string
}

// AlterModel is ALTER MODEL m SET (…) | RESET (…) | RENAME TO n.
type AlterModel struct {
	Place
	IfExists bool
	Name     Name
	Set      []Option
	Reset    []string
	RenameTo *Name
}

// AlterMaterializedTable is ALTER MATERIALIZED TABLE t SUSPEND | RESUME [WITH (…)] | REFRESH
// [PARTITION (…)] | SET FRESHNESS = … | SET REFRESH_MODE = … | SET (…) | RESET (…) | AS query;
// Action is the upper-case word, "AS" for the last.
type AlterMaterializedTable struct {
	Place
	Name        Name
	Action      string
	Partition   []PartitionValue
	Options     []Option // of RESUME WITH and SET
	Reset       []string
	Freshness   Expr   // of SET
	RefreshMode string // of SET: "CONTINUOUS", "FULL"
	Query       Query
}

// Drop is DROP [TEMPORARY [SYSTEM]] kind [IF EXISTS] name. Kind is upper case: "TABLE",
// "VIEW", "FUNCTION", "MODEL", "DATABASE", "CATALOG", "MATERIALIZED TABLE".
type Drop struct {
	Place
	Kind              string
	Temporary, System bool
	IfExists          bool
	Name              Name
	Behaviour         string // "", "RESTRICT", "CASCADE"
}

func (*QueryStmt) stmt()               {}
func (*Insert) stmt()                  {}
func (*StatementSet) stmt()            {}
func (*Explain) stmt()                 {}
func (*Update) stmt()                  {}
func (*Delete) stmt()                  {}
func (*Truncate) stmt()                {}
func (*Set) stmt()                     {}
func (*Reset) stmt()                   {}
func (*Use) stmt()                     {}
func (*Load) stmt()                    {}
func (*Show) stmt()                    {}
func (*Describe) stmt()                {}
func (*StopJob) stmt()                 {}
func (*CompilePlan) stmt()             {}
func (*ExecutePlan) stmt()             {}
func (*CallProcedure) stmt()           {}
func (*Jar) stmt()                     {}
func (*Analyze) stmt()                 {}
func (*CreateTable) stmt()             {}
func (*CreateView) stmt()              {}
func (*CreateCatalog) stmt()           {}
func (*CreateDatabase) stmt()          {}
func (*CreateFunction) stmt()          {}
func (*CreateModel) stmt()             {}
func (*CreateMaterializedTable) stmt() {}
func (*AlterTable) stmt()              {}
func (*AlterView) stmt()               {}
func (*AlterDatabase) stmt()           {}
func (*AlterCatalog) stmt()            {}
func (*AlterFunction) stmt()           {}
func (*AlterModel) stmt()              {}
func (*AlterMaterializedTable) stmt()  {}
func (*Drop) stmt()                    {}
