package physical

import (
	"github.com/weirstream/weir/connectors"
	"github.com/weirstream/weir/planner/logical"
	"github.com/weirstream/weir/runtime/vec"
)

// wantsBefore says whether n wants -U of its input, when those above n do or do not. A filter
// always does where there are updates: a row that no longer passes must be taken back; so must the
// elements of a collection. So do
// aggregations, which take old values out, and sinks whose key is not the rows' own: an update may
// move a row to another key.
func wantsBefore(n logical.Node, above bool) bool {
	in := n.Children()[0]
	switch n := n.(type) {
	case *logical.Sink:
		return n.Sink.Accepts().Has(vec.UpdateBefore) || n.Key != nil && in.Changes().Has(vec.UpdateAfter) && !sameKey(in.Keys(), n.Key)
	case *logical.Filter, *logical.Unnest:
		return above || in.Changes().Has(vec.UpdateAfter)
	case *logical.Normalize:
		return false
	case *logical.Aggregate, *logical.WindowAggregate, *logical.SetOperation, *logical.Rank:
		return in.Changes() != connectors.InsertOnly
	}
	return above
}

// beforeWanted finds the shared blocks of which some consumer wants -U.
func beforeWanted(sinks []logical.Node) map[*logical.Block]bool {
	wanted := map[*logical.Block]bool{}
	var visit func(n logical.Node, above bool)
	visit = func(n logical.Node, above bool) {
		if s, ok := n.(*logical.Shared); ok {
			// Visited again where it turns out later that -U is wanted after all.
			if seen, again := wanted[s.Block]; !again || above && !seen {
				wanted[s.Block] = above
				visit(s.Block.Root, above)
			}
			return
		}
		for _, c := range n.Children() {
			down := above
			if len(n.Children()) == 1 {
				down = wantsBefore(n, above)
			}
			visit(c, down)
		}
	}
	for _, s := range sinks {
		visit(s, false)
	}
	return wanted
}
