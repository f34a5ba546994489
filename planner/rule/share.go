package rule

import (
	"github.com/weirstream/weir/planner/logical"
)

// sharing finds parts that occur several times in a job: scans of one table and equal
// aggregations, which are worth running once. What is cheap in between (filters,
// projections, windows) is left to each consumer, so that the rules can still move it.
type sharing struct {
	c      *Context
	uses   map[string]int
	blocks map[string]*logical.Block
	order  []*logical.Block // every block behind the blocks that its content refers to
}

// candidate reports whether a node is worth sharing, and under which key. Rows are read once
// even where volatile columns are computed of them; whole queries with such functions are
// asked twice when they are written twice.
func (s *sharing) candidate(n logical.Node) (string, bool) {
	switch n.(type) {
	case *logical.Scan:
		key, _ := logical.Key(n)
		return key, s.c.ShareSources
	case *logical.Aggregate:
		key, ok := logical.Key(n)
		return key, ok && s.c.Share
	}
	return "", false
}

// count counts how often each candidate is used. Within a candidate only the first use counts: the
// others are uses of the whole.
func (s *sharing) count(n logical.Node) {
	if key, ok := s.candidate(n); ok {
		s.uses[key]++
		if s.uses[key] > 1 {
			return
		}
	}
	for _, c := range n.Children() {
		s.count(c)
	}
}

// cut puts a reference to a block in the place of every candidate that is used more than
// once.
func (s *sharing) cut(n logical.Node) logical.Node {
	key, ok := s.candidate(n)
	if ok && s.uses[key] > 1 {
		if s.blocks[key] == nil {
			root := logical.MapChildren(n, s.cut)
			b := &logical.Block{ID: len(s.order) + 1, Root: root}
			s.blocks[key] = b
			s.order = append(s.order, b)
		}
		s.c.Note("share-sub-plans")
		return logical.NewShared(s.blocks[key])
	}
	return logical.MapChildren(n, s.cut)
}
