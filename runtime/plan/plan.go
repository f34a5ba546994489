// Package plan describes physical plans: a graph of operator descriptions that the
// planner makes and the runtime instantiates. A description can be printed, compared
// and stored; it holds no running state.
//
// A plan is a Job: sinks and what feeds them. Nodes that feed several others stand in the
// graph once (shared sub-plans). Exchange nodes are where the runtime cuts the graph
// into tasks; all other edges are chained.
package plan

import (
	"time"

	"github.com/weirstream/weir/connectors"
	"github.com/weirstream/weir/runtime/agg"
	"github.com/weirstream/weir/runtime/expr"
	"github.com/weirstream/weir/runtime/vec"
	"github.com/weirstream/weir/sql/diag"
	"github.com/weirstream/weir/sql/types"
)

// Node is the description of one operator.
type Node interface {
	// Properties gives the node's Props for reading and writing.
	Properties() *Props
	Inputs() []Node
	// Name is the operator as EXPLAIN shows it: WindowAggregate.
	Name() string
	// Attrs are what the operator does, in order: keys, aggregates, condition.
	Attrs() []Attr
}

// Attr is one attribute of a node's description.
type Attr struct{ Key, Value string }

// Props are what every node has. The planner fills them in.
type Props struct {
	// ID is a fingerprint of what the operator computes: the same SQL in another script, or at
	// another parallelism, gives the same ID.
	ID          string
	Schema      vec.Schema
	Parallelism int
	Changes     connectors.ChangeSet // kinds of rows that it gives
	UpsertKeys  [][]int              // columns that identify a row of the result, each set alone
	// Rowtime is the output column that is the event-time attribute, -1 for none. Watermarks flow where it
	// is >= 0.
	Rowtime int
}

// Properties gives a node that embeds Props the method of Node.
func (p *Props) Properties() *Props { return p }

// Job is what runs together: all INSERTs of a script, or one SELECT.
type Job struct {
	Name   string
	Sinks  []*Sink
	Config Config
}

// Config are the settings that the runtime needs, from SET and flags.
type Config struct {
	Zone      *time.Location
	BatchSize int
	// Memory is how many bytes state may take before it is moved to disk: weir.memory; 0: without a bound.
	Memory            int64
	WatermarkInterval time.Duration // pipeline.auto-watermark-interval
	// RowByRow gives the changelog of every single row: table.exec.mini-batch.enabled was set to false.
	RowByRow  bool
	MaxGroups int // key groups: pipeline.max-parallelism
	StateTTL  time.Duration
	// Checkpoints count where the job is given a folder for its state.
	Checkpoints Checkpoints
}

// Emit says when a source's watermark is sent on.
type Emit uint8

// Watermark emit strategies.
const (
	EmitPeriodic Emit = iota // every Config.WatermarkInterval, and when event time has moved on by more
	EmitOnEvent              // after every row
)

// Source reads a table. Columns are decoded; Exprs, over those, are the columns that the
// rest of the plan sees, computed columns among them (nil: the same). Watermark is an
// expression over the output columns, evaluated for every row of a split before Filter is
// applied; nil for none, or where nobody needs it.
type Source struct {
	Props
	Table       string
	Source      connectors.Source
	Columns     []connectors.Column
	Exprs       []expr.Expr
	Watermark   expr.Expr
	Emit        Emit
	IdleTimeout time.Duration
	Filter      expr.Expr
}

// Values gives constant rows.
type Values struct {
	Props
	Rows [][]expr.Expr // constant expressions
}

// Filter keeps the rows for which Cond is true.
type Filter struct {
	Props
	Input Node
	Cond  expr.Expr
}

// Project computes columns.
type Project struct {
	Props
	Input Node
	Exprs []expr.Expr
}

// Calc computes columns of the rows for which Cond is true: a Filter and a Project that compute something in common.
type Calc struct {
	Props
	Input Node
	Cond  expr.Expr
	Exprs []expr.Expr
}

// Partition says how an exchange spreads rows.
type Partition uint8

// Partitionings.
const (
	Hash      Partition = iota // by key group of Keys
	Gather                     // everything to one subtask
	Rebalance                  // round robin by batch
)

// Exchange moves rows between tasks.
type Exchange struct {
	Props
	Input     Node
	Partition Partition
	Keys      []int
}

// UnionAll passes on the rows of all inputs.
type UnionAll struct {
	Props
	Ins []Node
}

// WindowKind is a kind of time window.
type WindowKind uint8

// Kinds of windows.
const (
	Tumble WindowKind = iota
	Hop
	Cumulate
	Session
)

// Window describes a windowing. Size, Slide and Offset are milliseconds.
type Window struct {
	Kind    WindowKind
	TimeCol int   // the time attribute in the input
	Size    int64 // TUMBLE, HOP: size; CUMULATE: max size; SESSION: gap
	Slide   int64 // HOP: slide, CUMULATE: step
	Offset  int64
	// Local windows follow the session's time zone: the time attribute is a TIMESTAMP_LTZ.
	Local bool
	// ProcTime windows follow the clock instead of watermarks.
	ProcTime bool
}

// WindowTableFunction gives every row its windows: the input's columns, then window_start,
// window_end and window_time. Keys are those that have sessions of their own.
type WindowTableFunction struct {
	Props
	Input  Node
	Window Window
	Keys   []int
}

// Phase is the part of an aggregation that an operator does.
type Phase uint8

// Phases of an aggregation.
const (
	Single Phase = iota // rows in, results out
	Local               // rows in, partial accumulators out: before an exchange
	Global              // partial accumulators in, results out
)

// WindowColumn is a window property among the output of a window aggregation.
type WindowColumn uint8

// Window properties.
const (
	WindowStart WindowColumn = iota
	WindowEnd
	WindowTime
)

// WindowAggregate groups the rows of each window by Keys and gives a row for each group when
// the window fires. Output: Keys, then Calls, then Windows. It reads the time attribute
// itself; no WindowTableFunction is below it.
//
// A Local phase gives Keys, the slice's end (BIGINT NOT NULL, milliseconds) and
// agg.PartialSchema of agg.Counting(Calls); a Global phase reads that, with Keys 0, 1, 2, …. Only calls that are
// agg.Splittable can be split, and windows of event time.
type WindowAggregate struct {
	Props
	Input   Node
	Window  Window
	Keys    []int
	Calls   []agg.Call
	Windows []WindowColumn
	Phase   Phase
	// InputRetract: the input has other kinds than inserts.
	InputRetract bool
}

// GroupAggregate groups rows by Keys and gives a changelog of the results. Output: Keys, then
// Calls; without Calls it is DISTINCT. UpdateBefore says whether somebody needs -U.
//
// A Local phase gives Keys and agg.PartialSchema(Calls); a Global phase reads that, with Keys 0, 1, 2,
// …. Only calls that are agg.Splittable can be split, and inputs of inserts; what has retractions is
// aggregated in a Single phase.
type GroupAggregate struct {
	Props
	Input        Node
	Keys         []int
	Calls        []agg.Call
	UpdateBefore bool
	InputRetract bool // the input has other kinds than inserts
	Phase        Phase
}

// Sink writes a table.
type Sink struct {
	Props
	Input   Node
	Table   string
	Sink    connectors.Sink
	Columns []connectors.Column
	// Keys is the primary key, in columns of the input; nil for none.
	Keys []int
}

// Constrain makes rows fit their sink, right before it. A NULL in one of the columns NotNull
// fails the job or, with DropNulls, drops the row (table.exec.sink.not-null-enforcer). With
// BeforeAsDelete, -U becomes -D: the sink takes changes by key, and the +U that belongs to a -U
// may have been filtered out on the way.
//
// Lengths are the columns whose values are cut or filled up to their type's length or, with FailOnLength, must have
// it (table.exec.sink.type-length-enforcer).
type Constrain struct {
	Props
	Input          Node
	Table          string    // of the sink, for messages
	At             diag.Span // of its name in the INSERT
	NotNull        []int
	DropNulls      bool
	Lengths        []Length
	FailOnLength   bool
	BeforeAsDelete bool
}

// Length says how long the values of a column may be: Max characters or, of Binary columns, bytes; Fixed ones are never
// shorter.
type Length struct {
	Col           int
	Type          types.Type // of the sink's column
	Max           int
	Fixed, Binary bool
}

func (n *Source) Inputs() []Node              { return nil }
func (n *Values) Inputs() []Node              { return nil }
func (n *Filter) Inputs() []Node              { return []Node{n.Input} }
func (n *Calc) Inputs() []Node                { return []Node{n.Input} }
func (n *Constrain) Inputs() []Node           { return []Node{n.Input} }
func (n *Project) Inputs() []Node             { return []Node{n.Input} }
func (n *Exchange) Inputs() []Node            { return []Node{n.Input} }
func (n *UnionAll) Inputs() []Node            { return n.Ins }
func (n *WindowTableFunction) Inputs() []Node { return []Node{n.Input} }
func (n *WindowAggregate) Inputs() []Node     { return []Node{n.Input} }
func (n *GroupAggregate) Inputs() []Node      { return []Node{n.Input} }
func (n *Sink) Inputs() []Node                { return []Node{n.Input} }
