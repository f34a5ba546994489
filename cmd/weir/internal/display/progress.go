package display

import (
	"fmt"
	"io"
	"strings"
	"sync"
	"time"

	"github.com/weirstream/weir"
)

// Progress shows how a job gets on, in one line of a terminal that is drawn again twice a
// second: rows read, rows a second, event time, and what was dropped.
type Progress struct {
	w     io.Writer
	every time.Duration
}

// NewProgress makes a progress line on a terminal.
func NewProgress(w io.Writer) *Progress { return &Progress{w: w, every: 500 * time.Millisecond} }

// Watch follows a job until the returned function is called, which leaves a last line behind; that of
// a job too short for a line in between, too, where it is all that the job shows. On a nil Progress
// nothing is drawn.
func (p *Progress) Watch(job *weir.Job, always bool) (stop func()) {
	if p == nil || job == nil {
		return func() {}
	}
	quit := make(chan struct{})
	var wait sync.WaitGroup
	wait.Go(func() { p.follow(job, always, quit) })
	return func() {
		close(quit)
		wait.Wait()
	}
}

func (p *Progress) follow(job *weir.Job, drawn bool, quit <-chan struct{}) {
	start := time.Now()
	ticker := time.NewTicker(p.every)
	defer ticker.Stop()
	var before int64
	for {
		select {
		case <-quit:
			if drawn {
				m := job.Metrics()
				rate := float64(m.RowsRead()) / time.Since(start).Seconds()
				fmt.Fprintf(p.w, "\r\x1b[K%s\n", line(m, rate, time.Since(start)))
			}
			return
		case <-ticker.C:
			m := job.Metrics()
			rate := float64(m.RowsRead()-before) / p.every.Seconds()
			before = m.RowsRead()
			fmt.Fprintf(p.w, "\r\x1b[K%s", line(m, rate, time.Since(start)))
			drawn = true
		}
	}
}

func line(m weir.Metrics, rate float64, elapsed time.Duration) string {
	parts := []string{short(float64(m.RowsRead())) + " rows", short(rate) + "/s"}
	if wm, ok := m.Watermark(); ok {
		parts = append(parts, "event time "+wm.UTC().Format("2006-01-02 15:04:05"))
		if lag := time.Since(wm); lag > 0 && lag < 365*24*time.Hour {
			parts = append(parts, "lag "+lag.Round(time.Second).String())
		}
	}
	if n := m.Late(); n > 0 {
		parts = append(parts, short(float64(n))+" late")
	}
	if n := m.Rejected(); n > 0 {
		parts = append(parts, short(float64(n))+" rejected")
	}
	if elapsed < time.Second {
		parts = append(parts, elapsed.Round(time.Millisecond).String())
	} else {
		parts = append(parts, elapsed.Round(time.Second).String())
	}
	return strings.Join(parts, " · ")
}

// short writes a number with three digits or so: 950, 12.3k, 4.56M.
func short(n float64) string {
	switch {
	case n < 1e4:
		return fmt.Sprintf("%.0f", n)
	case n < 1e6:
		return fmt.Sprintf("%.1fk", n/1e3)
	case n < 1e9:
		return fmt.Sprintf("%.2fM", n/1e6)
	}
	return fmt.Sprintf("%.2fG", n/1e9)
}
