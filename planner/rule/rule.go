// Package rule rewrites logical plans: small rules, one a file, in ordered batches that
// run until nothing changes. What fired is recorded for EXPLAIN VERBOSE.
//
// Enter at Optimise for a whole job and at batches for the order of the rules.
package rule

import (
	"fmt"
	"slices"

	"github.com/weirstream/weir/planner/logical"
	"github.com/weirstream/weir/udf"
)

// rule rewrites one node whose inputs are rewritten already. It gives nil where it does
// not apply; what it gives has the same columns.
type rule struct {
	name  string
	apply func(c *Context, n logical.Node) (logical.Node, error)
}

// batch is a list of rules that are applied until none of them fires.
type batch []rule

// simplify makes expressions small and moves filters towards the sources.
var simplify = batch{
	{"fold-constants", foldConstants},
	{"remove-filter", removeFilter},
	{"remove-empty", removeEmpty},
	{"merge-filters", mergeFilters},
	{"merge-projects", mergeProjects},
	{"project-values", projectValues},
	{"remove-project", removeProject},
	{"push-filter-through-project", pushFilterThroughProject},
	{"push-filter-through-union", pushFilterThroughUnion},
	{"push-filter-through-over", pushFilterThroughOver},
	{"push-filter-through-unnest", pushFilterThroughUnnest},
	{"push-filter-through-set-operation", pushFilterThroughSetOperation},
	{"push-filter-through-window", pushFilterThroughWindow},
	{"push-filter-through-aggregate", pushFilterThroughAggregate},
	{"filter-ranks", filterRanks},
	{"constant-rank", constantRank},
	{"push-filter-through-rank", pushFilterThroughRank},
	{"push-filter-into-scan", pushFilterIntoScan},
	{"count-rows", countRows},
}

// windows turns aggregations of window table functions into window aggregations.
var windows = batch{
	{"merge-projects", mergeProjects},
	{"remove-project", removeProject},
	{"count-as-rank", countAsRank},
	{"push-expand-through-window", pushExpandThroughWindow},
	{"pull-window-filter", pullWindowFilter},
	{"push-project-through-window", pushProjectThroughWindow},
	{"window-aggregate", windowAggregate},
}

// late moves work behind filters, once these are where they stay.
var late = batch{
	{"compute-late", computeLate},
	{"merge-projects", mergeProjects},
	{"remove-project", removeProject},
}

// cleanup tidies up behind column pruning.
var cleanup = batch{
	{"merge-projects", mergeProjects},
	{"remove-project", removeProject},
	{"project-values", projectValues},
}

// maxPasses bounds a batch: a plan that still changes then is a fault of the rules.
const maxPasses = 100

// Names lists all rules and passes by the names that Fired and EXPLAIN VERBOSE give.
func Names() []string {
	names := []string{"share-sub-plans", "drop-watermark", "prune-columns"}
	for _, b := range []batch{simplify, windows, late, cleanup} {
		for _, r := range b {
			names = append(names, r.name)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// Context is what rules know, and where they note what they did.
type Context struct {
	Env *udf.Env
	// Share says whether equal parts of a job run once, ShareSources whether a table is read once.
	Share, ShareSources bool
	// Fired are the names of the rules that did something, in order, each once.
	Fired []string
}

// Note records that a rule, or a choice of the physical plan, took effect.
func (c *Context) Note(name string) {
	if !slices.Contains(c.Fired, name) {
		c.Fired = append(c.Fired, name)
	}
}

// run applies a batch to a plan until nothing changes.
func (c *Context) run(b batch, n logical.Node) (logical.Node, error) {
	for range maxPasses {
		next, err := c.pass(b, n)
		if err != nil || next == n {
			return next, err
		}
		n = next
	}
	return nil, fmt.Errorf("optimising the plan: rules still fire after %d passes: %v", maxPasses, c.Fired)
}

// pass applies every rule of a batch once to every node, inputs first.
func (c *Context) pass(b batch, n logical.Node) (logical.Node, error) {
	var failed error
	out := logical.Transform(n, func(n logical.Node) logical.Node {
		for _, r := range b {
			if failed != nil {
				return n
			}
			next, err := r.apply(c, n)
			if err != nil {
				failed = err
			}
			if next != nil {
				c.Note(r.name)
				n = next
			}
		}
		return n
	})
	return out, failed
}
