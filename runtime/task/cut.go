package task

import (
	"fmt"

	"github.com/weirstream/weir/runtime/plan"
	"github.com/weirstream/weir/runtime/vec"
)

// forward joins subtask i of one stage with subtask i of the next. It is not in plans: cut
// puts it where a chain would have to be fed by sources and exchanges at the same time.
const forward plan.Partition = 255

// stage is a part of the plan without exchanges inside, run as parallel tasks. It is fed by
// sources or by exchanges, never by both.
type stage struct {
	id          int
	nodes       []plan.Node // inputs before consumers
	inputs      []*edge
	parallelism int
}

// edge is an exchange between two stages.
type edge struct {
	from      plan.Node // gives the rows
	sends     *stage
	receives  *stage
	to        []place // takes them
	partition plan.Partition
	keys      []int
	schema    vec.Schema
	name      string
	order     int // of the exchange in the plan, for metrics
}

// place is an input of a node.
type place struct {
	node plan.Node
	in   int
}

// graph is a plan cut into stages.
type graph struct {
	order  []plan.Node // inputs before consumers
	rank   map[plan.Node]int
	depth  map[plan.Node]int // exchanges on the way from the furthest source
	stages map[plan.Node]*stage
	chains map[plan.Node][]place // consumers in the same stage
	edges  []*edge
	list   []*stage
}

// cut cuts a plan. Nodes that chain (no exchange between them) and have the same depth
// make a stage; a chained edge between different depths, as a UNION ALL of a table
// with an aggregation gives, is cut too, by a forward exchange. So edges lead from smaller
// to greater depth only: stages form no circle, and a task waits either for its sources or for its
// inbox. An exchange between single subtasks is no exchange: its ends are chained.
func cut(job *plan.Job) (*graph, error) {
	g := &graph{
		rank: map[plan.Node]int{}, depth: map[plan.Node]int{}, stages: map[plan.Node]*stage{}, chains: map[plan.Node][]place{},
	}
	for _, s := range job.Sinks {
		if err := g.visit(s, map[plan.Node]bool{}); err != nil {
			return nil, err
		}
	}
	g.group()
	for _, n := range g.order {
		for in, input := range n.Inputs() {
			g.connect(place{n, in}, input)
		}
	}
	return g, g.check()
}

// visit orders the nodes and finds their depths.
func (g *graph) visit(n plan.Node, above map[plan.Node]bool) error {
	if n == nil {
		return fmt.Errorf("internal error: the plan has an operator without its input")
	}
	if above[n] {
		return fmt.Errorf("internal error: the plan feeds %s with its own output", n.Name())
	}
	if _, known := g.depth[n]; known {
		return nil
	}
	above[n] = true
	depth := 0
	for _, input := range n.Inputs() {
		if err := g.visit(input, above); err != nil {
			return err
		}
		depth = max(depth, g.depth[input])
	}
	delete(above, n)
	if isExchange(n) {
		depth++
	}
	g.depth[n] = depth
	g.rank[n] = len(g.order)
	g.order = append(g.order, n)
	return nil
}

// isExchange reports whether the node moves rows between tasks.
func isExchange(n plan.Node) bool {
	x, ok := n.(*plan.Exchange)
	return ok && (parallelism(x.Input) > 1 || parallelism(x) > 1)
}

// behind gives the node that an exchange within one task stands for.
func behind(n plan.Node) plan.Node {
	for {
		x, ok := n.(*plan.Exchange)
		if !ok || isExchange(x) {
			return n
		}
		n = x.Input
	}
}

// feeding gives the node whose rows an exchange moves; an exchange that feeds another has no
// effect.
func feeding(n plan.Node) plan.Node {
	for {
		x, ok := n.(*plan.Exchange)
		if !ok {
			return n
		}
		n = x.Input
	}
}

func parallelism(n plan.Node) int { return max(1, n.Properties().Parallelism) }

// group finds the stages: the sets of nodes that are joined by chains, or take rows from the same
// exchange at the same depth.
func (g *graph) group() {
	root := map[plan.Node]plan.Node{}
	find := func(n plan.Node) plan.Node {
		for root[n] != n {
			n = root[n]
		}
		return n
	}
	type intake struct {
		from  plan.Node
		depth int
	}
	first := map[intake]plan.Node{}
	members := g.members()
	for _, n := range members {
		root[n] = n
	}
	for _, n := range members {
		for _, input := range n.Inputs() {
			input = behind(input)
			if !isExchange(input) && g.depth[input] == g.depth[n] {
				root[find(input)] = find(n)
				continue
			}
			at := intake{input, g.depth[n]}
			if other, ok := first[at]; ok {
				root[find(other)] = find(n)
			}
			first[at] = n
		}
	}
	byRoot := map[plan.Node]*stage{}
	for _, n := range members {
		s := byRoot[find(n)]
		if s == nil {
			s = &stage{id: len(g.list)}
			byRoot[find(n)] = s
			g.list = append(g.list, s)
		}
		g.stages[n] = s
		s.nodes = append(s.nodes, n)
		s.parallelism = max(s.parallelism, parallelism(n))
	}
}

// members are the nodes that stand in stages: all but exchanges.
func (g *graph) members() []plan.Node {
	var m []plan.Node
	for _, n := range g.order {
		if _, ok := n.(*plan.Exchange); !ok {
			m = append(m, n)
		}
	}
	return m
}

// connect joins an input of a node to what feeds it, by a chain or an edge.
func (g *graph) connect(to place, input plan.Node) {
	if _, ok := to.node.(*plan.Exchange); ok {
		return
	}
	input = behind(input)
	if !isExchange(input) && g.stages[input] == g.stages[to.node] {
		g.chains[input] = append(g.chains[input], to)
		return
	}
	e := g.edge(input, g.stages[to.node])
	e.to = append(e.to, to)
}

// edge gives the edge that brings a stage the rows of a node; several consumers share it.
func (g *graph) edge(input plan.Node, receives *stage) *edge {
	from := feeding(input)
	e := &edge{
		from: from, sends: g.stages[from], receives: receives,
		partition: forward, schema: from.Properties().Schema, name: input.Name(), order: g.rank[input],
	}
	if x, ok := input.(*plan.Exchange); ok {
		e.partition, e.keys = x.Partition, x.Keys
	} else {
		e.name = "Forward"
	}
	for _, known := range receives.inputs {
		if known.from == e.from && known.order == e.order {
			return known
		}
	}
	receives.inputs = append(receives.inputs, e)
	g.edges = append(g.edges, e)
	return e
}

// check finds faults of the planner that would make a job lose or repeat rows.
func (g *graph) check() error {
	for _, s := range g.list {
		for _, n := range s.nodes {
			if len(n.Inputs()) > 0 && parallelism(n) != s.parallelism {
				return fmt.Errorf("internal error: the plan chains %s at parallelism %d into a stage of parallelism %d", n.Name(), parallelism(n), s.parallelism)
			}
		}
	}
	for _, e := range g.edges {
		if e.partition == plan.Gather && e.receives.parallelism > 1 {
			return fmt.Errorf("internal error: the plan gathers rows for a stage of parallelism %d", e.receives.parallelism)
		}
	}
	return nil
}
