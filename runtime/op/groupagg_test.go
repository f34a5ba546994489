package op_test

import (
	"fmt"
	"math/rand/v2"
	"sort"
	"strings"
	"testing"
	"time"

	"github.com/weirstream/weir/runtime/agg"
	"github.com/weirstream/weir/runtime/op/optest"
	"github.com/weirstream/weir/runtime/plan"
	"github.com/weirstream/weir/runtime/vec"
	"github.com/weirstream/weir/sql/types"
)

// changes is the schema of most cases: a key, a value, a condition.
func changes() vec.Schema {
	return vec.Schema{{Name: "k", Type: types.String()}, {Name: "v", Type: bigint()}, {Name: "c", Type: types.New(types.Boolean)}}
}

func groupNode(in vec.Schema, keys []int, calls ...agg.Call) *plan.GroupAggregate {
	n := &plan.GroupAggregate{Input: optest.Input(in), Keys: keys, Calls: calls, UpdateBefore: true, InputRetract: true}
	for _, k := range keys {
		n.Schema = append(n.Schema, in[k])
	}
	for _, c := range calls {
		n.Schema = append(n.Schema, vec.Field{Name: c.Name, Type: c.Sig.Result})
	}
	return n
}

func rowByRow() plan.Config { return plan.Config{RowByRow: true} }

func TestGroupAggregateChangelog(t *testing.T) {
	in := changes()
	n := groupNode(in, []int{0}, call(t, in, "COUNT"), call(t, in, "MAX", 1))
	script := `
		a, 1, true
		b, 5, true
		a, 3, true
		# unknown key
		-D c, 1, true
		-D a, 3, true
		-D b, 5, true
		b, 6, true
		-U a, 1, true
		+U a, 1, true
		# the maximum stays, the count does not
		b, 2, true`
	check(t, n, rowByRow(), script, `
		+I a, 1, 1
		+I b, 1, 5
		-U a, 1, 1
		+U a, 2, 3
		-U a, 2, 3
		+U a, 1, 1
		-D b, 1, 5
		+I b, 1, 6
		-D a, 1, 1
		+I a, 1, 1
		-U b, 1, 6
		+U b, 2, 6
	`, 0)
	n.UpdateBefore = false
	got, err := optest.Run(n, plan.Config{}, script, 1000)
	if err != nil || lines(got.Out) != lines("+I a, 1, 1\n+I b, 2, 6") {
		t.Fatalf("merged: %v\n%s", err, got.Out)
	}
}

func TestUnchangedResultsGiveNothing(t *testing.T) {
	in := changes()
	n := groupNode(in, []int{0}, call(t, in, "MIN", 1), distinct(call(t, in, "COUNT", 1)))
	n.InputRetract = false
	check(t, n, rowByRow(), `
		a, 1, true
		a, 1, true
		a, NULL, true
		NULL, NULL, true
		NULL, NULL, true
		NULL, 4, true
	`, `
		+I a, 1, 1
		+I NULL, NULL, 0
		-U NULL, NULL, 0
		+U NULL, 4, 1
	`, 0)
}

func TestDistinctIsAGroupAggregateWithoutCalls(t *testing.T) {
	n := groupNode(changes(), []int{0, 1})
	check(t, n, rowByRow(), `
		a, 1, true
		a, 1, false
		a, 2, true
		NULL, NULL, true
		-D a, 1, true
		-D a, 1, true
		-D NULL, NULL, true
	`, `
		+I a, 1
		+I a, 2
		+I NULL, NULL
		-D a, 1
		-D NULL, NULL
	`, 0)
}

func TestExtremesOfStrings(t *testing.T) {
	in := changes()
	for _, retract := range []bool{false, true} {
		n := groupNode(in, []int{1}, call(t, in, "MIN", 0), call(t, in, "LAST_VALUE", 0), call(t, in, "MAX", 2))
		n.InputRetract = retract
		check(t, n, rowByRow(), `
			b, 1, NULL
			a, 1, false
			NULL, 1, true
			a longer string than a view holds, 2, true
		`, `
			+I 1, b, b, NULL
			-U 1, b, b, NULL
			+U 1, a, a, false
			-U 1, a, a, false
			+U 1, a, a, true
			+I 2, a longer string than a view holds, a longer string than a view holds, true
		`, 0)
	}
}

func TestGlobalGroupAggregate(t *testing.T) {
	in := changes()
	n := groupNode(in, nil, call(t, in, "SUM", 1))
	check(t, n, rowByRow(), ``, ``, 0)
	check(t, n, rowByRow(), `
		a, 1, true
		-D a, 1, true
		b, NULL, true
	`, `
		+I 1
		-D 1
		+I NULL
	`, 0)
}

// TestEmptiedGroupForgetsRoundingErrors: 0.1 + 0.2 - 0.1 - 0.2 is not 0.
func TestEmptiedGroupForgetsRoundingErrors(t *testing.T) {
	in := vec.Schema{{Name: "k", Type: types.String()}, {Name: "v", Type: types.New(types.Double)}}
	n := groupNode(in, []int{0}, call(t, in, "SUM", 1))
	for _, batch := range []int{1, 3, 100} {
		got, err := optest.Run(n, plan.Config{}, `
			a, 0.1
			a, 0.2
			-D a, 0.1
			-D a, 0.2
			a, 5`, batch)
		if err != nil || fold(t, got.Out, 1) != "a, 5" {
			t.Fatalf("batches of %d: %v\n%s", batch, err, got.Out)
		}
	}
}

func TestTwoPhaseGroupAggregate(t *testing.T) {
	in := changes()
	single := groupNode(in, []int{0}, call(t, in, "COUNT"), call(t, in, "SUM", 1), call(t, in, "AVG", 1), filtered(call(t, in, "MAX", 1), 2))
	single.InputRetract = false
	script := "a, 1, true\nb, 2, false\na, NULL, true\nclock 00:00:01\na, 4, false\nc, NULL, true\nb, -7, true"
	want, err := optest.Run(single, plan.Config{}, script, 1000)
	if err != nil {
		t.Fatal(err)
	}
	local, global := *single, *single
	local.Phase, global.Phase = plan.Local, plan.Global
	local.Schema = append(append(vec.Schema{}, single.Schema[:1]...), agg.PartialSchema(single.Calls)...)
	global.Input = &local
	for _, batch := range []int{1, 2, 1000} {
		for _, cfg := range []plan.Config{{}, rowByRow()} {
			part, err := optest.Run(&local, cfg, script, batch)
			if err != nil {
				t.Fatal(err)
			}
			got, err := optest.Run(&global, plan.Config{}, part.Out, 1000)
			if err != nil {
				t.Fatal(err)
			}
			if fold(t, got.Out, 1) != fold(t, want.Out, 1) {
				t.Fatalf("two phases give\n%s\none gives\n%s", got.Out, want.Out)
			}
		}
	}
}

// TestGroupAggregateFoldsToTheSame runs random changelogs through every batch size, with and without merging,
// and compares what they fold to with sums made by hand.
func TestGroupAggregateFoldsToTheSame(t *testing.T) {
	in := changes()
	calls := []agg.Call{
		call(t, in, "COUNT"), call(t, in, "SUM", 1), call(t, in, "MIN", 1), call(t, in, "MAX", 1),
		distinct(call(t, in, "COUNT", 1)), filtered(distinct(call(t, in, "SUM", 1)), 2),
	}
	for seed := range uint64(8) {
		script, want := randomChangelog(rand.New(rand.NewPCG(seed, 1)))
		if seed < 2 {
			resume(t, groupNode(in, []int{0}, calls...), rowByRow(), someBarriers(script))
			resume(t, groupNode(in, []int{0}, calls[:2]...), plan.Config{}, someBarriers(script)) // which can be evicted
		}
		for _, cfg := range []plan.Config{{}, rowByRow()} {
			for _, batch := range []int{1, 7, 64, 1000} {
				got, err := optest.Run(groupNode(in, []int{0}, calls...), cfg, script, batch)
				if err != nil {
					t.Fatal(err)
				}
				if f := fold(t, got.Out, 1); f != want {
					t.Fatalf("seed %d, batches of %d: got\n%s\nwant\n%s\nof\n%s", seed, batch, f, want, script)
				}
			}
		}
	}
}

type testRow struct {
	k string
	v int64 // -1: NULL
	c bool
}

func (r testRow) String() string {
	v := fmt.Sprint(r.v)
	if r.v < 0 {
		v = "NULL"
	}
	return fmt.Sprintf("%s, %s, %v", r.k, v, r.c)
}

// randomChangelog gives a changelog of a few keys and what the calls of the test give at its end.
func randomChangelog(rng *rand.Rand) (script, want string) {
	var b strings.Builder
	var rows []testRow
	for range 300 {
		r := testRow{string(rune('a' + rng.IntN(6))), int64(rng.IntN(9)) - 1, rng.IntN(2) == 0}
		switch {
		case rng.IntN(30) == 0: // of a key that nobody knows
			fmt.Fprintf(&b, "-D z%s\n", r)
		case len(rows) > 0 && rng.IntN(9) < 5:
			i := rng.IntN(len(rows))
			if rng.IntN(2) == 0 {
				fmt.Fprintf(&b, "-U %s\n+U %s\n", rows[i], r)
				rows[i] = r
				break
			}
			fmt.Fprintf(&b, "-D %s\n", rows[i])
			rows = append(rows[:i], rows[i+1:]...)
		default:
			fmt.Fprintf(&b, "%s\n", r)
			rows = append(rows, r)
		}
	}
	return b.String(), byHand(rows)
}

func byHand(rows []testRow) string {
	groups := map[string][]testRow{}
	for _, r := range rows {
		groups[r.k] = append(groups[r.k], r)
	}
	var out []string
	for k, rs := range groups {
		sum, least, most := int64(0), "NULL", "NULL"
		seen, chosen := map[int64]bool{}, map[int64]bool{}
		lo, hi := int64(1<<60), int64(-1)
		for _, r := range rs {
			if r.v < 0 {
				continue
			}
			sum += r.v
			lo, hi = min(lo, r.v), max(hi, r.v)
			seen[r.v] = true
			if r.c {
				chosen[r.v] = true
			}
		}
		total, some := "NULL", "NULL"
		if len(seen) > 0 {
			total, least, most = fmt.Sprint(sum), fmt.Sprint(lo), fmt.Sprint(hi)
		}
		if len(chosen) > 0 {
			s := int64(0)
			for v := range chosen {
				s += v
			}
			some = fmt.Sprint(s)
		}
		out = append(out, fmt.Sprintf("%s, %d, %s, %s, %s, %d, %s", k, len(rs), total, least, most, len(seen), some))
	}
	sort.Strings(out)
	return strings.Join(out, "\n")
}

// fold applies a changelog whose first columns are its key, checking that it is one.
func fold(t *testing.T, changelog string, keys int) string {
	t.Helper()
	rows := map[string]string{}
	for _, l := range strings.Split(lines(changelog), "\n") {
		if l == "" || strings.HasPrefix(l, "watermark") {
			continue
		}
		kind, row, _ := strings.Cut(l, " ")
		key := strings.Join(strings.Split(row, ", ")[:keys], ", ")
		old, known := rows[key]
		switch kind {
		case "+I":
			if known {
				t.Fatalf("%s: the key is there already", l)
			}
			rows[key] = row
		case "+U":
			if !known {
				t.Fatalf("%s: the key is not there", l)
			}
			rows[key] = row
		default:
			if old != row {
				t.Fatalf("%s takes back what was %q", l, old)
			}
			if kind == "-D" {
				delete(rows, key)
			}
		}
	}
	var out []string
	for _, r := range rows {
		out = append(out, r)
	}
	sort.Strings(out)
	return strings.Join(out, "\n")
}

func TestGroupsExpire(t *testing.T) {
	in := changes()
	n := groupNode(in, []int{0}, call(t, in, "MAX", 1))
	cfg := plan.Config{RowByRow: true, StateTTL: 10 * time.Second}
	check(t, n, cfg, `
		a, 5, true
		b, 5, true
		clock 00:00:09.999
		# unchanged, but written again
		a, 1, true
		clock 00:00:10
		# expired, although no sweep has found it yet
		b, 1, true
		clock 00:00:19.999
		-D a, 5, true
		a, 2, true
	`, `
		+I a, 5
		+I b, 5
		-U a, 5
		+U a, 5
		+I b, 1
		+I a, 2
	`, 0)
}

// TestGroupsOfAKeyGroupAreRestored has more keys than key groups, of which one is wanted after the other: those that lay beside
// the first in its key group are there, too.
func TestGroupsOfAKeyGroupAreRestored(t *testing.T) {
	in := changes()
	var script strings.Builder
	for i := range 3 {
		for k := range 500 {
			fmt.Fprintf(&script, "key %d, %d, true\n", (k*(2*i+1))%500, i)
		}
		script.WriteString("barrier\n")
	}
	optest.Resume(t, groupNode(in, []int{0}, call(t, in, "COUNT")), plan.Config{RowByRow: true}, script.String(), 7, []int{0})
}
