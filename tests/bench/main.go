// Command bench measures Weir against the limit: for each job a straight-line Go program,
// written by hand for that job alone, over the same input. Both run in this process, in
// turns, on one worker; the figures are rows per second of CPU time, the garbage
// collector's included, of the best round.
//
//	go run ./tests/bench                 all cases
//	go run ./tests/bench -run tumble     those whose name contains tumble
//	go run ./tests/bench -parallelism 2  how much faster two workers are than one
//	go run ./tests/bench -state          what state costs: checkpoints, memory, recovery (state.go)
//	go run ./tests/bench -memory         what operators hold for each key and row
//
// Enter at cases in cases.go. Both programs of a case give the number of rows that came out and a
// checksum over them, which must agree.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"strings"
	"time"
)

func main() {
	begun := time.Now()
	var o options
	flag.StringVar(&o.run, "run", "", "run only cases whose name contains this")
	flag.IntVar(&o.rounds, "rounds", 3, "how often each program runs")
	flag.IntVar(&o.rows, "rows", 8_000_000, "rows of inputs in memory, and events of Nexmark")
	flag.IntVar(&o.lines, "lines", 1_000_000, "lines of the NDJSON file")
	flag.IntVar(&o.parallelism, "parallelism", 1, "with more than 1: compare Weir's elapsed time on so many workers with that on one")
	flag.BoolVar(&o.state, "state", false, "measure what state costs, each run in a process of its own")
	flag.Float64Var(&o.scale, "scale", 1, "with -state: rows and keys, times this")
	flag.StringVar(&o.child, "child", "", "run this job, in JSON (what -state starts)")
	flag.BoolVar(&o.memory, "memory", false, "print the bytes that operators hold for each key and row instead")
	flag.Parse()
	run := bench
	switch {
	case o.child != "":
		run = func(ctx context.Context, o options) error { return child(ctx, o.child, begun, os.Stdout) }
	case o.state:
		run = benchState
	}
	if err := run(context.Background(), o); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

type options struct {
	run         string
	rounds      int
	rows, lines int
	parallelism int
	state       bool
	scale       float64
	child       string
	memory      bool
}

func bench(ctx context.Context, o options) (err error) {
	if o.memory {
		return measureMemory(ctx, o.run)
	}
	dir, err := os.MkdirTemp("", "weir-bench-")
	if err != nil {
		return err
	}
	defer func() {
		if rerr := os.RemoveAll(dir); err == nil {
			err = rerr
		}
	}()
	in := newInput(dir, o.rows, o.lines)
	if o.parallelism > 1 {
		return workers(ctx, o, in)
	}
	fmt.Printf("%-28s %10s %14s %14s %7s %6s\n", "case", "rows", "limit rows/cpu", "weir rows/cpu", "ratio", "bar")
	for _, c := range cases {
		if !strings.Contains(c.name, o.run) {
			continue
		}
		if err := compare(ctx, o, in, c); err != nil {
			return fmt.Errorf("%s: %w", c.name, err)
		}
	}
	return nil
}

// compare runs the two programs of a case in turns.
func compare(ctx context.Context, o options, in *input, c comparison) error {
	var limit, weir best
	for range o.rounds {
		if err := limit.run(func() (result, error) { return c.limit(in) }); err != nil {
			return fmt.Errorf("the limit: %w", err)
		}
		if err := weir.run(func() (result, error) { return c.weir(ctx, in, 1) }); err != nil {
			return fmt.Errorf("weir: %w", err)
		}
	}
	want := limit.result
	if c.expect != nil {
		var err error
		if want, err = c.expect(in); err != nil {
			return err
		}
	}
	if weir.result != want {
		return fmt.Errorf("weir gives %d rows with checksum %x, but %d with %x are right", weir.result.rows, weir.result.sum, want.rows, want.sum)
	}
	rows := float64(c.rows(in))
	verdict := ""
	ratio := limit.cpu.Seconds() / weir.cpu.Seconds()
	if ratio < c.bar {
		verdict = "  below the bar"
	}
	fmt.Printf("%-28s %10.0f %14.0f %14.0f %7.2f %6.2f%s\n", c.name, rows, rows/limit.cpu.Seconds(), rows/weir.cpu.Seconds(), ratio, c.bar, verdict)
	return nil
}

// workers compares the elapsed time of Weir on several workers with that on one, and says how much more
// CPU time they take: elapsed times mean little while the machine does other things.
func workers(ctx context.Context, o options, in *input) error {
	fmt.Printf("%-28s %10s %12s %12s %8s %12s\n", "case", "rows", "1 worker/s", fmt.Sprintf("%d workers/s", o.parallelism), "speed-up", "CPU, times 1")
	for _, c := range cases {
		if !strings.Contains(c.name, o.run) {
			continue
		}
		var one, many best
		for range o.rounds {
			if err := one.run(func() (result, error) { return c.weir(ctx, in, 1) }); err != nil {
				return fmt.Errorf("%s: %w", c.name, err)
			}
			if err := many.run(func() (result, error) { return c.weir(ctx, in, o.parallelism) }); err != nil {
				return fmt.Errorf("%s: %w", c.name, err)
			}
		}
		if one.result != many.result {
			return fmt.Errorf("%s: the results of 1 and %d workers differ", c.name, o.parallelism)
		}
		rows := float64(c.rows(in))
		fmt.Printf("%-28s %10.0f %12.0f %12.0f %8.2f %12.2f\n", c.name, rows, rows/one.wall.Seconds(), rows/many.wall.Seconds(),
			one.wall.Seconds()/many.wall.Seconds(), many.cpu.Seconds()/one.cpu.Seconds())
	}
	return nil
}
