package checkpoint

import "github.com/weirstream/weir/runtime/plan"

// Of describes a plan as a checkpoint of it would, without positions and state: to be compared with another plan.
func Of(job *plan.Job) *Checkpoint {
	m := &Manifest{Name: job.Name, MaxParallelism: job.Config.MaxGroups}
	for _, n := range plan.Nodes(job) {
		switch s := n.(type) {
		case *plan.Source:
			m.Sources = append(m.Sources, Source{ID: s.ID, Table: s.Table})
		case *plan.Sink:
			m.Sinks = append(m.Sinks, Sink{ID: s.ID, Table: s.Table, Guarantee: string(s.Sink.Guarantee())})
		}
		if plan.Stateful(n) {
			m.Operators = append(m.Operators, Operator{ID: n.Properties().ID, Name: n.Name(), Tables: []Table{{Name: "all of it"}}})
		}
	}
	return &Checkpoint{Manifest: m}
}
