package yardstick

import (
	"os/exec"
	"time"

	"github.com/weirstream/weir/tests/peers/process"
)

// cost is what a run took.
type cost struct {
	wall, cpu time.Duration
	peak      int64 // bytes of resident memory at most
}

// least gives the least of what two runs took, each for itself.
func (c cost) least(d cost) cost {
	return cost{wall: min(c.wall, d.wall), cpu: min(c.cpu, d.cpu), peak: min(c.peak, d.peak)}
}

// runCounted runs a process to its end. Its peak is asked for every few milliseconds, because the one that
// the kernel gives at the end counts in the memory of the process that started it.
func runCounted(cmd *exec.Cmd) (cost, error) {
	begin := time.Now()
	if err := cmd.Start(); err != nil {
		return cost{}, err
	}
	p, ended, peak := process.ID(cmd.Process.Pid), make(chan struct{}), make(chan int64)
	go func() {
		var most int64
		for {
			if n, err := p.Peak(); err == nil { // none once the process has ended
				most = max(most, n)
			}
			select {
			case <-ended:
				peak <- most
				return
			case <-time.After(5 * time.Millisecond):
			}
		}
	}()
	err := cmd.Wait()
	c := cost{wall: time.Since(begin), cpu: cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()}
	close(ended)
	c.peak = <-peak
	return c, err
}
