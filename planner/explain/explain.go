// Package explain prints plans as trees, for EXPLAIN and for tests.
//
// A node is two lines: what it does, and what comes out of it (columns, kinds of changes,
// keys, watermark, parallelism). A part that several others read is printed once with a
// number, and referred to by it. Enter at Physical and Logical.
package explain

import (
	"fmt"
	"strings"

	"github.com/weirstream/weir/planner/logical"
	"github.com/weirstream/weir/runtime/plan"
	"github.com/weirstream/weir/runtime/vec"
)

// Physical prints a job's operators; verbose adds their fingerprints.
func Physical(job *plan.Job, verbose bool) string {
	t := &tree[plan.Node]{
		children: func(n plan.Node) []plan.Node { return n.Inputs() },
		what:     func(n plan.Node) string { return title(n.Name(), n.Attrs()) },
		out:      func(n plan.Node) string { return outcome(n, verbose) },
	}
	roots := make([]plan.Node, len(job.Sinks))
	for i, s := range job.Sinks {
		roots[i] = s
	}
	return t.print(roots)
}

// Logical prints a logical plan.
func Logical(roots []logical.Node) string {
	t := &tree[logical.Node]{
		children: func(n logical.Node) []logical.Node {
			if s, ok := n.(*logical.Shared); ok {
				return []logical.Node{s.Block.Root}
			}
			return n.Children()
		},
		what: func(n logical.Node) string { return title(n.Name(), n.Attrs()) },
		skip: func(n logical.Node) bool { _, ok := n.(*logical.Shared); return ok },
	}
	return t.print(roots)
}

func title(name string, attrs []plan.Attr) string {
	var b strings.Builder
	b.WriteString(name)
	for _, a := range attrs {
		b.WriteString(" " + a.Key + "=" + a.Value)
	}
	return b.String()
}

// outcome describes a node's result.
func outcome(n plan.Node, verbose bool) string {
	p := n.Properties()
	s := Schema(p.Schema) + " changes=" + p.Changes.String()
	if len(p.UpsertKeys) > 0 {
		s += " key=[" + columns(p.Schema, p.UpsertKeys[0]) + "]"
	}
	if p.Rowtime >= 0 {
		s += " watermark=" + p.Schema[p.Rowtime].Name
	}
	s += fmt.Sprintf(" parallelism=%d", p.Parallelism)
	if verbose {
		s += " id=" + p.ID
	}
	return s
}

// Schema prints columns: (a INT, b STRING NOT NULL).
func Schema(s vec.Schema) string {
	parts := make([]string, len(s))
	for i, f := range s {
		parts[i] = f.Name + " " + f.Type.String()
	}
	return "(" + strings.Join(parts, ", ") + ")"
}

func columns(s vec.Schema, is []int) string {
	parts := make([]string, len(is))
	for i, c := range is {
		parts[i] = s[c].Name
	}
	return strings.Join(parts, ", ")
}
