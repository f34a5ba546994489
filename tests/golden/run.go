package golden

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/weirstream/weir"
)

// Variant is one way to run a case; all ways must agree.
type Variant struct {
	BatchSize   int // 0 is the default
	Parallelism int
}

func (v Variant) String() string {
	size := "default"
	if v.BatchSize > 0 {
		size = fmt.Sprint(v.BatchSize)
	}
	return fmt.Sprintf("batch size %s, parallelism %d", size, v.Parallelism)
}

// Matrix are the variants that every case is run in.
func Matrix() []Variant {
	return []Variant{{0, 1}, {1, 1}, {7, 1}, {0, 4}, {1, 4}, {7, 4}}
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
		err := r.RunCase(ctx, f, c)
		done(Outcome{File: f, Case: c, Err: err, Took: time.Since(start)})
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
func (r *Runner) RunCase(ctx context.Context, f *File, c *Case) error {
	variants := r.Variants
	if len(variants) == 0 {
		variants = Matrix()
	}
	for _, v := range variants {
		for _, rowByRow := range c.modes(v) {
			if err := r.runVariant(ctx, f, c, v, rowByRow); err != nil {
				return fmt.Errorf("with %s: %w", v, err)
			}
		}
	}
	return nil
}

// modes says whether a variant runs the case with merged updates (false), row by row (true),
// or both: an exact changelog is compared where its order is defined, which is row by row
// in one task.
func (c *Case) modes(v Variant) []bool {
	if len(c.sections("changelog")) > 0 && v.Parallelism == 1 {
		if len(c.sections("result")) > 0 {
			return []bool{true, false}
		}
		return []bool{true}
	}
	if len(c.sections("result"))+len(c.sections("error"))+len(c.sections("metrics"))+len(c.sections("output")) > 0 {
		return []bool{false}
	}
	if len(c.sections("plan")) > 0 && v == (Variant{0, 1}) {
		return []bool{false}
	}
	if len(c.sections("changelog")) > 0 {
		return []bool{false} // parallel: the folded changelog is compared
	}
	return nil
}

func (r *Runner) runVariant(ctx context.Context, f *File, c *Case, v Variant, rowByRow bool) error {
	ctx, cancel := context.WithTimeoutCause(ctx, caseTimeout, errors.New("the case did not end in time"))
	defer cancel()
	dir, err := os.MkdirTemp("", "weir-golden-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	got, err := r.execute(ctx, f, c, v, rowByRow, dir)
	if err != nil {
		return err
	}
	if cause := context.Cause(ctx); cause != nil {
		return cause
	}
	return r.compare(c, got, rowByRow, v)
}

// compare holds what came against the case's expectations, or rewrites them.
func (r *Runner) compare(c *Case, got *outcome, rowByRow bool, v Variant) error {
	if got.err != nil && len(c.sections("error")) == 0 {
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
		if r.Update && v.comparesExactly(s) {
			s.setText(text)
			continue
		}
		return fmt.Errorf("%s differs (-want +got):\n%s", strings.TrimSpace(s.Kind+" "+s.Arg), lineDiff(want, text))
	}
	return nil
}

// comparesExactly: a folded changelog of a parallel run is not what a changelog section
// holds, so it is never written there.
func (v Variant) comparesExactly(s *Section) bool { return s.Kind != "changelog" || v.Parallelism == 1 }

// lineDiff shows two texts line by line.
func lineDiff(want, got string) string {
	d := cmp.Diff(strings.Split(want, "\n"), strings.Split(got, "\n"))
	if strings.Count(want, "\n")+strings.Count(got, "\n") < 60 {
		return "want:\n" + indent(want) + "\ngot:\n" + indent(got)
	}
	return d
}

func indent(s string) string { return "  " + strings.ReplaceAll(s, "\n", "\n  ") }
