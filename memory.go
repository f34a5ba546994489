package weir

import (
	"os"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"sync"
	"time"

	"github.com/weirstream/weir/runtime/vec/pages"
)

// programPages is what a process has resident beside its heap: pages of its file.
const programPages = 16 << 20

// BoundMemory keeps the whole process, as far as it can, within what the job's state may take (weir.memory): it has the garbage collector run
// more often when memory comes near that, and gives pages of the program's file that are not in use back to the kernel, which is all that
// it does for a job without a bound. Several jobs of a process have the sum of what they may take; behind the last one with a bound the collector's limit is
// what it was. It is for a program that does nothing beside its jobs, as weir run. It does nothing where the environment has a GOMEMLIMIT.
func (j *Job) BoundMemory() {
	if os.Getenv("GOMEMLIMIT") != "" {
		return
	}
	process.bound(max(j.memory, 0), j.Done())
}

// process is what this process has resident. There is one limit of the collector, and so one of this.
var process residence

// residence bounds what a process has resident while its jobs run. The collector has a limit while some of them have a bound. It gives way to what is in use: a
// collector whose limit is below that would do nothing else.
type residence struct {
	mu      sync.Mutex
	jobs    int
	budget  int64 // of them all; 0 if none has a bound
	limit   int64
	before  int64 // the limit that there was without them
	samples []metrics.Sample
	program *program
	left    time.Time // when its pages were left last
	watched bool      // again is called behind the next collection
}

// leaveEvery is how often pages of the program are left at most: that costs one or two milliseconds, with their coming back.
const leaveEvery = 250 * time.Millisecond

// bound adds the budget of a job, 0 for one without a bound, until that has ended.
func (r *residence) bound(budget int64, ended <-chan struct{}) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.budget == 0 {
		r.before = debug.SetMemoryLimit(-1)
	}
	if r.program == nil {
		r.program, _ = findProgram() // without it the job runs as well
		for _, name := range []string{"/gc/heap/live:bytes", "/memory/classes/total:bytes", "/memory/classes/heap/released:bytes", "/memory/classes/heap/free:bytes", "/memory/classes/heap/objects:bytes"} {
			r.samples = append(r.samples, metrics.Sample{Name: name})
		}
	}
	r.jobs++
	r.budget += budget
	r.keep()
	r.watch()
	go func() {
		<-ended
		r.release(budget)
	}()
}

// release takes the budget of a job away again.
func (r *residence) release(budget int64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.jobs--
	r.budget -= budget
	switch {
	case budget == 0:
	case r.budget > 0:
		r.setLimit()
	default:
		if debug.SetMemoryLimit(-1) == r.limit { // nobody else has set another
			debug.SetMemoryLimit(r.before)
		}
		r.limit = 0
	}
}

// keep sets the limit, and leaves pages of the program.
func (r *residence) keep() {
	if r.budget > 0 {
		r.setLimit()
	}
	if now := time.Now(); now.Sub(r.left) >= leaveEvery {
		r.left = now
		_ = r.program.leave()
	}
}

// setLimit sets the limit: the memory it is for, but for what lies beside the heap (package pages), or a quarter above what was in use.
func (r *residence) setLimit() {
	metrics.Read(r.samples)
	value := func(i int) int64 { return int64(r.samples[i].Value.Uint64()) }
	live, beside := value(0), value(1)-value(2)-value(3)-value(4) // stacks, what the runtime needs for itself, and holes
	least := r.budget - min(programPages, r.budget/4) - pages.Held()
	if limit := max(least, live+live/4+beside); limit != r.limit {
		r.limit = limit
		debug.SetMemoryLimit(limit)
	}
}

// watch has again called behind the next collection.
func (r *residence) watch() {
	if !r.watched {
		r.watched = true
		runtime.AddCleanup(new([64]byte), (*residence).again, r)
	}
}

// again is called behind a collection.
func (r *residence) again() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.watched = false
	if r.jobs > 0 {
		r.keep()
		r.watch()
	}
}
