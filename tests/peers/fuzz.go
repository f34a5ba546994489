package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/weirstream/weir/tests/fuzz"
	"github.com/weirstream/weir/tests/golden"
	"github.com/weirstream/weir/tests/peers/flink"
)

// fuzzing compares random queries.
type fuzzing struct {
	out    string // folder for failing cases
	shrink bool
	all    *findings
	flink  *session
}

// findings are what all workers found.
type findings struct {
	mu       sync.Mutex
	tally    map[string]int  // by kind of case, "differences", "refused"
	distinct map[string]bool // texts of what was compared
	seen     map[string]bool // what was printed
}

// fuzzFlink runs count random queries or more in Flink and in Weir.
func fuzzFlink(ctx context.Context, in flink.Installation, args []string) error {
	flags := flag.NewFlagSet("fuzz", flag.ContinueOnError)
	count := flags.Int("n", 1000, "how many expressions and queries to compare")
	seed := flags.Uint64("seed", 1, "the first case's seed")
	kinds := flags.String("kinds", "", "kinds of cases to run, separated by commas; all where it is empty")
	out := flags.String("out", "", "folder for failing cases, as golden files")
	shrink := flags.Bool("shrink", true, "make failing cases small")
	workers := flags.Int("workers", 2, "Flinks that run side by side")
	if err := flags.Parse(args); err != nil {
		return err
	}
	all := &findings{tally: map[string]int{}, distinct: map[string]bool{}, seen: map[string]bool{}}
	start := time.Now()
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	cases, errs := make(chan *fuzz.Case), make(chan error, *workers)
	for range *workers {
		z := &fuzzing{out: *out, shrink: *shrink, all: all, flink: newSession(in)}
		go func() {
			defer z.flink.Close()
			var err error
			for c := range cases {
				if err == nil {
					if err = z.run(ctx, c); err != nil {
						stop()
					}
				}
			}
			errs <- err
		}()
	}
	for s := *seed; all.compared() < *count && ctx.Err() == nil; s++ {
		if c := fuzz.Make(s); *kinds == "" || slices.Contains(strings.Split(*kinds, ","), c.Kind) {
			cases <- c
		}
	}
	close(cases)
	var err error
	for range *workers {
		err = errors.Join(err, <-errs)
	}
	fmt.Printf("%s, in %s\n", all.summary(), time.Since(start).Round(time.Second))
	if err == nil && all.tally["differences"] > 0 {
		err = errors.New("in Flink, it gives other results")
	}
	return err
}

func (f *findings) add(what string, n int) {
	f.mu.Lock()
	f.tally[what] += n
	f.mu.Unlock()
}

// done counts what was compared.
func (f *findings) done(c *fuzz.Case) {
	f.add(c.Kind, len(c.Items))
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, item := range c.Items {
		f.distinct[item.String()] = true
	}
}

func (f *findings) compared() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	sum := 0
	for _, kind := range fuzz.Kinds {
		sum += f.tally[kind]
	}
	return sum
}

func (f *findings) summary() string {
	parts := make([]string, len(fuzz.Kinds))
	for i, kind := range fuzz.Kinds {
		parts[i] = fmt.Sprintf("%d %s", f.tally[kind], kind)
	}
	return fmt.Sprintf("compared %s, %d of them distinct: %d differences; Flink refused or failed %d times", strings.Join(parts, ", "), len(f.distinct), f.tally["differences"], f.tally["refused"])
}

// once prints what was not printed before.
func (f *findings) once(what, text string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if !f.seen[text] {
		f.seen[text] = true
		fmt.Printf("%s: %s\n", what, text)
	}
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
	z.all.done(c)
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
	z.all.add("refused", 1)
	if _, err := z.weir(ctx, c); err == nil {
		z.all.once("Flink alone fails", c.Items[0].String()+"\n    "+lastLine(failure))
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

func (z *fuzzing) report(ctx context.Context, c *fuzz.Case, item int, text string) error {
	z.all.add("differences", 1)
	if item >= 0 && z.shrink {
		c = fuzz.Shrink(c, item, 40, func(smaller *fuzz.Case) bool { return z.differs(ctx, smaller, &text) })
	}
	z.all.once(fmt.Sprintf("DIFF seed %d", c.Seed), text)
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
	res, err := z.flink.Run(ctx, g.Settings(), script)
	if err != nil || res.Error != "" {
		if err == nil {
			failure = res.Error
		}
		return nil, failure, err
	}
	if table, err = tableOf(res).Table(); err != nil {
		failure = "its changelog is wrong: " + err.Error()
	}
	return table, failure, nil
}
