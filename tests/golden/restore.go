package golden

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"sync"

	"github.com/weirstream/weir"
	"github.com/weirstream/weir/sql/settings"
)

// marked reports whether the case says where it is stopped and restored.
func (c *Case) marked() bool { return len(c.sections("restore")) > 0 }

// unrestorable says why a case that keeps state cannot be stopped in the middle and restored; "": it can. Seen is how an
// undisturbed run of it went.
func (c *Case) unrestorable(seen *outcome) string {
	switch {
	case len(c.sections("input")) == 0:
		return "it has no input section, and so no place to stop at"
	case seen.jobs > 1:
		return "its script has several jobs, and a state folder belongs to one"
	}
	return ""
}

// checkRestores refuses a '-- restore --' with a parallelism that cannot be, or with nothing to stop.
func (f *File) checkRestores(c *Case) error {
	for _, s := range c.sections("restore") {
		if len(c.sections("input")) == 0 {
			return fmt.Errorf("%s:%d: there is no '-- input TABLE --' whose rows '-- restore --' could stand between", f.Path, s.Line)
		}
		if s.Text() != "" {
			return fmt.Errorf("%s:%d: text under '-- restore --': rows that come behind it have an '-- input TABLE --' of their own", f.Path, s.Line)
		}
		if n, err := strconv.Atoi(s.Arg); s.Arg != "" && (err != nil || n < 1 || n > settings.MaxTasks) {
			return fmt.Errorf("%s:%d: '-- restore %s --': give a parallelism from 1 to %d, or none", f.Path, s.Line, s.Arg, settings.MaxTasks)
		}
	}
	return nil
}

// run is one of the runs of a case: an undisturbed case has one, each stop adds another.
type run struct {
	number      int // from 0
	parallelism int
	last        bool           // it ends with its input; the others are stopped
	ends        map[string]int // the rows of each table up to its end
	order       *order         // nil: tables have no order

	mu      sync.Mutex
	sources map[*inputSource]bool // those being read; true: has come to its stop
	stopped chan struct{}         // closed when all have
}

// runs plans the runs of a variant.
func (c *Case) runs(v Variant, ordered bool) ([]*run, error) {
	blocks, marks, err := c.blocks()
	if err != nil {
		return nil, err
	}
	rows := 0
	for _, b := range blocks {
		rows += b.end - b.first
	}
	out := []*run{}
	from := 0
	add := func(parallelism, to int) {
		r := &run{
			number: len(out), parallelism: parallelism, ends: map[string]int{}, sources: map[*inputSource]bool{}, stopped: make(chan struct{}),
		}
		for _, b := range cut(blocks, 0, to) {
			r.ends[b.table] = b.end
		}
		if ordered {
			r.order = &order{blocks: cut(blocks, from, to)}
		}
		out, from = append(out, r), to
	}
	parallelism := v.Parallelism
	restores := c.sections("restore")
	for i := range max(len(v.Stops), len(restores)) {
		switch {
		case len(v.Stops) == 0: // undisturbed
		case len(restores) == 0:
			add(parallelism, int(v.Stops[i].At*float64(rows)))
			parallelism = v.Stops[i].Parallelism
		case i < len(restores):
			add(parallelism, marks[i])
			parallelism = c.goesOn(restores[i], v, i)
		}
	}
	add(parallelism, rows)
	out[len(out)-1].last = true
	return out, nil
}

// goesOn gives the parallelism behind a '-- restore --': its own, or those of the variant in turn.
func (c *Case) goesOn(mark *Section, v Variant, i int) int {
	if n, err := strconv.Atoi(mark.Arg); err == nil {
		return n
	}
	if i%(len(v.Stops)+1) == len(v.Stops) {
		return v.Parallelism
	}
	return v.Stops[i%(len(v.Stops)+1)].Parallelism
}

// stopping stops the job when all its inputs have come to where the run stops. Call done when the job has ended.
func (r *run) stopping(job *weir.Job) (done func()) {
	var wait sync.WaitGroup
	wait.Go(func() {
		select {
		case <-r.stopped:
			_ = job.Stop() // who waits for the job gets the error
		case <-job.Done():
		}
	})
	return wait.Wait
}

// until gives how far a source whose next row is next may read now; over says that it has come to where the run ends.
func (r *run) until(s *inputSource, next int) (end int, over bool) {
	if r.order != nil {
		return r.order.until(s, next)
	}
	return r.ends[s.table], true
}

// reading gives the sources that are being read.
func (r *run) reading() []*inputSource {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Collect(maps.Keys(r.sources))
}

// begin says that a source is going to be read: the run goes on at least until that has come to its stop.
func (r *run) begin(s *inputSource) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.sources[s] = false
}

// reached says that a source has come to its stop.
func (r *run) reached(s *inputSource) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.sources[s] {
		return
	}
	r.sources[s] = true
	for _, there := range r.sources {
		if !there {
			return
		}
	}
	close(r.stopped)
}
