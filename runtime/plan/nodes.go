package plan

// Nodes gives a job's nodes, each once, inputs before consumers.
func Nodes(job *Job) []Node {
	var out []Node
	seen := map[Node]bool{}
	var visit func(Node)
	visit = func(n Node) {
		if seen[n] {
			return
		}
		seen[n] = true
		for _, in := range n.Inputs() {
			visit(in)
		}
		out = append(out, n)
	}
	for _, s := range job.Sinks {
		visit(s)
	}
	return out
}

// Stateful reports whether an operator keeps rows between batches, which it loses where it does not find them
// again in a checkpoint. Local phases hold rows back only until the next barrier.
func Stateful(n Node) bool {
	switch n := n.(type) {
	case *WindowAggregate:
		return n.Phase != Local
	case *GroupAggregate:
		return n.Phase != Local
	case *WindowTableFunction:
		return n.Window.Kind == Session
	case *Source, *Sink, *Values, *Filter, *Project, *Exchange, *UnionAll, *Expand, *Unnest, *Constrain:
		return false
	}
	return true
}
