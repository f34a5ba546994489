package yardstick

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"time"
)

// row is what was measured of a query.
type row struct {
	query string
	setting
	mini              bool
	checkpoint        time.Duration
	memory            string
	rows              int64 // of input
	flink, weir, duck cost  // of the measured run
	flinkStart        cost  // of the same job over next to nothing
	weirStart         cost
	result            folded // of the comparison
	differs           bool
	note              string // why there are no figures, or what is wrong with them
}

// inFlink notes an error of Flink's, with which the rest goes on.
func (r row) inFlink(err error) (row, error) {
	if !errors.Is(err, errFlink) {
		return r, err
	}
	r.note = strings.ReplaceAll(err.Error(), "\n", "; ")
	return r, nil
}

// perSecond and perCPU give thousands of rows.
func (r row) perSecond(c, start cost) float64 { return r.rate(c.wall - start.wall) }
func (r row) perCPU(c, start cost) float64    { return r.rate(c.cpu - start.cpu) }

func (r row) rate(d time.Duration) float64 {
	if d <= 0 {
		return 0
	}
	return float64(r.rows) / 1000 / d.Seconds()
}

// ratio is of rows per CPU second.
func (r row) ratio() float64 {
	return r.perCPU(r.weir, r.weirStart) / r.perCPU(r.flink, r.flinkStart)
}

func (r row) String() string {
	head := fmt.Sprintf("| %s | %s | %d | %s ", r.query, r.feed, r.workers, r.state)
	if r.mini {
		head = strings.TrimSuffix(head, " ") + ", mini-batch "
	}
	if r.checkpoint > 0 {
		head = strings.TrimSuffix(head, " ") + ", a checkpoint every " + r.checkpoint.String() + " "
	}
	if r.memory != "" {
		head = strings.TrimSuffix(head, " ") + ", " + r.memory + " for state "
	}
	if r.flink.cpu == 0 || r.weir.cpu == 0 {
		return head + "| " + r.note + " |"
	}
	duck := "–"
	if r.duck.cpu > 0 {
		duck = fmt.Sprintf("%.0f", r.perCPU(r.duck, cost{}))
	}
	hash := "–"
	if r.result.hash != 0 || r.result.rows == 0 {
		hash = fmt.Sprintf("%016x", r.result.hash)
	}
	return head + fmt.Sprintf("| %.0f | %.0f | %.1f | %.0f | %.0f | %.1f | %.0f | %.0f | %.1f | %s | %d | %s | %s |",
		r.perSecond(r.flink, r.flinkStart), r.perCPU(r.flink, r.flinkStart), r.flink.cpu.Seconds(),
		r.perSecond(r.weir, r.weirStart), r.perCPU(r.weir, r.weirStart), r.ratio(),
		float64(r.flink.peak)/(1<<20), float64(r.weir.peak)/(1<<20),
		100*r.flinkStart.wall.Seconds()/r.flink.wall.Seconds(), duck, r.result.rows, hash, r.note)
}

// table is all that was measured.
type table struct {
	rows                  []row
	weirStart, flinkStart cost // from a process's start to the end of a small job
}

const heading = `| query | feed | workers | Flink's state | Flink K rows/s | K rows/CPU s | CPU s | Weir K rows/s | K rows/CPU s | ratio | Flink MB | Weir MB | Flink's start-up % | DuckDB K rows/CPU s | result rows | hash | |
|---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|`

func (t *table) print(out io.Writer) {
	fmt.Fprintln(out, heading)
	for _, r := range t.rows {
		if r.flink.cpu > 0 && r.weir.cpu > 0 {
			fmt.Fprintln(out, r)
		}
	}
	if t.flinkStart.wall > 0 {
		fmt.Fprintf(out, "\nFrom the start of the process to the end of a first job of 50 events: Flink %.1f s, %.0f MB; Weir %.3f s, %.0f MB.\n",
			t.flinkStart.wall.Seconds(), float64(t.flinkStart.peak)/(1<<20), t.weirStart.wall.Seconds(), float64(t.weirStart.peak)/(1<<20))
	}
	fmt.Fprint(out, "\nWithout figures:\n\n")
	for _, r := range t.rows {
		if r.flink.cpu == 0 || r.weir.cpu == 0 {
			fmt.Fprintln(out, r)
		}
	}
}

// failure tells of queries whose results differ.
func (t *table) failure() error {
	var names []string
	for _, r := range t.rows {
		if r.differs {
			names = append(names, r.query)
		}
	}
	if names == nil {
		return nil
	}
	return fmt.Errorf("the results of %s differ from those of Flink", strings.Join(names, ", "))
}
