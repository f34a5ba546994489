package rule

import (
	"slices"

	"github.com/weirstream/weir/planner/logical"
)

// Optimise rewrites the sinks of a job together. Shared parts come out as Shared leaves that
// refer to one Block each.
func Optimise(c *Context, sinks []logical.Node) ([]logical.Node, error) {
	j := &job{c: c, roots: slices.Clone(sinks)}
	j.share()
	if err := j.run(simplify, windows, simplify); err != nil {
		return nil, err
	}
	j.watermarks()
	j.prune()
	if err := j.run(late); err != nil {
		return nil, err
	}
	j.prune()
	err := j.run(cleanup)
	return j.roots, err
}

// run applies batches to every sink and every block.
func (j *job) run(batches ...batch) error {
	for _, b := range batches {
		if err := j.each(func(n logical.Node) (logical.Node, error) { return j.c.run(b, n) }); err != nil {
			return err
		}
	}
	return nil
}

// job is what is rewritten: the sinks, and the blocks that they share, each behind those
// that it refers to.
type job struct {
	c      *Context
	roots  []logical.Node
	blocks []*logical.Block
}

// share cuts the job at what occurs several times.
func (j *job) share() {
	s := &sharing{c: j.c, uses: map[string]int{}, blocks: map[string]*logical.Block{}}
	for _, r := range j.roots {
		s.count(r)
	}
	for i, r := range j.roots {
		j.roots[i] = s.cut(r)
	}
	j.blocks = s.order
}

// each rewrites every sink and every block by itself.
func (j *job) each(f func(logical.Node) (logical.Node, error)) error {
	var err error
	for i := range j.roots {
		if j.roots[i], err = f(j.roots[i]); err != nil {
			return err
		}
	}
	for _, b := range j.blocks {
		if b.Root, err = f(b.Root); err != nil {
			return err
		}
	}
	return nil
}

// watermarks drops those for which nobody waits.
func (j *job) watermarks() {
	e := &eventTime{scans: map[*logical.Scan]bool{}, blocks: map[*logical.Block]bool{}}
	for _, r := range j.roots {
		e.visit(r, false)
	}
	for _, b := range slices.Backward(j.blocks) {
		e.visit(b.Root, e.blocks[b])
	}
	for i := range j.roots {
		j.roots[i] = j.c.dropWatermarks(j.roots[i], e)
	}
	for _, b := range j.blocks {
		b.Root = j.c.dropWatermarks(b.Root, e)
	}
}

// prune goes over the job twice: from the sinks down to learn what is read of every block, then
// from the sources up.
func (j *job) prune() {
	before := j.width()
	p := &pruner{need: map[*logical.Block]columns{}}
	for _, r := range j.roots {
		p.prune(r, allColumns(r))
	}
	for _, b := range slices.Backward(j.blocks) {
		p.prune(b.Root, p.needOf(b))
	}
	p.done = map[*logical.Block]pruned{}
	for _, b := range j.blocks {
		r := p.prune(b.Root, p.needOf(b))
		b.Root = r.node
		p.done[b] = pruned{logical.NewShared(b), r.where}
	}
	for i, r := range j.roots {
		j.roots[i] = p.prune(r, allColumns(r)).node
	}
	if j.width() != before {
		j.c.Note("prune-columns")
	}
}

func (p *pruner) needOf(b *logical.Block) columns {
	if n := p.need[b]; n != nil {
		return n
	}
	return noColumns(b.Root)
}

// width counts the columns of all nodes: it shrinks when columns are pruned.
func (j *job) width() int {
	w := 0
	count := func(n logical.Node) bool {
		w += len(n.Schema())
		if s, ok := n.(*logical.Scan); ok {
			w += len(s.Columns)
		}
		return true
	}
	for _, r := range j.roots {
		logical.Walk(r, count)
	}
	for _, b := range j.blocks {
		logical.Walk(b.Root, count)
	}
	return w
}
