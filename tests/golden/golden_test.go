package golden

import (
	"flag"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
)

var update = flag.Bool("update", false, "rewrite what the cases expect with what comes out")

// unrestored are the cases that keep state and cannot be stopped in the middle, by their files or by file and name, with
// the reason. All others are restored.
var unrestored = map[string]string{
	"cases/aggregates/group.test":                                          "rows come from VALUES, which are given at once; restore/updates.test has the same aggregates over input",
	"cases/formats/cdc.test: debezium-json: only some columns are decoded": "rows come from files, and nothing says where their middle is",
	"cases/formats/cdc.test: a changelog in several files, in order":       "rows come from files, and nothing says where their middle is",
	"cases/windows/late_rows.test: the table's own option":                 "rows come from a file; restore/late.test has late rows over input",
}

// TestCases runs Weir's own cases, each with every batch size and parallelism, and those that keep state also stopped in the
// middle and restored.
func TestCases(t *testing.T) {
	files, err := Files("cases")
	if err != nil {
		t.Fatal(err)
	}
	if len(files) < 10 {
		t.Fatalf("only %d files below cases", len(files))
	}
	var restored atomic.Int64
	var excused sync.Map
	t.Cleanup(func() {
		if t.Failed() || testing.Short() || flag.Lookup("test.run").Value.String() != "" {
			return
		}
		if restored.Load() < 500 {
			t.Errorf("only %d runs were stopped and restored", restored.Load())
		}
		for name := range unrestored {
			if _, ok := excused.Load(name); !ok {
				t.Errorf("%s is listed as one that cannot be restored, and there is no such case", name)
			}
		}
	})
	for _, path := range files {
		t.Run(strings.TrimSuffix(filepath.ToSlash(path), ".test"), func(t *testing.T) {
			t.Parallel()
			runner := &Runner{Update: *update}
			err := runner.RunFile(t.Context(), path, "", func(o Outcome) {
				if o.Err != nil {
					t.Errorf("%s:%d: %s\n%v", path, o.Case.Line, o.Case.Name, o.Err)
				}
				restored.Add(int64(o.Restored))
				if o.Unrestored == "" {
					return
				}
				for _, name := range []string{filepath.ToSlash(path), filepath.ToSlash(path) + ": " + o.Case.Name} {
					if unrestored[name] != "" {
						excused.Store(name, true)
						return
					}
				}
				t.Errorf("%s:%d: %s is not restored: %s", path, o.Case.Line, o.Case.Name, o.Unrestored)
			})
			if err != nil {
				t.Fatal(err)
			}
		})
	}
}

// TestCasesArePrintedAsTheyStand keeps --update from changing what it does not mean to.
func TestCasesArePrintedAsTheyStand(t *testing.T) {
	files, err := Files("cases")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range files {
		f, err := ParseFile(path)
		if err != nil {
			t.Fatal(err)
		}
		again, err := Parse(path, f.String())
		if err != nil {
			t.Fatalf("%s, printed: %v", path, err)
		}
		if again.String() != f.String() {
			t.Errorf("%s: printing and parsing again changes it", path)
		}
	}
}
