package fuzz

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/weirstream/weir/tests/golden"
)

var (
	count = flag.Int("cases", 48, "how many cases to run")
	first = flag.Uint64("seed", 1, "the first case's seed")
)

// TestVariantsAgree runs random queries with other batch sizes and parallelisms, and stopped and restored at random places.
func TestVariantsAgree(t *testing.T) {
	for i := range *count {
		seed := *first + uint64(i)
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			c := Make(seed)
			want := run(t, c, golden.Variant{Parallelism: 1})
			stops := golden.RandomStops(rand.New(rand.NewPCG(seed, 0x73746f70)), 4)
			for _, v := range append(stops, golden.Variant{BatchSize: 1, Parallelism: 1}, golden.Variant{BatchSize: 7, Parallelism: 4}, golden.Variant{Parallelism: 4}) {
				for _, d := range c.Compare(want, run(t, c, v)) {
					t.Errorf("%s differs with %s: %s", c.Kind, v, d.Text)
				}
			}
		})
	}
}

func run(t *testing.T, c *Case, v golden.Variant) *golden.Table {
	t.Helper()
	table, err := result(t, c, v)
	if err == nil {
		return table
	}
	for _, item := range c.Items {
		one := *c
		one.Items = []*Node{item}
		if _, err := result(t, &one, v); err != nil {
			t.Errorf("with %s: %v\n%s", v, err, item)
		}
	}
	t.Fatalf("with %s: %v", v, err)
	return nil
}

func result(t *testing.T, c *Case, v golden.Variant) (*golden.Table, error) {
	t.Helper()
	f, err := c.Golden()
	if err != nil {
		t.Fatal(err)
	}
	return (&golden.Runner{}).Result(t.Context(), f, f.Cases[0], v)
}

// TestRules runs every rule once by itself, so that one that Weir refuses is named.
func TestRules(t *testing.T) {
	for from, table := range map[string]map[class][]rule{"rules": rules, "furtherRules": furtherRules} {
		for c, list := range table {
			for i, rule := range list {
				g := &generator{rand: rand.New(rand.NewPCG(uint64(c), uint64(i)))}
				kids := make([]*Node, len(rule.kids))
				for k, kid := range rule.kids {
					kids[k] = n(pick(g, named(kid)))
				}
				one := &Case{Kind: "expressions", Zone: "UTC", Columns: expressionColumns(), Items: []*Node{n(rule.text, kids...)}}
				one.Rows = g.rows(one.Columns, 5, true, false)
				if _, err := result(t, one, golden.Variant{Parallelism: 1}); err != nil {
					t.Errorf("%s: %s: %v", from, one.Items[0], err)
				}
			}
		}
	}
}

// TestShrinkToNothing has a case that fails whatever its rows.
func TestShrinkToNothing(t *testing.T) {
	c := Shrink(Make(0), 3, 100, func(*Case) bool { return true })
	if len(c.Rows) > 1 || len(c.Items) != 1 {
		t.Errorf("%d rows and %d items are left", len(c.Rows), len(c.Items))
	}
}

func TestSameCell(t *testing.T) {
	for _, c := range []struct {
		x, y string
		same bool
	}{
		{`{"a":-2.5974146387179315}`, `{"a":-2.597414638717932}`, true},
		{`{"a":-2.5974146387179315}`, `{"a":-2.597514638717932}`, false},
		{`{"a":-2.5974146387179315}`, `{"b":-2.597414638717932}`, false},
		{`{"a":1.0E-5}`, `{"a":0.000010}`, false},
		{"0.6540308953703097", "0.6540308953703098", true},
		{"a", "b", false},
	} {
		if sameCell(c.x, c.y) != c.same {
			t.Errorf("%s and %s: the same is %v", c.x, c.y, !c.same)
		}
	}
}
