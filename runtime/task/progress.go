package task

import (
	"maps"
	"slices"

	"github.com/weirstream/weir/runtime/checkpoint"
	"github.com/weirstream/weir/runtime/op"
	"github.com/weirstream/weir/runtime/plan"
)

// progress is how far the sources and operators of a job have come, as their tasks have reported it: what a
// manifest says beside the state.
type progress struct {
	sources map[*plan.Source]*sourceProgress
	nodes   map[plan.Node]map[*task]*int64 // watermarks
}

// sourceProgress is how far a source has been read.
type sourceProgress struct {
	reports  map[*task]sourceReport
	finished map[string]bool
	// waiting are splits that a checkpoint has begun and nobody has opened since.
	waiting map[string]checkpoint.Split
}

func newProgress() *progress {
	return &progress{sources: map[*plan.Source]*sourceProgress{}, nodes: map[plan.Node]map[*task]*int64{}}
}

func (p *progress) of(n *plan.Source) *sourceProgress {
	s := p.sources[n]
	if s == nil {
		s = &sourceProgress{reports: map[*task]sourceReport{}, finished: map[string]bool{}, waiting: map[string]checkpoint.Split{}}
		p.sources[n] = s
	}
	return s
}

// restore begins with what a checkpoint says of a source.
func (p *progress) restore(n *plan.Source, from *checkpoint.Source) {
	s := p.of(n)
	for _, sp := range from.Splits {
		s.waiting[sp.ID] = sp
	}
	for _, id := range from.Finished {
		s.finished[id] = true
	}
}

// take notes what a task has reported.
func (p *progress) take(a ack) {
	for _, r := range a.sources {
		s := p.of(r.source)
		s.reports[a.task] = r
		for _, sp := range r.open {
			delete(s.waiting, sp.ID)
		}
		for _, id := range r.finished {
			delete(s.waiting, id)
			s.finished[id] = true
		}
	}
	for _, r := range a.nodes {
		if p.nodes[r.node] == nil {
			p.nodes[r.node] = map[*task]*int64{}
		}
		p.nodes[r.node][a.task] = r.watermark
	}
}

// manifest gives a source's part of a manifest. Finished splits that the source has ceased to list are
// forgotten.
func (s *sourceProgress) manifest(n *plan.Source, listed func(id string) bool) checkpoint.Source {
	out := checkpoint.Source{ID: n.ID, Table: n.Table, Watermark: s.watermark()}
	for id := range s.finished {
		if !listed(id) {
			delete(s.finished, id)
		}
	}
	out.Finished = slices.Sorted(maps.Keys(s.finished))
	for _, r := range s.reports {
		out.Splits = append(out.Splits, r.open...)
	}
	for _, sp := range s.waiting {
		out.Splits = append(out.Splits, sp)
	}
	slices.SortFunc(out.Splits, func(a, b checkpoint.Split) int {
		if a.ID < b.ID {
			return -1
		}
		return 1
	})
	return out
}

// watermark gives the lowest that the subtasks have reached which hold event time back; nil where one of them has none yet.
func (s *sourceProgress) watermark() (low *int64) {
	for _, r := range s.reports {
		switch {
		case !r.active:
		case r.watermark == nil:
			return nil
		case low == nil || *r.watermark < *low:
			low = r.watermark
		}
	}
	return low
}

// watermark gives the lowest that an operator's subtasks have reached; nil where one of them has none.
func (p *progress) watermark(n plan.Node) *int64 {
	low := int64(op.MaxWatermark)
	for _, wm := range p.nodes[n] {
		if wm == nil {
			return nil
		}
		low = min(low, *wm)
	}
	if len(p.nodes[n]) == 0 {
		return nil
	}
	return &low
}

// reached gives a watermark as manifests have it: nil before the first.
func reached(wm int64) *int64 {
	if wm == op.MinWatermark {
		return nil
	}
	return &wm
}
