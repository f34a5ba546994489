package display

import (
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/weirstream/weir"
)

// Progress shows how a job gets on, in one line of a terminal that is drawn again twice a
// second: rows read, rows a second, event time, and what was dropped.
type Progress struct {
	screen *Footer
	every  time.Duration
}

// rateOver is the time over which a rate is taken, in redraws: sources that give rows once a second are not shown as
// standing still in between.
const rateOver = 6

// NewProgress makes a progress line on a terminal.
func NewProgress(screen *Footer) *Progress {
	return &Progress{screen: screen, every: 500 * time.Millisecond}
}

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

// follow draws. That the terminal takes no more text is left to the job's own output to tell.
func (p *Progress) follow(job *weir.Job, drawn bool, quit <-chan struct{}) {
	type sample struct {
		rows int64
		at   time.Time
	}
	start := time.Now()
	ticker := time.NewTicker(p.every)
	defer ticker.Stop()
	samples := []sample{{0, start}}
	for {
		select {
		case <-quit:
			if drawn {
				m := job.Metrics()
				_ = p.screen.Show(line(m, float64(m.RowsRead())/time.Since(start).Seconds(), time.Since(start)))
				_ = p.screen.Leave()
			}
			return
		case <-ticker.C:
			m := job.Metrics()
			now := sample{m.RowsRead(), time.Now()}
			if samples = append(samples, now); len(samples) > rateOver+1 {
				samples = samples[1:]
			}
			rate := float64(now.rows-samples[0].rows) / now.at.Sub(samples[0].at).Seconds()
			_ = p.screen.Show(line(m, rate, now.at.Sub(start)))
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
	if n := m.Retried(); n > 0 {
		parts = append(parts, short(float64(n))+" sent again")
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
