package display

import (
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/weirstream/weir"
)

// Why tells on a terminal or in a log what the windows of a job wait for: every so often, and whenever asked.
type Why struct {
	w     io.Writer
	every time.Duration   // 0: only when asked
	asked <-chan struct{} // nil: nobody can ask
}

// NewWhy makes one that writes to w.
func NewWhy(w io.Writer, every time.Duration, asked <-chan struct{}) *Why {
	return &Why{w: w, every: every, asked: asked}
}

// Watch follows a job until the returned function is called, which writes a last report where they come by
// themselves. On a nil Why nothing is written.
func (y *Why) Watch(job *weir.Job) (stop func()) {
	if y == nil || job == nil {
		return func() {}
	}
	quit := make(chan struct{})
	var wait sync.WaitGroup
	wait.Go(func() { y.follow(job, quit) })
	return func() {
		close(quit)
		wait.Wait()
	}
}

func (y *Why) follow(job *weir.Job, quit <-chan struct{}) {
	var due <-chan time.Time
	if y.every > 0 {
		ticker := time.NewTicker(y.every)
		defer ticker.Stop()
		due = ticker.C
	}
	for {
		select {
		case <-quit:
			if y.every > 0 {
				y.tell(job)
			}
			return
		case <-due:
			y.tell(job)
		case <-y.asked:
			y.tell(job)
		}
	}
}

func (y *Why) tell(job *weir.Job) {
	r := job.Why()
	fmt.Fprintf(y.w, "--- why, at %s ---\n%s", r.At.Format("15:04:05"), r)
}

// Keys gives a value each time that the key is pressed, from the terminal in until it ends; restore puts the terminal back.
func Keys(in io.Reader, fd int, key byte) (pressed <-chan struct{}, restore func()) {
	out := make(chan struct{}, 1)
	restore = unbuffered(fd)
	go func() { // ends with the process: a read of a terminal cannot be interrupted
		buf := make([]byte, 16)
		for {
			n, err := in.Read(buf)
			for _, c := range buf[:n] {
				if c == key {
					select {
					case out <- struct{}{}:
					default:
					}
				}
			}
			if err != nil {
				return
			}
		}
	}()
	return out, restore
}
