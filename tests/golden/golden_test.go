package golden

import (
	"flag"
	"path/filepath"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "rewrite what the cases expect with what comes out")

// TestCases runs Weir's own cases, each with every batch size and parallelism.
func TestCases(t *testing.T) {
	files, err := Files("cases")
	if err != nil {
		t.Fatal(err)
	}
	if len(files) < 10 {
		t.Fatalf("only %d files below cases", len(files))
	}
	for _, path := range files {
		t.Run(strings.TrimSuffix(filepath.ToSlash(path), ".test"), func(t *testing.T) {
			t.Parallel()
			runner := &Runner{Update: *update}
			err := runner.RunFile(t.Context(), path, "", func(o Outcome) {
				if o.Err != nil {
					t.Errorf("%s:%d: %s\n%v", path, o.Case.Line, o.Case.Name, o.Err)
				}
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
