package op_test

import (
	"strings"
	"testing"
	"time"

	"github.com/weirstream/weir/runtime/agg"
	"github.com/weirstream/weir/runtime/op/optest"
	"github.com/weirstream/weir/runtime/plan"
	"github.com/weirstream/weir/runtime/vec"
	"github.com/weirstream/weir/sql/types"
)

func bigint() types.Type { return types.New(types.BigInt) }

// events is the schema of most cases: a key, a value, and the time attribute.
func events(timeType types.Type) vec.Schema {
	return vec.Schema{{Name: "k", Type: types.String()}, {Name: "v", Type: bigint()}, {Name: "ts", Type: timeType}}
}

// call types a call of a built-in.
func call(t testing.TB, in vec.Schema, name string, args ...int) agg.Call {
	t.Helper()
	fn := agg.Builtins().Lookup(name)
	if fn == nil {
		t.Fatalf("no aggregate %s", name)
	}
	return callOf(t, in, fn, args...)
}

func callOf(t testing.TB, in vec.Schema, fn *agg.Func, args ...int) agg.Call {
	t.Helper()
	var ts []types.Type
	for _, a := range args {
		ts = append(ts, in[a].Type)
	}
	sig, err := fn.Resolve(ts)
	if err != nil {
		t.Fatal(err)
	}
	return agg.Call{Fn: fn, Sig: sig, Args: args, Filter: -1, Name: strings.ToLower(fn.Name)}
}

func distinct(c agg.Call) agg.Call {
	c.Distinct = true
	return c
}

func filtered(c agg.Call, by int) agg.Call {
	c.Filter = by
	return c
}

var allWindowColumns = []plan.WindowColumn{plan.WindowStart, plan.WindowEnd, plan.WindowTime}

func windowNode(in vec.Schema, w plan.Window, keys []int, calls ...agg.Call) *plan.WindowAggregate {
	n := &plan.WindowAggregate{Input: optest.Input(in), Window: w, Keys: keys, Calls: calls, Windows: allWindowColumns}
	for _, k := range keys {
		n.Schema = append(n.Schema, in[k])
	}
	for _, c := range calls {
		n.Schema = append(n.Schema, vec.Field{Name: c.Name, Type: c.Sig.Result})
	}
	attr := types.TimestampOf(3)
	if w.Local {
		attr = types.TimestampLTZOf(3)
	}
	n.Schema = append(n.Schema, vec.Schema{{Name: "window_start", Type: types.TimestampOf(3)}, {Name: "window_end", Type: types.TimestampOf(3)}, {Name: "window_time", Type: attr}}...)
	return n
}

// check runs the operator in batches of 1, 7 and everything; all must give want.
func check(t *testing.T, n plan.Node, cfg plan.Config, script, want string, late int64) {
	t.Helper()
	for _, batch := range []int{1, 7, 1000} {
		got, err := optest.Run(n, cfg, script, batch)
		if err != nil {
			t.Fatalf("batches of %d: %v", batch, err)
		}
		if lines(got.Out) != lines(want) || got.Late != late {
			t.Fatalf("batches of %d: %d late rows, want %d, and\n%s\nwant\n%s", batch, got.Late, late, lines(got.Out), lines(want))
		}
	}
	resume(t, n, cfg, script)
}

func lines(s string) string {
	var out []string
	for _, l := range strings.Split(s, "\n") {
		if l = strings.TrimSpace(l); l != "" {
			out = append(out, l)
		}
	}
	return strings.Join(out, "\n")
}

const second, hour, day = 1000, 3600 * 1000, 24 * 3600 * 1000

func TestTumble(t *testing.T) {
	in := events(types.TimestampOf(3))
	n := windowNode(in, plan.Window{TimeCol: 2, Size: 10 * second}, []int{0},
		call(t, in, "COUNT"), call(t, in, "SUM", 1), call(t, in, "MAX", 1), call(t, in, "MIN", 1), call(t, in, "AVG", 1))
	check(t, n, plan.Config{}, `
		b, 5, 00:00:01
		a, 1, 00:00:02
		a, NULL, 00:00:09.999
		a, 7, 00:00:10
		b, 2, 00:00:03
		# one millisecond before the window's last
		watermark 00:00:09.998
		c, NULL, 00:00:00
		watermark 00:00:09.999
		a, 100, 00:00:09.999
		a, 8, 00:00:19
		watermark 00:00:25
		a, 1, 00:00:40
		a, 1, 00:00:30
	`, `
		watermark 00:00:09.998
		+I b, 2, 7, 5, 2, 3, 00:00:00, 00:00:10, 00:00:09.999
		+I a, 2, 1, 1, 1, 1, 00:00:00, 00:00:10, 00:00:09.999
		+I c, 1, NULL, NULL, NULL, NULL, 00:00:00, 00:00:10, 00:00:09.999
		watermark 00:00:09.999
		+I a, 2, 15, 8, 7, 7, 00:00:10, 00:00:20, 00:00:19.999
		watermark 00:00:25
		+I a, 1, 1, 1, 1, 1, 00:00:30, 00:00:40, 00:00:39.999
		+I a, 1, 1, 1, 1, 1, 00:00:40, 00:00:50, 00:00:49.999
	`, 1)
}

func TestTumbleBeforeTheEpochAndWithOffset(t *testing.T) {
	in := events(types.TimestampOf(3))
	n := windowNode(in, plan.Window{TimeCol: 2, Size: hour}, []int{0}, call(t, in, "COUNT"))
	check(t, n, plan.Config{}, `
		a, 1, 1969-12-31 23:59:59.999
		a, 1, 1969-12-31 23:00:00
		a, 1, 1969-12-31 22:59:59.999
	`, `
		+I a, 1, 1969-12-31 22:00:00, 1969-12-31 23:00:00, 1969-12-31 22:59:59.999
		+I a, 2, 1969-12-31 23:00:00, 00:00:00, 1969-12-31 23:59:59.999
	`, 0)
	for _, offset := range []int64{10 * 60 * second, 10*60*second - hour} {
		n.Window.Offset = offset
		check(t, n, plan.Config{}, `
			a, 1, 1969-12-31 23:10:00
			a, 1, 00:09:59.999
			a, 1, 00:10:00
		`, `
			+I a, 2, 1969-12-31 23:10:00, 00:10:00, 00:09:59.999
			+I a, 1, 00:10:00, 01:10:00, 01:09:59.999
		`, 0)
	}
}

func TestWindowWithoutKeysOrRows(t *testing.T) {
	in := events(types.TimestampOf(3))
	n := windowNode(in, plan.Window{TimeCol: 2, Size: 10 * second}, nil, call(t, in, "COUNT", 1))
	check(t, n, plan.Config{}, `watermark 00:01:00`, `watermark 00:01:00`, 0)
	check(t, n, plan.Config{}, `
		a, 1, 00:00:01
		b, NULL, 00:00:02
	`, `+I 1, 00:00:00, 00:00:10, 00:00:09.999`, 0)
}

// TestHop has windows of 10 s every 5 s: each row counts in two, and a late one still in those that are open.
func TestHop(t *testing.T) {
	in := events(types.TimestampOf(3))
	n := windowNode(in, plan.Window{Kind: plan.Hop, TimeCol: 2, Size: 10 * second, Slide: 5 * second}, []int{0},
		call(t, in, "COUNT"), call(t, in, "MAX", 1), distinct(call(t, in, "COUNT", 1)))
	check(t, n, plan.Config{}, `
		a, 1, 00:00:01
		b, 3, 00:00:02
		a, 9, 00:00:06
		a, 1, 00:00:07
		watermark 00:00:04.999
		# its first window has fired, its second is open
		b, 4, 00:00:03
		watermark 00:00:10
		# both windows of this one have fired
		b, 5, 00:00:03
		a, 2, 00:00:30
	`, `
		+I a, 1, 1, 1, 1969-12-31 23:59:55, 00:00:05, 00:00:04.999
		+I b, 1, 3, 1, 1969-12-31 23:59:55, 00:00:05, 00:00:04.999
		watermark 00:00:04.999
		+I a, 3, 9, 2, 00:00:00, 00:00:10, 00:00:09.999
		+I b, 2, 4, 2, 00:00:00, 00:00:10, 00:00:09.999
		watermark 00:00:10
		+I a, 2, 9, 2, 00:00:05, 00:00:15, 00:00:14.999
		+I a, 1, 2, 1, 00:00:25, 00:00:35, 00:00:34.999
		+I a, 1, 2, 1, 00:00:30, 00:00:40, 00:00:39.999
	`, 1)
}

func TestCumulate(t *testing.T) {
	in := events(types.TimestampOf(3))
	n := windowNode(in, plan.Window{Kind: plan.Cumulate, TimeCol: 2, Size: 15 * second, Slide: 5 * second}, []int{0},
		call(t, in, "COUNT"), distinct(call(t, in, "SUM", 1)))
	check(t, n, plan.Config{}, `
		a, 1, 00:00:06
		watermark 00:00:09.999
		b, 2, 00:00:11
		# late for the steps that have fired, but not for the last
		b, 2, 00:00:01
		watermark 00:00:20
		a, 5, 00:00:14
		a, 5, 00:00:20
	`, `
		+I a, 1, 1, 00:00:00, 00:00:10, 00:00:09.999
		watermark 00:00:09.999
		+I b, 2, 2, 00:00:00, 00:00:15, 00:00:14.999
		+I a, 1, 1, 00:00:00, 00:00:15, 00:00:14.999
		watermark 00:00:20
		+I a, 1, 5, 00:00:15, 00:00:25, 00:00:24.999
		+I a, 1, 5, 00:00:15, 00:00:30, 00:00:29.999
	`, 1)
}

// TestLocalTimeWindows takes Berlin, where 2021-10-31 has 25 hours: 01:00 UTC is 02:00 for the second
// time; and 2021-03-28, which has no hour from 02:00 to 03:00.
func TestLocalTimeWindows(t *testing.T) {
	zone, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Skip("no time zones on this machine")
	}
	in := events(types.TimestampLTZOf(3))
	n := windowNode(in, plan.Window{TimeCol: 2, Size: hour, Local: true}, nil, call(t, in, "COUNT"))
	check(t, n, plan.Config{Zone: zone}, `
		a, 1, 2021-10-31 00:10:00
		a, 1, 2021-10-31 01:10:00
		a, 1, 2021-10-31 02:10:00
		# the first 02:59:59.999
		watermark 2021-10-31 00:59:59.999
		watermark 2021-10-31 01:59:59.999
	`, `
		watermark 2021-10-31 00:59:59.999
		+I 2, 2021-10-31 02:00:00, 2021-10-31 03:00:00, 2021-10-31 01:59:59.999
		watermark 2021-10-31 01:59:59.999
		+I 1, 2021-10-31 03:00:00, 2021-10-31 04:00:00, 2021-10-31 02:59:59.999
	`, 0)
	n.Window.Size = day
	check(t, n, plan.Config{Zone: zone}, `
		a, 1, 2021-03-27 23:00:00
		a, 1, 2021-03-28 21:59:59.999
		a, 1, 2021-03-28 22:00:00
		watermark 2021-03-28 21:59:59.998
		watermark 2021-03-28 21:59:59.999
	`, `
		watermark 2021-03-28 21:59:59.998
		+I 2, 2021-03-28 00:00:00, 2021-03-29 00:00:00, 2021-03-28 21:59:59.999
		watermark 2021-03-28 21:59:59.999
		+I 1, 2021-03-29 00:00:00, 2021-03-30 00:00:00, 2021-03-29 21:59:59.999
	`, 0)
}

func TestProcessingTimeWindowsFollowTheClock(t *testing.T) {
	in := events(types.TimestampLTZOf(3))
	n := windowNode(in, plan.Window{TimeCol: 2, Size: 10 * second, Local: true, ProcTime: true}, []int{0}, call(t, in, "COUNT"))
	check(t, n, plan.Config{}, `
		a, 1, NULL
		clock 00:00:09.999
		a, 1, NULL
		watermark 00:01:00
		clock 00:00:12
		b, 1, NULL
		clock 00:00:20
		a, 1, NULL
	`, `
		watermark 00:01:00
		+I a, 2, 00:00:00, 00:00:10, 00:00:09.999
		+I b, 1, 00:00:10, 00:00:20, 00:00:19.999
		+I a, 1, 00:00:20, 00:00:30, 00:00:29.999
	`, 0)
}

func TestNullRowtimeIsAnError(t *testing.T) {
	in := events(types.TimestampOf(3))
	n := windowNode(in, plan.Window{TimeCol: 2, Size: 10 * second}, []int{0}, call(t, in, "COUNT"))
	_, err := optest.Run(n, plan.Config{}, "a, 1, 00:00:01\na, 1, NULL", 10)
	if err == nil || !strings.Contains(err.Error(), "ts") || !strings.Contains(err.Error(), "NULL") {
		t.Fatalf("error %v", err)
	}
}

// TestTwoPhases puts a local and a global aggregation behind each other; together they give what one
// gives.
func TestTwoPhases(t *testing.T) {
	in := events(types.TimestampOf(3))
	for _, w := range []plan.Window{
		{TimeCol: 2, Size: 10 * second},
		{Kind: plan.Hop, TimeCol: 2, Size: 10 * second, Slide: 5 * second},
		{Kind: plan.Cumulate, TimeCol: 2, Size: 20 * second, Slide: 5 * second},
	} {
		// The number of rows is the state of a COUNT(*), wherever it is, or a column of its own.
		for _, calls := range [][]agg.Call{
			{call(t, in, "COUNT"), call(t, in, "SUM", 1), call(t, in, "AVG", 1), call(t, in, "MIN", 1), call(t, in, "MAX", 0)},
			{call(t, in, "AVG", 1), call(t, in, "COUNT", 1), call(t, in, "COUNT"), call(t, in, "MAX", 0)},
			{call(t, in, "AVG", 1), call(t, in, "COUNT", 1)},
			nil,
		} {
			testTwoPhases(t, windowNode(in, w, []int{0}, calls...))
		}
	}
}

func testTwoPhases(t *testing.T, single *plan.WindowAggregate) {
	t.Helper()
	script := `
		a, 1, 00:00:01
		b, 2, 00:00:12
		a, NULL, 00:00:03
		watermark 00:00:09
		a, 4, 00:00:08
		watermark 00:00:13
		c, -9, 00:00:02
		a, 4, 00:00:28
		c, NULL, 00:00:28`
	want, err := optest.Run(single, plan.Config{}, script, 10)
	if err != nil {
		t.Fatal(err)
	}
	local, global := splitNode(single)
	for _, batch := range []int{1, 3, 1000} {
		part, err := optest.Run(local, plan.Config{}, script, batch)
		if err != nil {
			t.Fatal(err)
		}
		check(t, global, plan.Config{}, part.Out, want.Out, want.Late)
	}
}

// splitNode makes the two phases of a window aggregation.
func splitNode(n *plan.WindowAggregate) (local, global *plan.WindowAggregate) {
	l, g := *n, *n
	l.Phase, g.Phase = plan.Local, plan.Global
	nk := len(n.Keys)
	l.Schema = append(vec.Schema{}, n.Schema[:nk]...)
	l.Schema = append(l.Schema, vec.Field{Name: "$slice_end", Type: bigint().WithoutNull()})
	counting, _ := agg.Counting(n.Calls)
	l.Schema = append(l.Schema, agg.PartialSchema(counting)...)
	g.Input = &l
	g.Keys = nil
	for i := range nk {
		g.Keys = append(g.Keys, i)
	}
	return &l, &g
}

// TestWindowsOfChangelogs takes rows back; what comes too late is dropped whatever its kind.
func TestWindowsOfChangelogs(t *testing.T) {
	in := events(types.TimestampOf(3))
	script := `
		a, 1, 00:00:01
		a, 5, 00:00:06
		b, 2, 00:00:02
		-U a, 5, 00:00:06
		+U a, 3, 00:00:07
		-D b, 2, 00:00:02
		c, 3, 00:00:07
		watermark 00:00:10
		-D a, 1, 00:00:01
		-D c, 3, 00:00:07
		c, 3, 00:00:08`
	calls := []agg.Call{call(t, in, "COUNT"), call(t, in, "MAX", 1), distinct(call(t, in, "COUNT", 1)), call(t, in, "FIRST_VALUE", 1)}
	n := windowNode(in, plan.Window{TimeCol: 2, Size: 5 * second}, []int{0}, calls...)
	n.InputRetract = true
	check(t, n, plan.Config{}, script, `
		+I a, 1, 1, 1, 1, 00:00:00, 00:00:05, 00:00:04.999
		+I a, 1, 3, 1, 3, 00:00:05, 00:00:10, 00:00:09.999
		+I c, 1, 3, 1, 3, 00:00:05, 00:00:10, 00:00:09.999
		watermark 00:00:10
	`, 3)
	n = windowNode(in, plan.Window{Kind: plan.Hop, TimeCol: 2, Size: 10 * second, Slide: 5 * second}, []int{0}, calls...)
	n.InputRetract = true
	check(t, n, plan.Config{}, script, `
		+I a, 1, 1, 1, 1, 1969-12-31 23:59:55, 00:00:05, 00:00:04.999
		+I a, 2, 3, 2, 1, 00:00:00, 00:00:10, 00:00:09.999
		+I c, 1, 3, 1, 3, 00:00:00, 00:00:10, 00:00:09.999
		watermark 00:00:10
		+I a, 1, 3, 1, 3, 00:00:05, 00:00:15, 00:00:14.999
		+I c, 1, 3, 1, 3, 00:00:05, 00:00:15, 00:00:14.999
	`, 1)
}
