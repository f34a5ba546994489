package fuzz

import (
	"flag"
	"fmt"
	"testing"

	"github.com/weirstream/weir/tests/golden"
)

var (
	count = flag.Int("cases", 48, "how many cases to run")
	first = flag.Uint64("seed", 1, "the first case's seed")
)

// TestVariantsAgree runs random queries with other batch sizes and parallelisms.
func TestVariantsAgree(t *testing.T) {
	for i := range *count {
		seed := *first + uint64(i)
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			c := Make(seed)
			want := run(t, c, golden.Variant{Parallelism: 1})
			for _, v := range []golden.Variant{{BatchSize: 1, Parallelism: 1}, {BatchSize: 7, Parallelism: 4}, {Parallelism: 4}} {
				for _, d := range c.Compare(want, run(t, c, v)) {
					t.Errorf("%s differs with %s: %s", c.Kind, v, d.Text)
				}
			}
		})
	}
}

func run(t *testing.T, c *Case, v golden.Variant) *golden.Table {
	t.Helper()
	f, err := c.Golden()
	if err != nil {
		t.Fatal(err)
	}
	table, err := (&golden.Runner{}).Result(t.Context(), f, f.Cases[0], v)
	if err != nil {
		t.Fatalf("with %s: %v\n%s", v, err, c.SQL())
	}
	return table
}

// TestShrinkToNothing has a case that fails whatever its rows.
func TestShrinkToNothing(t *testing.T) {
	c := Shrink(Make(0), 3, 100, func(*Case) bool { return true })
	if len(c.Rows) > 1 || len(c.Items) != 1 {
		t.Errorf("%d rows and %d items are left", len(c.Rows), len(c.Items))
	}
}
