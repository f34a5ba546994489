package weir

import (
	"math"
	"os"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"time"
)

// programPages is what a process has resident beside its heap: pages of its file.
const programPages = 16 << 20

// BoundMemory keeps the whole process, as far as it can, within what the job's state may take (weir.memory): it has the garbage collector run
// more often when memory comes near that, and gives pages of the program's file that are not in use back to the kernel. It is for a program that does
// nothing beside the job, as weir run. It does nothing for a job without a bound, or where the environment has a GOMEMLIMIT.
func (j *Job) BoundMemory() {
	if j.memory <= 0 || os.Getenv("GOMEMLIMIT") != "" {
		return
	}
	newResidence(j.memory-min(programPages, j.memory/4), j.Done()).keep()
}

// residence bounds what a process has resident, until something has ended. Its limit gives way to what is in use: a collector whose limit is
// below that would do nothing else.
type residence struct {
	least, limit int64
	samples      []metrics.Sample
	program      *program
	left         time.Time // when its pages were left last
	ended        <-chan struct{}
}

// leaveEvery is how often pages of the program are left at most: that costs about a millisecond, with their coming back.
const leaveEvery = 250 * time.Millisecond

func newResidence(least int64, ended <-chan struct{}) *residence {
	r := &residence{least: least, ended: ended}
	r.program, _ = findProgram() // without it the job runs as well
	for _, name := range []string{"/gc/heap/live:bytes", "/memory/classes/total:bytes", "/memory/classes/heap/released:bytes", "/memory/classes/heap/free:bytes", "/memory/classes/heap/objects:bytes"} {
		r.samples = append(r.samples, metrics.Sample{Name: name})
	}
	return r
}

// keep sets the limit, and again behind each collection: the memory it is for, or a quarter above what was in use.
func (r *residence) keep() {
	metrics.Read(r.samples)
	value := func(i int) int64 { return int64(r.samples[i].Value.Uint64()) }
	live, beside := value(0), value(1)-value(2)-value(3)-value(4) // stacks, what the runtime needs for itself, and holes
	if limit := max(r.least, live+live/4+beside); limit != r.limit {
		r.limit = limit
		debug.SetMemoryLimit(limit)
	}
	if now := time.Now(); now.Sub(r.left) >= leaveEvery {
		r.left = now
		_ = r.program.leave()
	}
	runtime.AddCleanup(new([64]byte), (*residence).again, r)
}

// again is called behind a collection.
func (r *residence) again() {
	select {
	case <-r.ended:
		if debug.SetMemoryLimit(-1) == r.limit { // and no other job's
			debug.SetMemoryLimit(math.MaxInt64)
		}
	default:
		r.keep()
	}
}
