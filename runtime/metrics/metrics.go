// Package metrics is what a running job says about itself: rows, bytes and busy time of
// every operator, watermarks of operators and splits, rows that came late or could not
// be decoded.
//
// The task layer makes a Job, registers operators (Job.Operator, Measure) and sources
// (Job.Source) and writes; anybody may read a Snapshot at any time. Numbers are atomic:
// written by one goroutine a subtask, once a batch.
package metrics

import (
	"math"
	"sync"
	"sync/atomic"
)

// Counter only grows. It is an op.Counter.
type Counter struct{ n atomic.Int64 }

// Add adds n.
func (c *Counter) Add(n int64) { c.n.Add(n) }

// Load gives the count.
func (c *Counter) Load() int64 { return c.n.Load() }

// NoWatermark is the watermark of what has none yet.
const NoWatermark = math.MinInt64

// Mark is a watermark, in milliseconds.
type Mark struct{ v atomic.Int64 }

// Store sets it.
func (m *Mark) Store(wm int64) { m.v.Store(wm) }

// Load gives it.
func (m *Mark) Load() int64 { return m.v.Load() }

// Job holds the numbers of one run.
type Job struct {
	mu        sync.Mutex
	operators []*Operator
	sources   []*Source
	sinks     []*Sink
}

// Operator registers a subtask of the operator called name. The id is that of the plan's
// node; order sorts operators in a Snapshot.
func (j *Job) Operator(id, name string, order, subtask int) *Operator {
	o := &Operator{id: id, name: name, order: order, subtask: subtask}
	o.Watermark.Store(NoWatermark)
	j.mu.Lock()
	defer j.mu.Unlock()
	j.operators = append(j.operators, o)
	return o
}

// Source registers a source of the table; the id is that of the plan's node.
func (j *Job) Source(id, table string) *Source {
	s := &Source{id: id, table: table, splits: map[string]*Split{}}
	j.mu.Lock()
	defer j.mu.Unlock()
	j.sources = append(j.sources, s)
	return s
}

// Sink registers a sink of the table, or gives the one that there is; the id is that of the plan's node.
func (j *Job) Sink(id, table string) *Sink {
	j.mu.Lock()
	defer j.mu.Unlock()
	for _, s := range j.sinks {
		if s.id == id && s.table == table {
			return s
		}
	}
	s := &Sink{id: id, table: table}
	j.sinks = append(j.sinks, s)
	return s
}
