package physical

import (
	"slices"

	"github.com/weirstream/weir/connectors"
	"github.com/weirstream/weir/runtime/plan"
)

// byKey brings all rows of a key to one subtask; nothing is needed where they are there
// already. Only the same columns in the same order count: key groups are made of them.
func (b *builder) byKey(in plan.Node, keys []int, parallelism int) plan.Node {
	p := in.Properties()
	if len(keys) == 0 || parallelism == 1 {
		return b.gather(in)
	}
	if p.Parallelism == parallelism && slices.Equal(b.dist[in].keys, keys) {
		return in
	}
	out := b.exchange(in, plan.Hash, keys, parallelism)
	b.dist[out] = distribution{keys}
	return out
}

// gather brings all rows to one subtask.
func (b *builder) gather(in plan.Node) plan.Node {
	if in.Properties().Parallelism == 1 {
		return in
	}
	return b.exchange(in, plan.Gather, nil, 1)
}

// rebalance spreads rows over another number of subtasks.
func (b *builder) rebalance(in plan.Node, parallelism int) plan.Node {
	if in.Properties().Parallelism == parallelism {
		return in
	}
	if parallelism == 1 {
		return b.gather(in)
	}
	if in.Properties().Changes != connectors.InsertOnly {
		// Changes of one row must not overtake each other: without a key, one subtask takes them all.
		var key []int
		if keys := in.Properties().UpsertKeys; len(keys) > 0 {
			key = keys[0]
		}
		return b.exchange(in, plan.Hash, key, parallelism)
	}
	return b.exchange(in, plan.Rebalance, nil, parallelism)
}

func (b *builder) exchange(in plan.Node, how plan.Partition, keys []int, parallelism int) plan.Node {
	props := *in.Properties()
	props.Parallelism = parallelism
	props.ID = hash("Exchange", props.ID)
	return &plan.Exchange{Props: props, Input: in, Partition: how, Keys: keys}
}
