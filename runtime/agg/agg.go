// Package agg holds the aggregate functions: their typing rules, which the planner
// asks, and their accumulators, which keep the state of all groups in columns.
//
// Enter at Builtins for the list, at Func for what an entry says, at Accumulator for
// how one call's state is kept, and at Accumulators for all calls of an aggregation with
// their FILTERs and DISTINCTs, which is what operators use.
package agg

import (
	"fmt"

	"github.com/weirstream/weir/runtime/vec"
	"github.com/weirstream/weir/sql/types"
)

// Func is one aggregate function.
type Func struct {
	Name    string
	Aliases []string
	Syntax  string
	Doc     string
	// Resolve types a call; its error is a *diag.Error without a place.
	Resolve func(args []types.Type) (Signature, error)
	// Insensitive aggregates give the same with and without DISTINCT (MIN, MAX).
	Insensitive bool
	// NullOnlyIfEmpty aggregates are NULL only where they have seen no value: never in a group with
	// keys, if their argument and their FILTER let every row through.
	NullOnlyIfEmpty bool
	// KeepsNulls aggregates take rows whose arguments are NULL in; the others pass over them.
	KeepsNulls bool
	// AppendOnly aggregates cannot take rows back: no updates may reach them.
	AppendOnly bool
	// Ordered aggregates depend on the order of the rows, so that partial results of several
	// subtasks cannot be merged.
	Ordered bool
	// JSON aggregates take their last argument as a JSON text, which the planner makes of it.
	JSON bool
	// Nulls is the clause on NULLs that the function stands for, by default or because it is written, and OtherNulls the function
	// for the other one: "NULL ON NULL", "ABSENT ON NULL", "RESPECT NULLS", "IGNORE NULLS". Both are empty where no clause may stand.
	Nulls      string
	OtherNulls *Func
	// Constants are the arguments that must be constants; With makes the function that they amount to, which
	// takes the others.
	Constants []int
	With      func(values []any) (*Func, error)
	// New makes the accumulator of a typed call.
	New func(sig Signature, retract bool) Accumulator
}

// Signature is a typed aggregate call.
type Signature struct {
	Params []types.Type // what the arguments are converted to
	Result types.Type
}

// Call is one aggregate of an aggregation: the function on columns of the operator's
// input, all of them computed by a projection below it.
type Call struct {
	Fn       *Func
	Sig      Signature
	Args     []int // input columns; none for COUNT(*)
	Filter   int   // a BOOLEAN input column, -1 for none: FILTER (WHERE …)
	Distinct bool
	Name     string // of the output column
	Text     string // as SQL, for EXPLAIN: COUNT(DISTINCT bidder) FILTER (WHERE x)
}

// distinct reports whether the call needs a set of the values it has seen.
func (c *Call) distinct() bool { return c.Distinct && !c.Fn.Insensitive }

// Splittable reports whether the calls can be computed in two phases, Local and Global, with
// an exchange of partial results between them.
func Splittable(calls []Call) bool {
	for i := range calls {
		if calls[i].distinct() || calls[i].Fn.Ordered {
			return false
		}
	}
	return true
}

// PartialSchema gives the columns of partial results, which a Local phase puts behind its
// keys: the state of each call.
func PartialSchema(calls []Call) (s vec.Schema) {
	for i := range calls {
		c := &calls[i]
		for _, f := range c.Fn.New(c.Sig, false).State() {
			s = append(s, vec.Field{Name: fmt.Sprintf("%d.%s", i, f.Name), Type: f.Type})
		}
	}
	return s
}

// Counting gives calls with one among them that counts a group's rows, and the column of PartialSchema that has their number: that of
// COUNT(*) where it is there, otherwise of a call put before the others.
func Counting(calls []Call) (counting []Call, column int) {
	for i := range calls {
		if c := &calls[i]; c.Fn.Name == "COUNT" && len(c.Args) == 0 && c.Filter < 0 && !c.Distinct {
			return calls, len(PartialSchema(calls[:i]))
		}
	}
	return append([]Call{RowsCall()}, calls...), 0
}

// RowsCall is a call that counts a group's rows.
func RowsCall() Call {
	return Call{Fn: countFunc(), Sig: Signature{Result: types.New(types.BigInt).WithoutNull()}, Filter: -1, Name: "rows", Text: "COUNT(*)"}
}
