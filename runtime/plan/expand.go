package plan

import "strings"

// Expand gives each row once for each grouping set. Output: the input's columns, then the columns Vary
// once more, NULL where the set leaves them out, then the set's number (BIGINT NOT NULL), one
// of Sets: its highest bit belongs to the first of Vary and is set where that is left out.
type Expand struct {
	Props
	Input Node
	Vary  []int
	Sets  []int64
}

// Leaves reports whether a set leaves entry i of Vary out.
func (n *Expand) Leaves(set int64, i int) bool { return leaves(set, i, len(n.Vary)) }

func leaves(set int64, i, vary int) bool { return set>>(vary-1-i)&1 != 0 }

// Inputs gives the input.
func (n *Expand) Inputs() []Node { return []Node{n.Input} }

// Name gives Expand.
func (n *Expand) Name() string { return "Expand" }

// Attrs gives the sets.
func (n *Expand) Attrs() []Attr {
	in := n.Input.Properties().Schema
	all := make([]string, len(in))
	for i, f := range in {
		all[i] = f.Name
	}
	return attrs{{"sets", GroupingSets(all, n.Vary, n.Sets)}}
}

// GroupingSets prints sets: the names of the columns of each that others leave out.
func GroupingSets(names []string, vary []int, sets []int64) string {
	out := make([]string, len(sets))
	for k, set := range sets {
		var has []string
		for i, c := range vary {
			if !leaves(set, i, len(vary)) {
				has = append(has, names[c])
			}
		}
		out[k] = "(" + strings.Join(has, ", ") + ")"
	}
	return list(out)
}
