package golden

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/weirstream/weir"
	"github.com/weirstream/weir/planner/bind"
)

// Variant is one way to run a case; all ways must agree.
type Variant struct {
	BatchSize   int // 0 is the default
	Parallelism int
	// Memory bounds the bytes of state in memory; 0: nothing does. With a few, all that can be on disk is.
	Memory int
	// Stops are where the job is stopped at a barrier and restored from its checkpoint, in the order of the input. A case
	// with '-- restore --' says itself where, and takes the parallelisms from here, in turn.
	Stops []Stop
}

// Stop is a place in the middle of a case's input.
type Stop struct {
	At          float64 // the part of every input that has been read, from 0 to 1
	Parallelism int     // of the job that goes on
}

func (v Variant) String() string {
	size := "default"
	if v.BatchSize > 0 {
		size = fmt.Sprint(v.BatchSize)
	}
	text := fmt.Sprintf("batch size %s, parallelism %d", size, v.Parallelism)
	if v.Memory > 0 {
		text += fmt.Sprintf(", %d bytes of memory", v.Memory)
	}
	for _, s := range v.Stops {
		text += fmt.Sprintf(", restored at parallelism %d after %.3g of the input", s.Parallelism, s.At)
	}
	return text
}

// Matrix are the variants that every case is run in; those with stops only where the job keeps state.
func Matrix() []Variant {
	return []Variant{
		{Parallelism: 1},
		{BatchSize: 1, Parallelism: 1},
		{BatchSize: 7, Parallelism: 1},
		{Parallelism: 4},
		{BatchSize: 1, Parallelism: 4},
		{BatchSize: 7, Parallelism: 4},
		{Parallelism: 1, Stops: []Stop{{0.35, 1}}},
		{Parallelism: 1, Stops: []Stop{{0.5, 4}}},
		{BatchSize: 7, Parallelism: 4, Memory: fewBytes, Stops: []Stop{{0.65, 1}}},
	}
}

// fewBytes are less memory than any state takes.
const fewBytes = 2

// RandomStops makes n variants that are stopped and restored one to three times, at random places and parallelisms, with state in memory or on disk.
func RandomStops(rng *rand.Rand, n int) []Variant {
	parallelism := func() int { return 1 + rng.IntN(5) }
	var out []Variant
	for range n {
		v := Variant{BatchSize: []int{0, 1, 7}[rng.IntN(3)], Parallelism: parallelism(), Memory: fewBytes * rng.IntN(2)}
		at := 0.0
		for range 1 + rng.IntN(3) {
			at += rng.Float64() * (1 - at)
			v.Stops = append(v.Stops, Stop{at, parallelism()})
		}
		out = append(out, v)
	}
	return out
}

// single reports whether all runs of the variant have one task.
func (v Variant) single() bool {
	return v.Parallelism == 1 && !slices.ContainsFunc(v.Stops, func(s Stop) bool { return s.Parallelism != 1 })
}

// caseTimeout bounds one run of a case: a job that never ends is a failure, not a hang.
const caseTimeout = 30 * time.Second

// Runner runs test files.
type Runner struct {
	Update   bool      // rewrite what is expected with what came
	Variants []Variant // Matrix where it is empty
	Options  []weir.Option
}

// Outcome is how a case went.
type Outcome struct {
	File *File
	Case *Case
	Err  error // nil: it passed; the text shows the difference
	Took time.Duration
	// Restored counts the runs that were stopped in the middle and restored. Unrestored says why a case that keeps state has
	// none.
	Restored   int
	Unrestored string
}

// Files finds the test files below a path, in order: a file itself, or all *.test of a
// folder.
func Files(path string) ([]string, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !info.IsDir() {
		return []string{path}, nil
	}
	var files []string
	err = filepath.WalkDir(path, func(p string, d os.DirEntry, err error) error {
		if err == nil && !d.IsDir() && strings.HasSuffix(p, ".test") {
			files = append(files, p)
		}
		return err
	})
	return files, err
}

// RunFile runs a file's cases, all of them or those whose name contains filter, and tells
// of each as it ends. With Update the file is rewritten where something differed.
func (r *Runner) RunFile(ctx context.Context, path, filter string, done func(Outcome)) error {
	f, err := ParseFile(path)
	if err != nil {
		return err
	}
	before := f.String()
	for _, c := range f.Cases {
		if !strings.Contains(c.Name, filter) {
			continue
		}
		start := time.Now()
		o := r.RunCase(ctx, f, c)
		o.Took = time.Since(start)
		done(o)
		if ctx.Err() != nil {
			return ctx.Err()
		}
	}
	if after := f.String(); r.Update && after != before {
		return os.WriteFile(path, []byte(after), 0o644)
	}
	return nil
}

// RunCase runs one case in every variant.
func (r *Runner) RunCase(ctx context.Context, f *File, c *Case) Outcome {
	variants := r.Variants
	if len(variants) == 0 {
		variants = Matrix()
	}
	o := Outcome{File: f, Case: c}
	var last *outcome
	wrote := map[*Section]bool{}
	for _, v := range variants {
		if v.Stops != nil && last != nil {
			if !last.stateful && !c.marked() {
				continue
			}
			if o.Unrestored = c.unrestorable(last); o.Unrestored != "" {
				if c.marked() {
					o.Err = fmt.Errorf("the case cannot be restored at its '-- restore --': %s", o.Unrestored)
				}
				continue
			}
		}
		for _, rowByRow := range c.modes(v) {
			if last, o.Err = r.runVariant(ctx, f, c, v, rowByRow, wrote); o.Err != nil {
				o.Err = fmt.Errorf("with %s: %w", v, o.Err)
				return o
			}
			if v.Stops != nil {
				o.Restored++
			}
		}
	}
	return o
}

// modes says whether a variant runs the case with merged updates (false), row by row (true),
// or both: an exact changelog is compared where its order is defined, which is row by row
// in one task.
func (c *Case) modes(v Variant) []bool {
	if len(c.sections("changelog")) > 0 && v.single() {
		if len(c.sections("result")) > 0 {
			return []bool{true, false}
		}
		return []bool{true}
	}
	if len(c.sections("result"))+len(c.sections("error"))+len(c.sections("metrics"))+len(c.sections("output")) > 0 {
		return []bool{false}
	}
	if len(c.sections("plan")) > 0 && v.BatchSize == 0 && v.Parallelism == 1 && v.Stops == nil {
		return []bool{false}
	}
	if len(c.sections("changelog")) > 0 {
		return []bool{false} // parallel: the folded changelog is compared
	}
	return nil
}

func (r *Runner) runVariant(ctx context.Context, f *File, c *Case, v Variant, rowByRow bool, wrote map[*Section]bool) (*outcome, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, caseTimeout, errors.New("the case did not end in time"))
	defer cancel()
	dir, err := os.MkdirTemp("", "weir-golden-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	got, err := r.execute(ctx, f, c, v, rowByRow, dir)
	if err != nil {
		return nil, err
	}
	if cause := context.Cause(ctx); cause != nil {
		return nil, cause
	}
	return got, r.compare(c, got, rowByRow, v, wrote)
}

// compare holds what came against the case's expectations, or rewrites them: what one variant wrote, the others
// are held against.
func (r *Runner) compare(c *Case, got *outcome, rowByRow bool, v Variant, wrote map[*Section]bool) error {
	if got.err != nil && len(c.sections("error")) == 0 {
		if errors.Is(got.err, bind.ErrNoConnector) {
			return fmt.Errorf("%w\n  in a test a section '-- input TABLE --', '-- result TABLE --' or '-- changelog TABLE --' stands for the table's connector", got.err)
		}
		return got.err
	}
	for _, s := range c.Sections {
		if !s.expectation() {
			continue
		}
		text, ok, err := got.text(s, rowByRow, v)
		if err != nil {
			return err
		}
		if !ok {
			continue
		}
		want := s.Text()
		if text == want {
			continue
		}
		if r.Update && v.writes(s) && !wrote[s] {
			s.setText(text)
			wrote[s] = true
			continue
		}
		return fmt.Errorf("%s differs (-want +got):\n%s", strings.TrimSpace(s.Kind+" "+s.Arg), lineDiff(want, text))
	}
	return nil
}

// writes reports whether an update may take what the variant gave. A folded changelog of a parallel run is not what a
// changelog section holds; a restored job gives what an undisturbed one does, or is wrong.
func (v Variant) writes(s *Section) bool {
	return v.Stops == nil && (s.Kind != "changelog" || v.Parallelism == 1)
}

// lineDiff shows two texts line by line.
func lineDiff(want, got string) string {
	d := cmp.Diff(strings.Split(want, "\n"), strings.Split(got, "\n"))
	if strings.Count(want, "\n")+strings.Count(got, "\n") < 60 {
		return "want:\n" + indent(want) + "\ngot:\n" + indent(got)
	}
	return d
}

func indent(s string) string { return "  " + strings.ReplaceAll(s, "\n", "\n  ") }
