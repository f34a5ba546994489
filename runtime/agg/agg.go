// Package agg holds the aggregate functions: their typing rules, which the planner
// asks, and their accumulators, which keep the state of all groups in columns.
//
// Enter at Builtins for the list, at Func for what an entry says, at Accumulator for
// how state is kept.
package agg

import (
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
