package golden

import (
	"fmt"
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
	stop        *stopAt // nil: the run ends with its input

	mu      sync.Mutex
	sources map[*inputSource]bool // those being read; true: has come to its stop
	stopped chan struct{}         // closed when all have
}

// stopAt is where a run stops: at a '-- restore --', or at a part of every input.
type stopAt struct {
	mark int // the number of the '-- restore --', -1: there is none
	part float64
}

// runs plans the runs of a variant.
func (c *Case) runs(v Variant) []*run {
	parallelism := v.Parallelism
	out := []*run{}
	add := func(stop *stopAt) {
		out = append(out, &run{
			number: len(out), parallelism: parallelism, stop: stop, sources: map[*inputSource]bool{}, stopped: make(chan struct{}),
		})
	}
	marks := c.sections("restore")
	for i := range max(len(v.Stops), len(marks)) {
		switch {
		case len(v.Stops) == 0: // undisturbed
		case len(marks) == 0:
			add(&stopAt{-1, v.Stops[i].At})
			parallelism = v.Stops[i].Parallelism
		case i < len(marks):
			add(&stopAt{mark: i})
			parallelism = c.goesOn(marks[i], v, i)
		}
	}
	add(nil)
	return out
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

// last reports whether the run ends with its input.
func (r *run) last() bool { return r.stop == nil }

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

// stopIn gives how many rows of a table the run gives; marks are how many stand before each '-- restore --'.
func (r *run) stopIn(rows []inputRow, marks []int) int {
	switch {
	case r.last():
		return len(rows)
	case r.stop.mark >= 0:
		return marks[r.stop.mark]
	}
	return int(r.stop.part * float64(len(rows)))
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
