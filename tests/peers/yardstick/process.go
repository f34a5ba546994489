package yardstick

import (
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"time"
)

// process is the id of a running process, of which Linux tells in /proc.
type process int

func (p process) file(name string) string { return fmt.Sprintf("/proc/%d/%s", int(p), name) }

// ticks is how many clock ticks of /proc/PID/stat are a second, on every Linux of today.
const ticks = 100

// cpu gives the time of all threads, in user mode and in the kernel.
func (p process) cpu() (time.Duration, error) {
	text, err := os.ReadFile(p.file("stat"))
	if err != nil {
		return 0, err
	}
	_, rest, _ := strings.Cut(string(text), ") ") // the name may hold spaces
	fields := strings.Fields(rest)
	var sum int64
	for _, i := range []int{11, 12} { // utime, stime
		if i >= len(fields) {
			return 0, fmt.Errorf("reading %s: too few fields", p.file("stat"))
		}
		n, err := strconv.ParseInt(fields[i], 10, 64)
		if err != nil {
			return 0, fmt.Errorf("reading %s: %w", p.file("stat"), err)
		}
		sum += n
	}
	return time.Duration(sum) * time.Second / ticks, nil
}

// forgetPeak begins the peak of resident memory anew.
func (p process) forgetPeak() error { return os.WriteFile(p.file("clear_refs"), []byte("5"), 0o600) }

// peak gives the most resident memory, in bytes.
func (p process) peak() (int64, error) {
	text, err := os.ReadFile(p.file("status"))
	if err != nil {
		return 0, err
	}
	_, rest, _ := strings.Cut(string(text), "VmHWM:")
	rest, _, _ = strings.Cut(rest, "kB")
	n, err := strconv.ParseInt(strings.TrimSpace(rest), 10, 64)
	if err != nil {
		return 0, fmt.Errorf("reading VmHWM in %s: %w", p.file("status"), err)
	}
	return n << 10, nil
}

// runCounted runs a process to its end. Its peak is asked for every few milliseconds, because the one that
// the kernel gives at the end counts in the memory of the process that started it.
func runCounted(cmd *exec.Cmd) (cost, error) {
	begin := time.Now()
	if err := cmd.Start(); err != nil {
		return cost{}, err
	}
	p, ended, peak := process(cmd.Process.Pid), make(chan struct{}), make(chan int64)
	go func() {
		var most int64
		for {
			if n, err := p.peak(); err == nil { // none once the process has ended
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
