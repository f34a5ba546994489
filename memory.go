package weir

import (
	"os"
	"runtime/debug"
)

// minHeadroom is what a process gets beside the memory for state: batches, readers, and the program itself.
const minHeadroom = 64 << 20

// BoundMemory has the garbage collector keep the whole process, as far as it can, within one and a half times what the job's state may
// take (weir.memory), by collecting more often when it comes near, and gives pages of the program that were used to start it back to the
// kernel. It is for a program that does nothing beside the job, as weir run. It does nothing for a job without a bound, or where the environment has a GOMEMLIMIT.
func (j *Job) BoundMemory() {
	if j.memory <= 0 || os.Getenv("GOMEMLIMIT") != "" {
		return
	}
	debug.SetMemoryLimit(j.memory + max(j.memory/2, minHeadroom))
	_ = leaveProgram() // without it the job runs as well
}
