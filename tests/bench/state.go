package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// stateCase measures one of the bars for state.
type stateCase struct {
	name string
	run  func(ctx context.Context, o options, dir string) error
}

var stateCases = []stateCase{
	{"cost", costOfState},
	{"checkpoint", costOfCheckpoints},
	{"increment", incrementOfCheckpoints},
	{"larger", largerThanMemory},
	{"spill", spillRate},
	{"spill-values", spillValuesRate},
	{"recovery", recovery("wide group", 26_000_000, 1, false)},
	{"recovery-top", recovery("top", 8_000_000, 3, true)},
	{"recovery-first", recovery("first row", 26_000_000, 1, true)},
}

// benchState runs the cases whose name contains o.run.
func benchState(ctx context.Context, o options) error {
	for _, c := range stateCases {
		if !strings.Contains(c.name, o.run) {
			continue
		}
		dir, err := os.MkdirTemp("", "weir-bench-")
		if err != nil {
			return err
		}
		if err = c.run(ctx, o, dir); err != nil {
			err = fmt.Errorf("%s: %w", c.name, err)
		}
		if err = errors.Join(err, os.RemoveAll(dir)); err != nil {
			return err
		}
	}
	return nil
}

// scaled is a number of rows or keys, by the flag -scale.
func (o options) scaled(n int) int { return max(1, int(float64(n)*o.scale)) }

// inTurns runs programs in turns, and gives the best run of each with the checkpoints of all.
func inTurns(ctx context.Context, rounds int, runs ...stateRun) ([]stateOutcome, error) {
	best := make([]stateOutcome, len(runs))
	for i := range rounds {
		for k, r := range runs {
			if r.Dir != "" {
				if err := os.RemoveAll(r.Dir); err != nil {
					return nil, err
				}
			}
			out, err := r.run(ctx)
			if err != nil {
				return nil, err
			}
			if i > 0 {
				if out.Rows != best[k].Rows || out.Sum != best[k].Sum {
					return nil, fmt.Errorf("two runs of %+v gave different results", r)
				}
				out.CPU, out.Wall, out.Peak = min(out.CPU, best[k].CPU), min(out.Wall, best[k].Wall), max(out.Peak, best[k].Peak)
				out.Checkpoints = append(out.Checkpoints, best[k].Checkpoints...)
			}
			best[k] = out
		}
	}
	for _, b := range best[1:] {
		if b.Rows != best[0].Rows || b.Sum != best[0].Sum {
			return nil, fmt.Errorf("%d rows with checksum %x, and %d with %x", best[0].Rows, best[0].Sum, b.Rows, b.Sum)
		}
	}
	return best, nil
}

// line prints a figure beside its bar.
func line(what string, figure float64, format string, bar float64, least bool) {
	verdict := ""
	if bar != 0 && (least && figure < bar || !least && figure > bar) {
		verdict = "  misses the bar"
	}
	limit := ""
	if bar != 0 {
		limit = fmt.Sprintf(format, bar)
	}
	fmt.Printf("%-64s %12s %12s%s\n", what, fmt.Sprintf(format, figure), limit, verdict)
}

func header() { fmt.Printf("%-64s %12s %12s\n", "", "figure", "bar") }

// loss is by how much the rate falls when the time grows from before to after.
func loss(before, after time.Duration) float64 { return 100 * (1 - before.Seconds()/after.Seconds()) }

// costOfState compares jobs with a state folder, but without checkpoints, with the same without.
func costOfState(ctx context.Context, o options, dir string) error {
	header()
	for _, c := range []struct {
		query string
		rows  int
		bar   float64
	}{{"filter", 400_000_000, 3}, {"tumble", 100_000_000, 5}, {"group", 50_000_000, 5}} {
		r := stateRun{Query: c.query, Keys: 1_000_000, Rows: o.scaled(c.rows), Windows: 4, Parallelism: 1}
		kept := r
		kept.Dir = filepath.Join(dir, "state")
		out, err := inTurns(ctx, o.rounds, r, kept)
		if err != nil {
			return err
		}
		fmt.Printf("%s: %.1f million rows a second, %.1f per CPU second\n", c.query,
			float64(r.Rows)/1e6/out[0].Wall.Seconds(), float64(r.Rows)/1e6/out[0].CPU.Seconds())
		line(c.query+" with --state and no checkpoint: loss of CPU time, %", loss(out[0].CPU, out[1].CPU), "%.1f", c.bar, false)
		line(c.query+" with --state and no checkpoint: loss of elapsed time, %", loss(out[0].Wall, out[1].Wall), "%.1f", c.bar, false)
	}
	return nil
}

// costOfCheckpoints compares a checkpoint every second with none.
func costOfCheckpoints(ctx context.Context, o options, dir string) error {
	header()
	for _, c := range []struct {
		query string
		rows  int
		bar   float64
	}{{"tumble", 150_000_000, 5}, {"group", 80_000_000, 0}} {
		r := stateRun{Query: c.query, Keys: 1_000_000, Rows: o.scaled(c.rows), Windows: 4, Parallelism: 1, Dir: filepath.Join(dir, "state")}
		often := r
		often.Every = time.Second
		out, err := inTurns(ctx, o.rounds, r, often)
		if err != nil {
			return err
		}
		line(c.query+" by 1 M keys, a checkpoint every second: loss of elapsed time, %", loss(out[0].Wall, out[1].Wall), "%.1f", c.bar, false)
		line("    loss of CPU time, %", loss(out[0].CPU, out[1].CPU), "%.1f", 0, false)
		held, took := percentiles(out[1].Checkpoints)
		line(fmt.Sprintf("    the barrier holds a task, p99 of %d, ms", len(out[1].Checkpoints)), held[1], "%.1f", 10, false)
		line("    the same, median, ms", held[0], "%.1f", 0, false)
		line("    the whole checkpoint, median, ms", took[0], "%.0f", 0, false)
		line("    the same, p99, ms", took[1], "%.0f", 0, false)
	}
	return nil
}

// percentiles gives the median and the 99th percentile of both times, in milliseconds.
func percentiles(cs []stateCheckpoint) (held, took [2]float64) {
	var h, t []float64
	for _, c := range cs {
		h, t = append(h, c.Held.Seconds()*1e3), append(t, c.Took.Seconds()*1e3)
	}
	if len(cs) == 0 {
		return held, took
	}
	slices.Sort(h)
	slices.Sort(t)
	half, most := len(cs)/2, min(len(cs)-1, len(cs)*99/100)
	return [2]float64{h[half], h[most]}, [2]float64{t[half], t[most]}
}

// incrementOfCheckpoints has 1 % of the keys touched between two checkpoints.
func incrementOfCheckpoints(ctx context.Context, o options, dir string) error {
	header()
	for _, query := range []string{"group", "tumble"} {
		keys := o.scaled(10_000_000)
		r := stateRun{Query: query, Keys: keys, Parallelism: 1, Dir: filepath.Join(dir, query), Stops: []int{keys}}
		for range 10 {
			r.Stops = append(r.Stops, r.Stops[len(r.Stops)-1]+keys/100)
		}
		r.Rows = r.Stops[len(r.Stops)-1]
		out, err := r.run(ctx)
		if err != nil {
			return err
		}
		cs := out.Checkpoints
		if len(cs) < 11 {
			return fmt.Errorf("%d checkpoints for %d stops", len(cs), len(r.Stops))
		}
		var wrote []float64
		for _, c := range cs[1:11] {
			wrote = append(wrote, float64(c.Wrote))
		}
		slices.Sort(wrote)
		first := float64(cs[0].Wrote)
		line(fmt.Sprintf("%s, %d keys: the first checkpoint, MB", query, keys), first/1e6, "%.1f", 0, false)
		line("    1 % touched: bytes of the next ones, median, % of it", 100*wrote[len(wrote)/2]/first, "%.2f", 3, false)
		line("    the same, most", 100*wrote[len(wrote)-1]/first, "%.2f", 0, false)
	}
	return nil
}

// largerThanMemory counts, or keeps a row of, each of 30 M keys with 512 MB.
func largerThanMemory(ctx context.Context, o options, dir string) error {
	header()
	keys := o.scaled(30_000_000)
	for _, p := range []int{1, 2} {
		for _, query := range []string{"tumble", "group", "first row", "last row"} {
			whole := stateRun{Query: query, Keys: keys, Rows: 2 * keys, Windows: 1, Parallelism: p}
			small := whole
			small.Memory = "512mb"
			out, err := inTurns(ctx, 1, whole, small)
			if err != nil {
				return err
			}
			name := fmt.Sprintf("%s by %d keys, each twice, --memory 512mb, -p %d", query, keys, p)
			line(name+": peak, MB", float64(out[1].Peak)/1e6, "%.0f", 1000, false)
			line("    in memory: peak, MB", float64(out[0].Peak)/1e6, "%.0f", 0, false)
			rate(out, 0)
		}
	}
	return nil
}

// rate compares the second outcome with the first, which is in memory.
func rate(out []stateOutcome, bar float64) {
	line("    elapsed rate, of that in memory", out[0].Wall.Seconds()/out[1].Wall.Seconds(), "%.2f", bar, true)
	line("    rows per CPU second, of those in memory", out[0].CPU.Seconds()/out[1].CPU.Seconds(), "%.2f", 0, true)
}

// spilled is a query whose state does not fit.
type spilled struct {
	query  string
	random bool
	bytes  int // a key, in memory
}

func spillRate(ctx context.Context, o options, _ string) error {
	return rateOnDisk(ctx, o, []spilled{{"tumble", true, 73}, {"group", true, 90}, {"group", false, 90}, {"top", true, 300}, {"window top", true, 300}, {"over", true, 250}, {"session", true, 110}})
}

// spillValuesRate is for calls that keep many values a group.
func spillValuesRate(ctx context.Context, o options, _ string) error {
	return rateOnDisk(ctx, o, []spilled{{"most of changes", true, 350}, {"list", true, 350}, {"median", true, 350}})
}

// rateOnDisk has state of twice the memory: half of it, as operators count it, is on disk.
func rateOnDisk(ctx context.Context, o options, cases []spilled) error {
	header()
	for _, c := range cases {
		const memory = 256
		keys := o.scaled(2 * memory << 20 / c.bytes)
		whole := stateRun{Query: c.query, Keys: keys, Rows: 5 * keys, Random: c.random, Windows: 1, Parallelism: 1}
		small := whole
		small.Memory = fmt.Sprintf("%dmb", memory)
		out, err := inTurns(ctx, o.rounds, whole, small)
		if err != nil {
			return err
		}
		order := "in turns"
		if c.random {
			order = "at random"
		}
		fmt.Printf("%s by %d keys %s, 5 rows each: twice the %d MB there are; in memory %.1f million rows a second\n",
			c.query, keys, order, memory, float64(whole.Rows)/1e6/out[0].Wall.Seconds())
		rate(out, 0.25)
		line("    peak, MB", float64(out[1].Peak)/1e6, "%.0f", 0, false)
		line("    in memory: peak, MB", float64(out[0].Peak)/1e6, "%.0f", 0, false)
	}
	return nil
}

// recovery goes on from a checkpoint of a number of keys with some rows each. What comes then are rows of these or, mixed, half of them of new keys.
func recovery(query string, keys, each int, mixed bool) func(ctx context.Context, o options, dir string) error {
	return func(ctx context.Context, o options, dir string) error {
		header()
		keys := o.scaled(keys)
		rows := keys * each
		first := stateRun{Query: query, Keys: keys, Rows: rows, Windows: 1, Parallelism: 2, Dir: filepath.Join(dir, "state"), Stops: []int{rows}}
		out, err := first.run(ctx)
		if err != nil {
			return err
		}
		size := out.Checkpoints[len(out.Checkpoints)-1].Bytes
		for k, c := range []struct {
			parallelism int
			memory      string
			bar         float64
		}{{2, "", 5}, {1, "", 0}, {4, "", 0}, {2, "512mb", 5}, {1, "512mb", 0}} {
			again := first
			again.Parallelism, again.Memory = c.parallelism, c.memory
			again.Windows = k + 2 // later than what came before
			if mixed {
				again.New = rows
			}
			rows += 100_000
			again.Rows, again.Stops, again.Early = rows, []int{rows}, true
			out, err := again.run(ctx)
			if err != nil {
				return err
			}
			name := fmt.Sprintf("%s, %.2f GB written at -p 2, on at -p %d", query, float64(size)/1e9, c.parallelism)
			if c.memory != "" {
				name += " --memory " + c.memory
			}
			line(name+": first row, s", out.First.Seconds(), "%.2f", c.bar, false)
			line("    a checkpoint asked for then, s", out.Asked.Seconds(), "%.2f", 2, false)
			line("    all 100 000 rows, s", out.Wall.Seconds(), "%.2f", 0, false)
			line("    peak, MB", float64(out.Peak)/1e6, "%.0f", 0, false)
		}
		return nil
	}
}
