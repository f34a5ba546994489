// Package why says why a window has not fired: for every operator that waits for event time, its watermark, which
// split or input holds it back and since when, what waits, and what came too late. It looks at the plan and at
// the job's numbers alone; operators know nothing of it.
//
// Enter at Make; Report.String is the report as a user reads it.
package why

import (
	"math"
	"time"

	"github.com/weirstream/weir/runtime/metrics"
	"github.com/weirstream/weir/runtime/op"
	"github.com/weirstream/weir/runtime/plan"
)

// Report is the state of a job's event time at one moment.
type Report struct {
	At        time.Time
	Operators []Operator // inputs before consumers
}

// Operator is one that holds rows until event time has moved on.
type Operator struct {
	ID, Name string
	What     string // its window, order or frame, as EXPLAIN shows it
	// Watermark is the lowest of its subtasks', metrics.NoWatermark before the first, op.MaxWatermark after the end of
	// all input; Moved is when it last moved.
	Watermark int64
	Moved     time.Time
	// Holder is what holds the watermark back; nil where nothing does.
	Holder  *Holder
	Waiting []op.Waiting // the earliest first
	Late    int64        // rows dropped
}

// Holder is the split or the table that event time waits for.
type Holder struct {
	Table string
	Split string // "" where the table has no open split
	// Read says that all splits found so far have been read to their end, and more may come.
	Read bool
	// Watermark, Moved, LastRow and Rows are the split's.
	Watermark int64
	Moved     time.Time
	LastRow   time.Time
	Rows      int64
	// Idle says that all splits are idle: the watermark stands where the furthest came to.
	Idle        bool
	IdleTimeout time.Duration // of the table, 0: none
	// Flowing says that the splits are ahead of the operator: rows are on their way to it.
	Flowing bool
}

// Make makes the report of a job that runs the plan.
func Make(job *plan.Job, s metrics.Snapshot, now time.Time) Report {
	r := Report{At: now}
	m := maker{sources: map[string]*metrics.SourceStatus{}, operators: map[string]*metrics.OperatorStatus{}, seen: map[plan.Node]bool{}}
	for i := range s.Sources {
		m.sources[s.Sources[i].ID] = &s.Sources[i]
	}
	for i := range s.Operators {
		if o := &s.Operators[i]; o.ID != "" {
			m.operators[o.ID] = o
		}
	}
	for _, sink := range job.Sinks {
		m.visit(sink, &r)
	}
	return r
}

type maker struct {
	sources   map[string]*metrics.SourceStatus
	operators map[string]*metrics.OperatorStatus
	seen      map[plan.Node]bool
}

func (m *maker) visit(n plan.Node, r *Report) {
	if m.seen[n] {
		return
	}
	m.seen[n] = true
	for _, in := range n.Inputs() {
		m.visit(in, r)
	}
	st := m.operators[n.Properties().ID]
	if st == nil || !waits(n) {
		return
	}
	o := Operator{ID: st.ID, Name: n.Name(), What: what(n), Watermark: st.Watermark, Moved: st.Moved, Waiting: st.Waiting, Late: st.Late}
	if w, ok := n.(*plan.WindowAggregate); ok && w.Phase == plan.Global {
		o.Name = "WindowAggregate"
		if local := localOf(w.Input); local != nil {
			if ls := m.operators[local.Properties().ID]; ls != nil {
				for _, x := range ls.Waiting {
					st.Wait(x)
				}
				o.Waiting = st.Waiting
				o.What = what(local)
			}
		}
	}
	if o.Watermark != op.MaxWatermark {
		o.Holder = m.holder(n, o.Watermark)
	}
	r.Operators = append(r.Operators, o)
}

// localOf finds the first half of an aggregation, before the exchange.
func localOf(n plan.Node) plan.Node {
	for {
		switch x := n.(type) {
		case *plan.Exchange:
			n = x.Input
		case *plan.WindowAggregate:
			return x
		default:
			return nil
		}
	}
}

// waits reports whether an operator holds rows until event time has moved on.
func waits(n plan.Node) bool {
	switch n := n.(type) {
	case *plan.WindowAggregate:
		return !n.Window.ProcTime && n.Phase != plan.Local
	case *plan.WindowTableFunction:
		return n.Window.Kind == plan.Session && !n.Window.ProcTime
	case *plan.Over:
		return !n.ProcTime
	case *plan.Deduplicate:
		return !n.ProcTime && !n.Last
	case *plan.Sort, *plan.WindowTopN:
		return true
	}
	return false
}

// what gives the attributes that say what an operator is about.
func what(n plan.Node) string {
	for _, a := range n.Attrs() {
		switch a.Key {
		case "window", "order", "by":
			return a.Value
		}
	}
	return ""
}

// holder finds which source holds an operator's watermark back.
func (m *maker) holder(n plan.Node, wm int64) *Holder {
	var found *Holder
	seen := map[plan.Node]bool{}
	var visit func(n plan.Node)
	visit = func(n plan.Node) {
		if seen[n] {
			return
		}
		seen[n] = true
		if src, ok := n.(*plan.Source); ok && src.Watermark != nil {
			if st := m.sources[src.ID]; st != nil {
				if h := behind(st, src); h != nil && (found == nil || h.Watermark < found.Watermark) {
					found = h
				}
			}
		}
		for _, in := range n.Inputs() {
			visit(in)
		}
	}
	visit(n)
	if found != nil {
		found.Flowing = found.Watermark != metrics.NoWatermark && found.Watermark > wm && !found.Idle
	}
	return found
}

// behind gives the split of a source that is furthest behind; nil where all of the table has been read.
func behind(s *metrics.SourceStatus, src *plan.Source) *Holder {
	if len(s.Splits) == 0 {
		if src.Source.Bounded() {
			return nil
		}
		return &Holder{Table: s.Table, Watermark: metrics.NoWatermark, Rows: s.Rows, Read: true}
	}
	timeout := src.IdleTimeout
	var out *Holder
	idle := true
	for i := range s.Splits {
		p := &s.Splits[i]
		idle = idle && !p.IdleSince.IsZero()
		if !p.IdleSince.IsZero() || out != nil && p.Watermark >= out.Watermark {
			continue
		}
		out = &Holder{Table: s.Table, Split: p.ID, Watermark: p.Watermark, Moved: p.Moved, LastRow: p.LastRow, Rows: p.Rows, IdleTimeout: timeout}
	}
	if out == nil && idle {
		out = &Holder{Table: s.Table, Idle: true, Watermark: math.MinInt64, IdleTimeout: timeout}
		for i := range s.Splits {
			if p := &s.Splits[i]; p.Watermark >= out.Watermark {
				out.Split, out.Watermark, out.Moved, out.LastRow = p.ID, p.Watermark, p.Moved, p.LastRow
			}
		}
	}
	return out
}
