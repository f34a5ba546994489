package op_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/weirstream/weir/connectors"
	"github.com/weirstream/weir/runtime/op"
	"github.com/weirstream/weir/runtime/op/optest"
	"github.com/weirstream/weir/runtime/plan"
	"github.com/weirstream/weir/runtime/vec"
	"github.com/weirstream/weir/sql/types"
)

func keyedSchema() vec.Schema {
	return vec.Schema{{Name: "k", Type: types.String()}, {Name: "id", Type: bigint()}, {Name: "tags", Type: types.ArrayOf(bigint())}}
}

func normalize() *plan.Normalize {
	s := keyedSchema()
	return &plan.Normalize{Props: plan.Props{Schema: s, Changes: connectors.Retract}, Input: optest.Input(s), Keys: []int{0}, UpdateBefore: true}
}

func materialize(rowKey []int) *plan.Materialize {
	s := keyedSchema()
	return &plan.Materialize{Props: plan.Props{Schema: s, Changes: connectors.Upsert}, Input: optest.Input(s), Keys: []int{0}, RowKey: rowKey}
}

// folded gives what a changelog amounts to, by the column at.
func folded(t *testing.T, log string, byKey bool) []string {
	t.Helper()
	rows := map[string]int{}
	last := map[string]string{}
	for _, line := range strings.Split(strings.TrimSpace(log), "\n") {
		if line == "" {
			continue
		}
		kind, row := line[:2], line[3:]
		key, _, _ := strings.Cut(row, ",")
		switch {
		case byKey && kind == "-D":
			delete(last, key)
		case byKey:
			last[key] = row
		case kind == "-D" || kind == "-U":
			if rows[row]--; rows[row] < 0 {
				t.Fatalf("%s takes back a row that is not there", line)
			}
		default:
			rows[row]++
		}
	}
	var out []string
	for row, n := range rows {
		for range n {
			out = append(out, row)
		}
	}
	for _, row := range last {
		out = append(out, row)
	}
	slices.Sort(out)
	return out
}

func firstLines(s string, n int) string {
	lines := strings.SplitN(s, "\n", n+1)
	return strings.Join(lines[:n], "\n") + "\n"
}

// outcomes runs a node over a script in batches of several sizes, row by row and merged, and gives the folded results.
func outcomes(t *testing.T, n plan.Node, script string, byKey bool) [][]string {
	t.Helper()
	var out [][]string
	for _, size := range []int{1, 3, 1000} {
		for _, rowByRow := range []bool{true, false} {
			r, err := optest.Run(n, plan.Config{RowByRow: rowByRow, BatchSize: 5}, script, size)
			if err != nil {
				t.Fatal(err)
			}
			out = append(out, folded(t, r.Out, byKey))
		}
	}
	return out
}

// TestNormalizeIsTheLastRowOfEachKey compares with a map.
func TestNormalizeIsTheLastRowOfEachKey(t *testing.T) {
	for seed := range uint64(10) {
		rng := rand.New(rand.NewPCG(seed, 1))
		var script strings.Builder
		model := map[string]string{}
		for range 200 {
			key := fmt.Sprintf("key number %d", rng.IntN(8))
			row := fmt.Sprintf("%s, %d, NULL", key, rng.IntN(3))
			switch rng.IntN(4) {
			case 0:
				fmt.Fprintf(&script, "-D %s, NULL, NULL\n", key)
				delete(model, key)
			case 1:
				fmt.Fprintf(&script, "-U %s\n", row) // of which nothing is left to tell
			default:
				fmt.Fprintf(&script, "+U %s\n", row)
				model[key] = row
			}
		}
		var want []string
		for _, row := range model {
			want = append(want, row)
		}
		slices.Sort(want)
		if seed == 0 {
			resume(t, normalize(), plan.Config{}, firstLines(script.String(), 30))
		}
		for _, got := range outcomes(t, normalize(), script.String(), false) {
			if !slices.Equal(got, want) {
				t.Fatalf("seed %d: got %v, want %v", seed, got, want)
			}
		}
	}
}

// TestMaterializeShowsTheNewestThatIsLeft compares with a list for each key.
func TestMaterializeShowsTheNewestThatIsLeft(t *testing.T) {
	for seed := range uint64(20) {
		rng := rand.New(rand.NewPCG(seed, 2))
		var rowKey []int
		if seed%2 == 1 {
			rowKey = []int{1}
		}
		var script strings.Builder
		lists := map[string][]string{}
		for range 200 {
			key := fmt.Sprintf("key number %d", rng.IntN(3))
			row := fmt.Sprintf("%s, %d, NULL", key, rng.IntN(4))
			list := lists[key]
			i := slices.Index(list, row)
			if rng.IntN(2) == 0 {
				fmt.Fprintf(&script, "-D %s\n", row)
				if i >= 0 {
					list = slices.Delete(list, i, i+1)
				}
			} else {
				fmt.Fprintf(&script, "+U %s\n", row)
				if rowKey != nil && i >= 0 {
					list = slices.Delete(list, i, i+1)
				}
				list = append(list, row)
			}
			lists[key] = list
		}
		var want []string
		for _, list := range lists {
			if len(list) > 0 {
				want = append(want, list[len(list)-1])
			}
		}
		slices.Sort(want)
		if seed < 2 {
			resume(t, materialize(rowKey), plan.Config{}, firstLines(script.String(), 30))
		}
		for _, got := range outcomes(t, materialize(rowKey), script.String(), true) {
			if !slices.Equal(got, want) {
				t.Fatalf("seed %d: got %v, want %v", seed, got, want)
			}
		}
	}
}

func benchKeyed(b *testing.B, n plan.Node, keys int) {
	in := vec.NewBatch(keyedSchema()[:2])
	s := n.Inputs()[0].Properties()
	s.Schema = s.Schema[:2]
	n.Properties().Schema = s.Schema
	o, err := op.New(n)
	if err != nil {
		b.Fatal(err)
	}
	if err := o.Open(&op.Context{Out: discard{}, Config: &plan.Config{}}); err != nil {
		b.Fatal(err)
	}
	rng := rand.New(rand.NewPCG(1, 1))
	b.ReportAllocs()
	rows := 0
	for b.Loop() {
		in.Reset()
		for range 4096 {
			in.Cols[0].AppendString(fmt.Sprintf("key%d", rng.IntN(keys)))
			vec.Append(in.Cols[1], int64(rng.IntN(1000)))
		}
		in.SetLen(4096)
		for i := range in.EnsureKinds() {
			in.Kinds[i] = vec.UpdateAfter
		}
		if err := o.Process(0, in); err != nil {
			b.Fatal(err)
		}
		rows += 4096
	}
	b.ReportMetric(float64(rows)/b.Elapsed().Seconds(), "rows/s")
}

func BenchmarkNormalize(b *testing.B)   { benchKeyed(b, normalize(), 100_000) }
func BenchmarkMaterialize(b *testing.B) { benchKeyed(b, materialize([]int{1}), 100_000) }
