package display

import (
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/weirstream/weir"
)

// Retries tells while a job runs that stores of its sinks refuse records, which are written again and again: such a job reads on until
// its buffers are full, then stands still.
type Retries struct {
	w    io.Writer
	seen map[string]*retried // by the sink's id
}

// retried is what was told of a sink.
type retried struct {
	records int64
	at      time.Time
}

// How often it is looked whether records are refused, and how often that is told of one sink.
const (
	lookForRetries  = time.Second
	retriesPerAlarm = 30 * time.Second
)

// NewRetries makes one that writes to w.
func NewRetries(w io.Writer) *Retries { return &Retries{w: w, seen: map[string]*retried{}} }

// Watch follows a job until the returned function is called.
func (r *Retries) Watch(job *weir.Job) (stop func()) {
	quit := make(chan struct{})
	var wait sync.WaitGroup
	wait.Go(func() {
		ticker := time.NewTicker(lookForRetries)
		defer ticker.Stop()
		for {
			select {
			case <-quit:
				return
			case now := <-ticker.C:
				r.look(now, job.Metrics())
			}
		}
	})
	return func() {
		close(quit)
		wait.Wait()
	}
}

// look tells of the sinks that have had records refused since they were told of last.
func (r *Retries) look(now time.Time, m weir.Metrics) {
	for _, s := range m.Sinks {
		t := r.seen[s.ID]
		if t == nil {
			t = &retried{}
			r.seen[s.ID] = t
		}
		if s.Retried == t.records || !t.at.IsZero() && now.Sub(t.at) < retriesPerAlarm {
			continue
		}
		t.records, t.at = s.Retried, now
		fmt.Fprintf(r.w, "weir: warning: table %s: %s refused so far, and written again: %v\n", s.Table, counted(int(s.Retried), "record"), s.Cause)
	}
}
