package checkpoint

import (
	"fmt"
	"strings"

	"github.com/weirstream/weir/runtime/plan"
)

// Comparison says what of a checkpoint a plan goes on with. Nodes of the plan are joined with what the
// checkpoint has by their IDs: fingerprints of what they compute. Tables that are read or written once on either side
// are joined by their names.
type Comparison struct {
	Sources   map[*plan.Source]*Source
	Sinks     map[*plan.Sink]*Sink
	Operators map[plan.Node]*Operator
	Lost      []Item // what the checkpoint has and the plan has no place for
	New       []Item // what begins empty or at the beginning
}

// Item is a part of a job that has something to lose.
type Item struct {
	Kind string // "table", "operator", "sink"
	Name string
	ID   string
	What string // what is lost, or how it begins
}

func (i Item) String() string {
	if i.Kind == "operator" {
		return fmt.Sprintf("operator %s (%s): %s", i.Name, i.ID, i.What)
	}
	return fmt.Sprintf("%s %s: %s", i.Kind, i.Name, i.What)
}

// Compare holds a checkpoint against a plan.
func Compare(c *Checkpoint, job *plan.Job) *Comparison {
	out := &Comparison{Sources: map[*plan.Source]*Source{}, Sinks: map[*plan.Sink]*Sink{}, Operators: map[plan.Node]*Operator{}}
	nodes := plan.Nodes(job)
	out.sources(c, nodes)
	out.operators(c, nodes)
	out.sinks(c, job)
	return out
}

func (x *Comparison) sources(c *Checkpoint, nodes []plan.Node) {
	var sources []*plan.Source
	var there []named
	for _, n := range nodes {
		if s, ok := n.(*plan.Source); ok {
			sources, there = append(sources, s), append(there, named{s.ID, s.Table})
		}
	}
	var here []named
	for _, s := range c.Sources {
		here = append(here, named{s.ID, s.Table})
	}
	of := pair(there, here)
	used := map[int]bool{}
	for i, s := range sources {
		if of[i] < 0 {
			x.New = append(x.New, Item{"table", s.Table, s.ID, "is read from its beginning"})
			continue
		}
		used[of[i]] = true
		x.Sources[s] = &c.Sources[of[i]]
	}
	for i, s := range c.Sources {
		if !used[i] {
			x.Lost = append(x.Lost, Item{"table", s.Table, s.ID, s.progress()})
		}
	}
}

func (x *Comparison) operators(c *Checkpoint, nodes []plan.Node) {
	byID := map[string]plan.Node{}
	for _, n := range nodes {
		byID[n.Properties().ID] = n
	}
	kept := map[string]bool{}
	for i := range c.Operators {
		o := &c.Operators[i]
		if n, ok := byID[o.ID]; ok {
			kept[o.ID] = true
			x.Operators[n] = o
		} else if len(o.Tables) > 0 {
			x.Lost = append(x.Lost, Item{"operator", o.Name, o.ID, "its state: " + o.tables()})
		}
	}
	for _, n := range nodes {
		if id := n.Properties().ID; plan.Stateful(n) && !kept[id] {
			x.New = append(x.New, Item{"operator", n.Name(), id, "begins without state"})
		}
	}
}

func (x *Comparison) sinks(c *Checkpoint, job *plan.Job) {
	var there, here []named
	for _, s := range job.Sinks {
		there = append(there, named{s.ID, s.Table})
	}
	for _, s := range c.Sinks {
		here = append(here, named{s.ID, s.Table})
	}
	of := pair(there, here)
	used := map[int]bool{}
	for i, s := range job.Sinks {
		if of[i] >= 0 {
			used[of[i]] = true
			x.Sinks[s] = &c.Sinks[of[i]]
		}
	}
	for i, s := range c.Sinks {
		if !used[i] && len(s.Committables) > 0 && !c.Committed {
			x.Lost = append(x.Lost, Item{"sink", s.Table, s.ID, fmt.Sprintf("%d commits that are not known to be done", len(s.Committables))})
		}
	}
}

func (s *Source) progress() string {
	if len(s.Splits)+len(s.Finished) == 0 {
		return "how far it has been read"
	}
	return fmt.Sprintf("how far it has been read (%d splits begun, %d finished)", len(s.Splits), len(s.Finished))
}

func (o *Operator) tables() string {
	var out []string
	for _, t := range o.Tables {
		var cols []string
		for _, c := range append(append([]Column(nil), t.Key...), t.Value...) {
			cols = append(cols, c.Name)
		}
		name := t.Name
		if len(cols) > 0 {
			name += " (" + strings.Join(cols, ", ") + ")"
		}
		out = append(out, name)
	}
	return strings.Join(out, ", ")
}

type named struct{ id, name string }

// pair finds, for each of want, which of have it goes on with: the one of the same ID, else the one of the same
// name where that is beyond doubt; -1 for none.
func pair(want, have []named) []int {
	out := make([]int, len(want))
	taken := make([]bool, len(have))
	for i, w := range want {
		out[i] = -1
		for j, h := range have {
			if h == w && !taken[j] {
				out[i], taken[j] = j, true
				break
			}
		}
	}
	for i, w := range want {
		if out[i] >= 0 {
			continue
		}
		free, rivals := -1, 0
		for j, h := range have {
			if h.name == w.name && !taken[j] {
				free, rivals = j, rivals+1
			}
		}
		for k, other := range want {
			if k != i && out[k] < 0 && other.name == w.name {
				rivals++
			}
		}
		if rivals == 1 {
			out[i], taken[free] = free, true
		}
	}
	return out
}

// ForeignError is a checkpoint that has nothing in common with the job.
type ForeignError struct {
	Path string // of the manifest
	Name string // of the job that it belongs to
}

func (e *ForeignError) Error() string {
	return fmt.Sprintf("the checkpoint '%s' belongs to another job, '%s': no table and no operator of this one is in it", e.Path, e.Name)
}

// LostError is a checkpoint that holds what the job has no place for.
type LostError struct {
	Path string
	Lost []Item
}

func (e *LostError) Error() string {
	text := fmt.Sprintf("the script has changed since the checkpoint '%s' was taken, and this of it would be lost:", e.Path)
	for _, i := range e.Lost {
		text += "\n  " + i.String()
	}
	return text
}

// Check refuses a checkpoint that a plan cannot go on from: another job's, one with another number of key groups,
// or, unless drop is set, one of which something would be lost.
func (c *Checkpoint) Check(job *plan.Job, drop bool) (*Comparison, error) {
	x := Compare(c, job)
	path := c.Path()
	if len(x.Sources)+len(x.Operators) == 0 && len(c.Sources)+len(c.Operators) > 0 {
		return nil, &ForeignError{path, c.Name}
	}
	if groups := job.Config.MaxGroups; groups != c.MaxParallelism && len(c.Files) > 0 {
		return nil, fmt.Errorf("the checkpoint '%s' was taken with 'pipeline.max-parallelism' = '%d', and the job has %d: it is fixed for the life of a state", path, c.MaxParallelism, groups)
	}
	if len(x.Lost) > 0 && !drop {
		return nil, &LostError{path, x.Lost}
	}
	return x, nil
}
