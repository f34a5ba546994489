package op_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/weirstream/weir/runtime/op/optest"
	"github.com/weirstream/weir/runtime/plan"
	"github.com/weirstream/weir/sql/types"
)

// TestWindowsAgreeWithTheirDefinition runs random rows through random windows, in one phase and in two, and
// compares the rows and the number of late ones with what the definition gives: every row in every
// window that it is in, unless that has fired.
func TestWindowsAgreeWithTheirDefinition(t *testing.T) {
	in := events(types.TimestampOf(3))
	for seed := range uint64(25) {
		rng := rand.New(rand.NewPCG(seed, 9))
		w := randomWindow(rng)
		n := windowNode(in, w, []int{0}, call(t, in, "COUNT"), call(t, in, "SUM", 1), call(t, in, "MAX", 1))
		script, model := randomEvents(rng, w)
		for _, batch := range []int{1, 5, 1000} {
			got, err := optest.Run(n, plan.Config{BatchSize: 1 + rng.IntN(9)}, script, batch)
			if err != nil {
				t.Fatal(err)
			}
			compareWindows(t, seed, w, script, got, model)
			local, global := splitNode(n)
			part, err := optest.Run(local, plan.Config{}, script, batch)
			if err != nil {
				t.Fatal(err)
			}
			if got, err = optest.Run(global, plan.Config{}, part.Out, batch); err != nil {
				t.Fatal(err)
			}
			compareWindows(t, seed, w, script, got, model)
		}
		withDistinct := windowNode(in, w, []int{0}, call(t, in, "COUNT"), distinct(call(t, in, "SUM", 1)), distinct(call(t, in, "COUNT", 1)), call(t, in, "MAX", 1))
		sameForAllBatches(t, withDistinct, script)
	}
}

func sameForAllBatches(t *testing.T, n *plan.WindowAggregate, script string) {
	t.Helper()
	want, err := optest.Run(n, plan.Config{}, script, 1)
	if err != nil {
		t.Fatal(err)
	}
	got, err := optest.Run(n, plan.Config{}, script, 1000)
	if n.Window.Kind == plan.Hop {
		// The order within a window depends on what came in other slices before.
		got.Out, want.Out = sortedRows(got.Out), sortedRows(want.Out)
	}
	if err != nil || got != want {
		t.Fatalf("%v: one batch gives\n%s\nsingle rows\n%s", err, got.Out, want.Out)
	}
}

// sortedRows sorts the rows between watermarks.
func sortedRows(out string) string {
	lines := strings.Split(out, "\n")
	for from := 0; from < len(lines); {
		to := from
		for to < len(lines) && strings.HasPrefix(lines[to], "+I") {
			to++
		}
		slices.Sort(lines[from:to])
		from = to + 1
	}
	return strings.Join(lines, "\n")
}

// TestHopOfManyKeys has slices with keys that others before have and with keys that none has, and rows that come when their slice has long been
// followed by others.
func TestHopOfManyKeys(t *testing.T) {
	in := events(types.TimestampOf(3))
	w := plan.Window{Kind: plan.Hop, TimeCol: 2, Slide: second, Size: 4 * second}
	n := windowNode(in, w, []int{0}, call(t, in, "COUNT"), call(t, in, "SUM", 1), call(t, in, "MAX", 1))
	rng := rand.New(rand.NewPCG(1, 2))
	m := &windowModel{rows: map[string]*modelGroup{}}
	var b strings.Builder
	first, wm := 0, int64(-1<<40)
	for slice := range int64(14) {
		start := (30 + slice) * second
		first += []int{0, 100, 1500}[rng.IntN(3)]
		for i := range 1500 + rng.IntN(500) {
			ts, v := start+rng.Int64N(second), rng.Int64N(9)
			if i%10 == 0 {
				ts -= rng.Int64N(5 * second)
			}
			key := fmt.Sprint("k", first+i)
			fmt.Fprintf(&b, "%s, %d, %s\n", key, v, stamp(ts))
			m.add(w, key, v, ts, wm)
			if i == 1000 {
				b.WriteString("barrier\n")
			}
		}
		wm = start
		fmt.Fprintf(&b, "watermark %s\n", stamp(wm))
	}
	got, err := optest.Run(n, plan.Config{}, b.String(), 1000)
	if err != nil {
		t.Fatal(err)
	}
	compareWindows(t, 0, w, "", got, m)
	optest.Resume(t, n, plan.Config{}, b.String(), 1000, []int{0})

	local, global := splitNode(n)
	part, err := optest.Run(local, plan.Config{}, strings.ReplaceAll(b.String(), "barrier\n", ""), 1000)
	if err != nil {
		t.Fatal(err)
	}
	if got, err = optest.Run(global, plan.Config{}, part.Out, 1000); err != nil {
		t.Fatal(err)
	}
	compareWindows(t, 0, w, "", got, m)
}

func randomWindow(rng *rand.Rand) plan.Window {
	slide := int64(1+rng.IntN(5)) * second
	w := plan.Window{Kind: plan.WindowKind(rng.IntN(3)), TimeCol: 2, Slide: slide, Size: slide * int64(1+rng.IntN(5))}
	if w.Kind == plan.Tumble {
		w.Size, w.Slide = slide, 0
	}
	w.Offset = rng.Int64N(2*w.Size) - w.Size
	return w
}

type modelGroup struct{ count, sum, most int64 }

type windowModel struct {
	rows map[string]*modelGroup // by key, start and end
	late int64
}

// windowsOf gives the starts and ends of the windows that hold ts.
func windowsOf(w plan.Window, ts int64) (out [][2]int64) {
	floor := func(x, size int64) int64 {
		start := x - w.Offset
		for start%size != 0 {
			start--
		}
		return start + w.Offset
	}
	switch w.Kind {
	case plan.Hop:
		for start := floor(ts, w.Slide); start > ts-w.Size; start -= w.Slide {
			out = append(out, [2]int64{start, start + w.Size})
		}
	case plan.Cumulate:
		start := floor(ts, w.Size)
		for end := start + w.Slide; end <= start+w.Size; end += w.Slide {
			if ts < end {
				out = append(out, [2]int64{start, end})
			}
		}
	default:
		start := floor(ts, w.Size)
		out = append(out, [2]int64{start, start + w.Size})
	}
	return out
}

func randomEvents(rng *rand.Rand, w plan.Window) (string, *windowModel) {
	var b strings.Builder
	m := &windowModel{rows: map[string]*modelGroup{}}
	now, wm := int64(30*second), int64(-1<<40)
	for range 150 {
		now += rng.Int64N(1500)
		if rng.IntN(6) == 0 {
			wm = max(wm, now-rng.Int64N(6*second))
			fmt.Fprintf(&b, "watermark %s\n", stamp(wm))
			continue
		}
		ts, key, v := now-rng.Int64N(9*second), string(rune('a'+rng.IntN(4))), rng.Int64N(9)
		fmt.Fprintf(&b, "%s, %d, %s\n", key, v, stamp(ts))
		m.add(w, key, v, ts, wm)
	}
	return b.String(), m
}

func stamp(ms int64) string {
	return fmt.Sprintf("%02d:%02d:%02d.%03d", ms/hour, ms/60000%60, ms/1000%60, ms%1000)
}

func (m *windowModel) add(w plan.Window, key string, v, ts, wm int64) {
	taken := false
	for _, x := range windowsOf(w, ts) {
		if x[1]-1 <= wm {
			continue
		}
		taken = true
		id := fmt.Sprintf("%s %d %d", key, x[0], x[1])
		g := m.rows[id]
		if g == nil {
			g = &modelGroup{}
			m.rows[id] = g
		}
		g.count, g.sum, g.most = g.count+1, g.sum+v, max(g.most, v)
	}
	if !taken {
		m.late++
	}
}

func compareWindows(t *testing.T, seed uint64, w plan.Window, script string, got optest.Result, m *windowModel) {
	t.Helper()
	var want []string
	for id, g := range m.rows {
		var key string
		var start, end int64
		if _, err := fmt.Sscanf(id, "%s %d %d", &key, &start, &end); err != nil {
			t.Fatal(err)
		}
		want = append(want, fmt.Sprintf("+I %s, %d, %d, %d, %s, %s, %s", key, g.count, g.sum, g.most, optest.Moment(start), optest.Moment(end), optest.Moment(end-1)))
	}
	var rows []string
	for _, l := range strings.Split(got.Out, "\n") {
		if strings.HasPrefix(l, "+I") {
			rows = append(rows, l)
		}
	}
	slices.Sort(rows)
	slices.Sort(want)
	if !slices.Equal(rows, want) || got.Late != m.late {
		t.Fatalf("seed %d, %+v: %d late rows, want %d, and\n%s\nwant\n%s\nof\n%s", seed, w, got.Late, m.late, strings.Join(rows, "\n"), strings.Join(want, "\n"), script)
	}
}
