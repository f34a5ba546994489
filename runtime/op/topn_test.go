package op_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/weirstream/weir/runtime/op/optest"
	"github.com/weirstream/weir/runtime/order"
	"github.com/weirstream/weir/runtime/plan"
	"github.com/weirstream/weir/runtime/vec"
	"github.com/weirstream/weir/sql/types"
)

// ranked is the schema of the cases: partition, value, name.
func ranked() vec.Schema {
	return vec.Schema{{Name: "k", Type: types.String()}, {Name: "v", Type: bigint()}, {Name: "n", Type: types.String()}}
}

func topNode(from, to int64, number, retract bool, by ...order.Key) *plan.TopN {
	n := &plan.TopN{
		Input: optest.Input(ranked()), Partition: []int{0}, Order: by, From: from, To: to, Number: number, UpdateBefore: true, InputRetract: retract,
	}
	n.Schema = ranked()
	if number {
		n.Schema = append(n.Schema, vec.Field{Name: "rn", Type: bigint().WithoutNull()})
	}
	return n
}

var largest = order.Key{Column: 1, Desc: true, NullsLast: true}

func TestTopN(t *testing.T) {
	rows := `
		a, 1, x
		a, 2, y
		b, 5, x
		a, NULL, z
		a, 2, late
		a, 3, w
		b, 5, y`
	for _, c := range []struct {
		name string
		node *plan.TopN
		cfg  plan.Config
		want string
	}{
		{"rows", topNode(1, 2, false, false, largest), rowByRow(), `
			+I a, 1, x
			+I a, 2, y
			+I b, 5, x
			-D a, 1, x
			+I a, 2, late
			-D a, 2, late
			+I a, 3, w
			+I b, 5, y`},
		{"numbers", topNode(1, 2, true, false, largest), rowByRow(), `
			+I a, 1, x, 1
			-U a, 1, x, 1
			+U a, 2, y, 1
			+I a, 1, x, 2
			+I b, 5, x, 1
			-U a, 1, x, 2
			+U a, 2, late, 2
			-U a, 2, y, 1
			+U a, 3, w, 1
			-U a, 2, late, 2
			+U a, 2, y, 2
			+I b, 5, y, 2`},
		{"one rank", topNode(1, 1, false, false, largest), rowByRow(), `
			+I a, 1, x
			-U a, 1, x
			+U a, 2, y
			+I b, 5, x
			-U a, 2, y
			+U a, 3, w`},
		{"offset", topNode(2, 3, false, false, largest), rowByRow(), `
			+I a, 1, x
			+I a, NULL, z
			-D a, NULL, z
			+I a, 2, late
			-D a, 1, x
			+I a, 2, y
			+I b, 5, y`},
		{"limit", topNode(2, 3, false, false), rowByRow(), `
			+I a, 2, y
			+I a, NULL, z
			+I b, 5, y`},
	} {
		t.Run(c.name, func(t *testing.T) { check(t, c.node, c.cfg, rows, c.want, 0) })
	}
}

func TestTopNTakesBack(t *testing.T) {
	script := `
		a, 1, x
		a, 2, y
		a, 3, z
		-U a, 2, y
		+U a, 0, y
		# not there
		-D a, 7, q
		-D c, 7, q
		-D a, 3, z
		-D a, 1, x
		-D a, 0, y
		a, 4, u
		a, 4, u
		a, 4, v
		-D a, 4, u`
	check(t, topNode(1, 2, true, true, largest), rowByRow(), script, `
		+I a, 1, x, 1
		-U a, 1, x, 1
		+U a, 2, y, 1
		+I a, 1, x, 2
		-U a, 2, y, 1
		+U a, 3, z, 1
		-U a, 1, x, 2
		+U a, 2, y, 2
		-U a, 2, y, 2
		+U a, 1, x, 2
		-U a, 3, z, 1
		+U a, 1, x, 1
		-U a, 1, x, 2
		+U a, 0, y, 2
		-U a, 1, x, 1
		+U a, 0, y, 1
		-D a, 0, y, 2
		-D a, 0, y, 1
		+I a, 4, u, 1
		+I a, 4, u, 2
		-U a, 4, u, 1
		+U a, 4, u, 1
		-U a, 4, u, 2
		+U a, 4, v, 2`, 0)
}

// TestTopNMerges gives a batch's changes together: what comes and goes within it is not seen.
func TestTopNMerges(t *testing.T) {
	for _, c := range []struct {
		node         *plan.TopN
		script, want string
	}{
		{topNode(1, 1, false, true, largest), "a, 1, x\n-D a, 1, x\na, 2, y\na, 3, z\n-D a, 3, z", "+I a, 2, y"},
		{topNode(1, 2, false, false, largest), "a, 1, x\na, 2, y\nb, 5, x\na, 3, w", "+I a, 2, y\n+I b, 5, x\n+I a, 3, w"},
		{topNode(1, 2, true, false, largest), "a, 1, x\na, 2, y\na, 3, w", "+I a, 3, w, 1\n+I a, 2, y, 2"},
	} {
		got, err := optest.Run(c.node, plan.Config{}, c.script, 1000)
		if err != nil || lines(got.Out) != c.want {
			t.Errorf("%v\n%s\nwant\n%s", err, got.Out, c.want)
		}
	}
}

// TestTopNRandom compares random rows with sorting them, for every form, batch size and mode.
func TestTopNRandom(t *testing.T) {
	orders := map[string][]order.Key{
		"v desc": {largest}, "v": {{Column: 1}}, "n desc, v": {{Column: 2, Desc: true, NullsLast: true}, {Column: 1, NullsLast: true}}, "none": nil,
	}
	for name, by := range orders {
		for _, ranks := range [][2]int64{{1, 1}, {1, 3}, {3, 5}, {1, 100}} {
			for _, retract := range []bool{false, true} {
				t.Run(fmt.Sprintf("%s %d to %d, retract %v", name, ranks[0], ranks[1], retract), func(t *testing.T) {
					testTopN(t, by, ranks, retract)
				})
			}
		}
	}
}

func testTopN(t *testing.T, by []order.Key, ranks [2]int64, retract bool) {
	r := rand.New(rand.NewPCG(uint64(ranks[0]), uint64(ranks[1])))
	var script strings.Builder
	var live [][3]string
	for range 400 {
		if i := 0; retract && len(live) > 0 && r.IntN(5) < 2 {
			i = r.IntN(len(live))
			// The first of several that are the same is the one that goes.
			i = slices.Index(live, live[i])
			fmt.Fprintf(&script, "-D %s\n", strings.Join(live[i][:], ", "))
			live = slices.Delete(live, i, i+1)
			continue
		}
		row := [3]string{string(rune('a' + r.IntN(3))), fmt.Sprint(r.IntN(9)), string(rune('p' + r.IntN(4)))}
		if r.IntN(10) == 0 {
			row[1] = "NULL"
		}
		fmt.Fprintf(&script, "%s\n", strings.Join(row[:], ", "))
		live = append(live, row)
	}
	for _, number := range []bool{false, true} {
		want := sortedTop(live, by, ranks, number)
		resume(t, topNode(ranks[0], ranks[1], number, retract, by...), rowByRow(), someBarriers(script.String()))
		for _, batch := range []int{1, 7, 1000} {
			for _, cfg := range []plan.Config{{}, rowByRow(), {BatchSize: 3}} {
				got, err := optest.Run(topNode(ranks[0], ranks[1], number, retract, by...), cfg, script.String(), batch)
				if err != nil {
					t.Fatal(err)
				}
				if f := foldRows(t, got.Out); f != want {
					t.Fatalf("number %v, batches of %d, %+v: got\n%s\nwant\n%s", number, batch, cfg, f, want)
				}
			}
		}
	}
}

// sortedTop is Top-N by sorting.
func sortedTop(rows [][3]string, by []order.Key, ranks [2]int64, number bool) string {
	var out []string
	for _, k := range []string{"a", "b", "c"} {
		var p [][3]string
		for _, row := range rows {
			if row[0] == k {
				p = append(p, row)
			}
		}
		slices.SortStableFunc(p, func(a, b [3]string) int {
			for _, o := range by {
				x, y := a[o.Column], b[o.Column]
				switch {
				case x == y:
					continue
				case x == "NULL" || y == "NULL":
					if (x == "NULL") != o.NullsLast {
						return -1
					}
					return 1
				case (x < y) != o.Desc:
					return -1
				}
				return 1
			}
			return 0
		})
		for i := int(ranks[0]) - 1; i < min(int(ranks[1]), len(p)); i++ {
			line := strings.Join(p[i][:], ", ")
			if number {
				line += fmt.Sprintf(", %d", i+1)
			}
			out = append(out, line)
		}
	}
	slices.Sort(out)
	return strings.Join(out, "\n")
}

// foldRows gives the rows that a changelog leaves, sorted; one that takes back what is not there is an error.
func foldRows(t *testing.T, log string) string {
	t.Helper()
	count := map[string]int{}
	for _, line := range strings.Split(strings.TrimSpace(log), "\n") {
		kind, row, _ := strings.Cut(line, " ")
		switch kind {
		case "+I", "+U":
			count[row]++
		case "-D", "-U":
			if count[row]--; count[row] < 0 {
				t.Fatalf("%q was taken back and is not there", row)
			}
		}
	}
	var out []string
	for row, n := range count {
		for range n {
			out = append(out, row)
		}
	}
	slices.Sort(out)
	return strings.Join(out, "\n")
}
