package op_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/weirstream/weir/runtime/op/optest"
	"github.com/weirstream/weir/runtime/plan"
	"github.com/weirstream/weir/runtime/vec"
	"github.com/weirstream/weir/sql/types"
)

func sessionInput() vec.Schema {
	return vec.Schema{{Name: "k", Type: types.String()}, {Name: "v", Type: bigint()}, {Name: "ts", Type: types.TimestampOf(3)}}
}

func sessionNode(t *testing.T, w plan.Window) *plan.WindowAggregate {
	in := sessionInput()
	n := &plan.WindowAggregate{
		Input: optest.Input(in), Window: w, Keys: []int{0}, Windows: []plan.WindowColumn{plan.WindowStart, plan.WindowEnd, plan.WindowTime},
	}
	n.Calls = append(n.Calls, call(t, in, "COUNT"), call(t, in, "MAX", 1))
	n.Schema = vec.Schema{in[0], {Name: "n", Type: bigint()}, {Name: "hi", Type: bigint()}}
	for _, name := range []string{"s", "e", "t"} {
		n.Schema = append(n.Schema, vec.Field{Name: name, Type: types.TimestampOf(3)})
	}
	return n
}

var fiveSeconds = plan.Window{Kind: plan.Session, TimeCol: 2, Size: 5 * second}

func TestSessionAggregate(t *testing.T) {
	check(t, sessionNode(t, fiveSeconds), plan.Config{}, `
		a, 1, 00:00:01
		a, 2, 00:00:06
		b, 3, 00:00:01
		b, 4, 00:00:06.001
		# joins two
		a, 5, 00:00:20
		a, 6, 00:00:10.500
		a, 7, 00:00:15
		watermark 00:00:05.998
		watermark 00:00:05.999
		# late: its own session would have ended, and it touches none
		b, 8, 00:00:00
		c, 8, 00:00:00
		# old, but touches an open one
		b, 9, 00:00:05.500
		d, 1, 00:00:03
		watermark 00:00:11
		d, 2, 00:00:09`, `
		watermark 00:00:05.998
		+I b, 1, 3, 00:00:01, 00:00:06, 00:00:05.999
		watermark 00:00:05.999
		+I d, 1, 1, 00:00:03, 00:00:08, 00:00:07.999
		+I b, 2, 9, 00:00:05.5, 00:00:11.001, 00:00:11
		watermark 00:00:11
		+I d, 1, 2, 00:00:09, 00:00:14, 00:00:13.999
		+I a, 5, 7, 00:00:01, 00:00:25, 00:00:24.999`, 2)
}

func TestSessionProcessingTime(t *testing.T) {
	w := fiveSeconds
	w.ProcTime = true
	check(t, sessionNode(t, w), plan.Config{}, `
		clock 00:00:01
		a, 1, NULL
		clock 00:00:05
		a, 2, NULL
		clock 00:00:10
		a, 3, NULL
		clock 00:00:30
		b, 4, NULL`, `
		+I a, 2, 2, 00:00:01, 00:00:10, 00:00:09.999
		+I a, 1, 3, 00:00:10, 00:00:15, 00:00:14.999
		+I b, 1, 4, 00:00:30, 00:00:35, 00:00:34.999`, 0)
}

func TestSessionTableFunction(t *testing.T) {
	in := sessionInput()
	n := &plan.WindowTableFunction{Input: optest.Input(in), Window: fiveSeconds, Keys: []int{0}}
	n.Schema = append(in[:3:3], sessionNode(t, fiveSeconds).Schema[3:]...)
	for _, cfg := range []plan.Config{{}, {BatchSize: 2}} {
		check(t, n, cfg, `
		a, 1, 00:00:01
		b, 2, 00:00:02
		a, 3, 00:00:11
		a, 4, 00:00:06
		a, 5, 00:00:07
		watermark 00:00:08
		z, 6, 00:00:01`, `
		+I b, 2, 00:00:02, 00:00:02, 00:00:07, 00:00:06.999
		watermark 00:00:08
		+I a, 1, 00:00:01, 00:00:01, 00:00:16, 00:00:15.999
		+I a, 3, 00:00:11, 00:00:01, 00:00:16, 00:00:15.999
		+I a, 4, 00:00:06, 00:00:01, 00:00:16, 00:00:15.999
		+I a, 5, 00:00:07, 00:00:01, 00:00:16, 00:00:15.999`, 1)
	}
}

// TestSessionsRandom compares random rows, out of order within what the watermark allows, with sorting them and
// cutting where the gap is exceeded.
func TestSessionsRandom(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	var script strings.Builder
	rows := map[string][][2]int{} // by key: times and values
	wm := 0
	for v := range 3000 {
		k, ts := string(rune('a'+r.IntN(8))), wm+1+r.IntN(60_000)
		fmt.Fprintf(&script, "%s, %d, %s\n", k, v, optest.Moment(int64(ts)))
		rows[k] = append(rows[k], [2]int{ts, v})
		if r.IntN(20) == 0 {
			wm += r.IntN(20_000)
			fmt.Fprintf(&script, "watermark %s\n", optest.Moment(int64(wm)))
		}
	}
	var want []string
	for k, rs := range rows {
		slices.SortFunc(rs, func(a, b [2]int) int { return a[0] - b[0] })
		for from := 0; from < len(rs); {
			to, hi := from, 0
			for to < len(rs) && (to == from || rs[to][0]-rs[to-1][0] <= 5000) {
				hi = max(hi, rs[to][1])
				to++
			}
			end := int64(rs[to-1][0] + 5000)
			want = append(want, fmt.Sprintf("%s, %d, %d, %s, %s, %s", k, to-from, hi, optest.Moment(int64(rs[from][0])), optest.Moment(end), optest.Moment(end-1)))
			from = to
		}
	}
	slices.Sort(want)
	resume(t, sessionNode(t, fiveSeconds), plan.Config{}, someBarriers(script.String()))
	for _, batch := range []int{1, 7, 1000} {
		for _, cfg := range []plan.Config{{}, {BatchSize: 3}} {
			got, err := optest.Run(sessionNode(t, fiveSeconds), cfg, script.String(), batch)
			if err != nil {
				t.Fatal(err)
			}
			if f := foldRows(t, got.Out); f != strings.Join(want, "\n") || got.Late != 0 {
				t.Fatalf("batches of %d: %d late, got\n%s\nwant\n%s", batch, got.Late, f, strings.Join(want, "\n"))
			}
		}
	}
}
