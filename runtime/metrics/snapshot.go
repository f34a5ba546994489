package metrics

import (
	"cmp"
	"math"
	"slices"
	"time"

	"github.com/weirstream/weir/runtime/op"
)

// Snapshot is a job's numbers at one moment. Numbers of operators are sums over their
// subtasks, watermarks the lowest.
type Snapshot struct {
	Operators []OperatorStatus // sources first, each after its inputs
	Sources   []SourceStatus
	Sinks     []SinkStatus
}

// OperatorStatus is one operator of the plan.
type OperatorStatus struct {
	ID, Name        string
	Parallelism     int
	RowsIn, RowsOut int64
	Batches         int64
	BytesOut        int64
	Late            int64
	Busy            time.Duration // over all subtasks
	Watermark       int64
	// Moved is when the watermark last moved, of the subtask that is behind; zero before.
	Moved time.Time
	// Waits says that the operator holds rows until event time has moved on; Waiting is what it holds, over all
	// subtasks, the earliest first. It is up to a quarter of a second old.
	Waits   bool
	Waiting []op.Waiting
}

// SourceStatus is one source of the plan. Watermark is that of the split that is
// furthest behind among the active ones.
type SourceStatus struct {
	ID, Table       string
	Rows, Bytes     int64
	Rejected        int64
	RejectedSamples []Reject
	Watermark       int64
	Splits          []SplitStatus
}

// SinkStatus is one sink of the plan. Retried counts the records that its store refused, and that were written again; Cause is what it said last.
type SinkStatus struct {
	ID, Table string
	Retried   int64
	Cause     error
}

// SplitStatus is one open split.
type SplitStatus struct {
	ID        string
	Subtask   int
	Rows      int64
	Watermark int64
	IdleSince time.Time // zero: active
	Moved     time.Time // when rows came that moved the watermark; zero: never
	LastRow   time.Time // when rows came last; zero: never
}

// RowsRead sums what all sources have read.
func (s *Snapshot) RowsRead() (rows int64) {
	for i := range s.Sources {
		rows += s.Sources[i].Rows
	}
	return rows
}

// Late sums the rows dropped behind the watermark.
func (s *Snapshot) Late() (rows int64) {
	for i := range s.Operators {
		rows += s.Operators[i].Late
	}
	return rows
}

// Retried sums the records that stores of sinks refused and that were written again.
func (s *Snapshot) Retried() (records int64) {
	for i := range s.Sinks {
		records += s.Sinks[i].Retried
	}
	return records
}

// Watermark is the lowest watermark of the sources that have one; NoWatermark where none
// has.
func (s *Snapshot) Watermark() int64 {
	low := int64(math.MaxInt64)
	for i := range s.Sources {
		if wm := s.Sources[i].Watermark; wm != NoWatermark {
			low = min(low, wm)
		}
	}
	if low == math.MaxInt64 {
		return NoWatermark
	}
	return low
}

// Snapshot reads all numbers.
func (j *Job) Snapshot() Snapshot {
	j.mu.Lock()
	operators := append([]*Operator{}, j.operators...)
	sources := append([]*Source{}, j.sources...)
	sinks := append([]*Sink{}, j.sinks...)
	j.mu.Unlock()

	var s Snapshot
	slices.SortStableFunc(operators, func(a, b *Operator) int {
		return cmp.Or(cmp.Compare(a.order, b.order), cmp.Compare(a.name, b.name))
	})
	for i, o := range operators {
		if i == 0 || operators[i-1].order != o.order || operators[i-1].name != o.name {
			s.Operators = append(s.Operators, OperatorStatus{ID: o.id, Name: o.name, Watermark: math.MaxInt64})
		}
		o.addTo(&s.Operators[len(s.Operators)-1])
	}
	for _, src := range sources {
		s.Sources = append(s.Sources, src.status())
	}
	for _, sink := range sinks {
		s.Sinks = append(s.Sinks, sink.status())
	}
	return s
}

func (o *Operator) addTo(s *OperatorStatus) {
	s.Parallelism++
	s.RowsIn += o.RowsIn.Load()
	s.RowsOut += o.RowsOut.Load()
	s.Batches += o.Batches.Load()
	s.BytesOut += o.BytesOut.Load()
	s.Late += o.Late.Load()
	s.Busy += time.Duration(o.Busy.Load())
	if wm := o.Watermark.Load(); wm < s.Watermark || s.Parallelism == 1 {
		s.Watermark, s.Moved = wm, moment(o.moved.Load())
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	s.Waits = s.Waits || o.waits
	for _, w := range o.waiting {
		s.Wait(w)
	}
}

// Wait adds what waits in a subtask: windows with the same bounds are one.
func (s *OperatorStatus) Wait(w op.Waiting) {
	i, found := slices.BinarySearchFunc(s.Waiting, w, func(a, b op.Waiting) int {
		return cmp.Or(cmp.Compare(a.At, b.At), cmp.Compare(a.Start, b.Start), cmp.Compare(a.End, b.End))
	})
	if found {
		s.Waiting[i].Rows += w.Rows
		s.Waiting[i].Keys += w.Keys
		return
	}
	s.Waiting = slices.Insert(s.Waiting, i, w)
}

// moment gives the time of nanoseconds since the epoch; 0 is none.
func moment(nanos int64) time.Time {
	if nanos == 0 {
		return time.Time{}
	}
	return time.Unix(0, nanos)
}

func (s *Source) status() SourceStatus {
	st := SourceStatus{ID: s.id, Table: s.table, Rows: s.Rows.Load(), Bytes: s.Bytes.Load(), Rejected: s.rejected.Load()}
	s.mu.Lock()
	defer s.mu.Unlock()
	st.RejectedSamples = append(st.RejectedSamples, s.samples...)
	st.Watermark = math.MaxInt64
	for _, p := range s.order {
		split := SplitStatus{
			ID: p.id, Subtask: p.subtask, Rows: p.Rows.Load(), Watermark: p.Watermark.Load(),
			Moved: moment(p.moved.Load()), LastRow: moment(p.lastRow.Load()),
		}
		if since := p.idleSince.Load(); since != 0 {
			split.IdleSince = time.Unix(0, since)
		} else {
			st.Watermark = min(st.Watermark, split.Watermark)
		}
		st.Splits = append(st.Splits, split)
	}
	if st.Watermark == math.MaxInt64 {
		st.Watermark = NoWatermark
	}
	return st
}
