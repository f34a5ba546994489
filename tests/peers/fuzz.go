package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/weirstream/weir/tests/fuzz"
	"github.com/weirstream/weir/tests/golden"
	"github.com/weirstream/weir/tests/peers/flink"
)

// fuzzing compares random queries.
type fuzzing struct {
	cluster *flink.Cluster
	out     string // folder for failing cases
	shrink  bool

	mu    sync.Mutex
	tally map[string]int // "expressions compared" …
	seen  map[string]bool
}

// fuzzFlink runs count random queries or more in Flink and in Weir.
func fuzzFlink(ctx context.Context, cluster *flink.Cluster, args []string) error {
	flags := flag.NewFlagSet("fuzz", flag.ContinueOnError)
	count := flags.Int("n", 1000, "how many expressions and queries to compare")
	seed := flags.Uint64("seed", 1, "the first case's seed")
	out := flags.String("out", "", "folder for failing cases, as golden files")
	shrink := flags.Bool("shrink", true, "make failing cases small")
	workers := flags.Int("workers", 2, "cases in flight")
	if err := flags.Parse(args); err != nil {
		return err
	}
	z := &fuzzing{cluster: cluster, out: *out, shrink: *shrink, tally: map[string]int{}, seen: map[string]bool{}}
	start := time.Now()
	seeds, errs := make(chan uint64), make(chan error, *workers)
	for range *workers {
		go func() {
			var err error
			for s := range seeds {
				if err == nil {
					err = z.run(ctx, fuzz.Make(s))
				}
			}
			errs <- err
		}()
	}
	for s := *seed; z.compared() < *count && ctx.Err() == nil; s++ {
		seeds <- s
	}
	close(seeds)
	var err error
	for range *workers {
		err = errors.Join(err, <-errs)
	}
	fmt.Printf("%s, in %s\n", z.summary(), time.Since(start).Round(time.Second))
	if err == nil && z.tally["differences"] > 0 {
		err = errors.New("in Flink, it gives other results")
	}
	return err
}

func (z *fuzzing) add(what string, n int) {
	z.mu.Lock()
	z.tally[what] += n
	z.mu.Unlock()
}

func (z *fuzzing) compared() int {
	z.mu.Lock()
	defer z.mu.Unlock()
	return z.tally["expressions"] + z.tally["aggregates"] + z.tally["windows"]
}

func (z *fuzzing) summary() string {
	t := z.tally
	return fmt.Sprintf("compared %d expressions, %d queries with aggregates, %d with windows: %d differences; Flink refused or failed %d times",
		t["expressions"], t["aggregates"], t["windows"], t["differences"], t["refused"])
}

// run compares one case. Where Flink fails, its halves are compared, so that one bad expression does not hide
// the others.
func (z *fuzzing) run(ctx context.Context, c *fuzz.Case) error {
	theirs, failure, err := z.ask(ctx, c)
	if err != nil {
		return err
	}
	if failure != "" {
		return z.failed(ctx, c, failure)
	}
	ours, err := z.weir(ctx, c)
	if err != nil {
		if len(c.Items) > 1 {
			return z.halves(ctx, c)
		}
		return z.report(ctx, c, 0, "Weir fails: "+err.Error())
	}
	z.add(c.Kind, len(c.Items))
	for _, d := range c.Compare(ours, theirs) {
		if err := z.report(ctx, c, d.Item, d.Text); err != nil {
			return err
		}
	}
	return nil
}

// failed looks into a case that fails in Flink: one that Weir runs is counted apart.
func (z *fuzzing) failed(ctx context.Context, c *fuzz.Case, failure string) error {
	if len(c.Items) > 1 {
		return z.halves(ctx, c)
	}
	z.add("refused", 1)
	if _, err := z.weir(ctx, c); err == nil {
		z.once("Flink alone fails", c.Items[0].String()+"\n    "+lastLine(failure))
	}
	return nil
}

func lastLine(s string) string {
	lines := strings.Split(strings.TrimSpace(s), "\n")
	return lines[len(lines)-1]
}

func (z *fuzzing) halves(ctx context.Context, c *fuzz.Case) error {
	half := len(c.Items) / 2
	for _, items := range [][]*fuzz.Node{c.Items[:half], c.Items[half:]} {
		part := *c
		part.Items = items
		if err := z.run(ctx, &part); err != nil {
			return err
		}
	}
	return nil
}

// once prints what was not printed before.
func (z *fuzzing) once(what, text string) {
	z.mu.Lock()
	defer z.mu.Unlock()
	if !z.seen[text] {
		z.seen[text] = true
		fmt.Printf("%s: %s\n", what, text)
	}
}

func (z *fuzzing) report(ctx context.Context, c *fuzz.Case, item int, text string) error {
	z.add("differences", 1)
	if item >= 0 && z.shrink {
		c = fuzz.Shrink(c, item, 40, func(smaller *fuzz.Case) bool { return z.differs(ctx, smaller, &text) })
	}
	z.once(fmt.Sprintf("DIFF seed %d", c.Seed), text)
	if z.out == "" {
		return nil
	}
	path := filepath.Join(z.out, fmt.Sprintf("%s-%d-%d.test", c.Kind, c.Seed, item))
	return os.WriteFile(path, []byte(c.Text()), 0o644)
}

// differs runs a smaller case on both sides.
func (z *fuzzing) differs(ctx context.Context, c *fuzz.Case, text *string) bool {
	theirs, failure, err := z.ask(ctx, c)
	if err != nil || failure != "" {
		return false
	}
	ours, err := z.weir(ctx, c)
	if err != nil {
		*text = c.Items[0].String() + ": Weir fails: " + err.Error()
		return true
	}
	diffs := c.Compare(ours, theirs)
	if len(diffs) > 0 {
		*text = diffs[0].Text
	}
	return len(diffs) > 0
}

func (z *fuzzing) weir(ctx context.Context, c *fuzz.Case) (*golden.Table, error) {
	f, err := c.Golden()
	if err != nil {
		return nil, err
	}
	return (&golden.Runner{}).Result(ctx, f, f.Cases[0], golden.Variant{Parallelism: 1})
}

// ask runs a case in Flink; failure is what it says.
func (z *fuzzing) ask(ctx context.Context, c *fuzz.Case) (table *golden.Table, failure string, err error) {
	f, err := c.Golden()
	if err != nil {
		return nil, "", err
	}
	dir, err := os.MkdirTemp("", "weir-fuzz-")
	if err != nil {
		return nil, "", err
	}
	defer os.RemoveAll(dir)
	g := f.Cases[0]
	stmts, err := g.Statements(f, dir)
	if err != nil {
		return nil, "", fmt.Errorf("seed %d: %w", c.Seed, err)
	}
	script, err := portable(g, stmts, dir)
	if err != nil {
		return nil, "", fmt.Errorf("seed %d: %w", c.Seed, err)
	}
	res, err := z.cluster.Run(ctx, g.Settings(), script)
	if err != nil || res.Error != "" {
		if err == nil {
			failure = res.Error
		}
		return nil, failure, err
	}
	table, err = golden.ForeignResult(res.Columns, rowsOf(res))
	return table, "", err
}
