package op_test

import (
	"testing"
	"time"

	"github.com/weirstream/weir/runtime/plan"
	"github.com/weirstream/weir/sql/types"
)

func TestNormalizedRowsExpire(t *testing.T) {
	cfg := plan.Config{RowByRow: true, StateTTL: 10 * time.Second}
	check(t, normalize(), cfg, `
		+U a, 1, NULL
		+U b, 1, NULL
		clock 00:00:05
		# the same again is written again
		+U a, 1, NULL
		clock 00:00:12
		-D b, NULL, NULL
		+U b, 2, NULL
		+U a, 2, NULL
		clock 00:00:21.999
		+U a, 3, NULL
		clock 00:00:31.999
		# expired, although no sweep has found it yet
		-D a, NULL, NULL
		+U a, 4, NULL
	`, `
		+I a, 1, NULL
		+I b, 1, NULL
		-U a, 1, NULL
		+U a, 1, NULL
		+I b, 2, NULL
		-U a, 1, NULL
		+U a, 2, NULL
		-U a, 2, NULL
		+U a, 3, NULL
		+I a, 4, NULL
	`, 0)
}

// TestMaterializedRowsExpire: with a row key or without, equal rows give the same here.
func TestMaterializedRowsExpire(t *testing.T) {
	cfg := plan.Config{RowByRow: true, StateTTL: 10 * time.Second}
	for _, rowKey := range [][]int{{1}, nil} {
		check(t, materialize(rowKey), cfg, `
			+I a, 1, NULL
			+I b, 1, NULL
			+I a, 2, NULL
			clock 00:00:06
			# what takes a row back writes the key's others
			-D a, 2, NULL
			clock 00:00:15.999
			+I a, 3, NULL
			-D b, 1, NULL
			clock 00:00:25.999
			-D a, 3, NULL
			+I a, 1, NULL
			+I a, 1, NULL
			clock 00:00:30
			-D a, 1, NULL
			-D a, 1, NULL
		`, `
			+I a, 1, NULL
			+I b, 1, NULL
			+U a, 2, NULL
			+U a, 1, NULL
			+U a, 3, NULL
			+I a, 1, NULL
			+U a, 1, NULL
			-D a, 1, NULL
		`, 0)
	}
}

func TestFirstArrivalsExpire(t *testing.T) {
	check(t, dedupNode(false, true), plan.Config{StateTTL: 10 * time.Second}, `
		a, 1, 00:00:01
		b, 1, 00:00:01
		a, 2, 00:00:01
		clock 00:00:06
		# a duplicate does not make a key live longer
		a, 3, 00:00:01
		c, 1, 00:00:01
		clock 00:00:10
		a, 4, 00:00:01
		a, 5, 00:00:01
		c, 2, 00:00:01
		clock 00:00:17
		c, 3, 00:00:01
		d, 1, 00:00:01
		a, 6, 00:00:01
		clock 00:00:45
		b, 2, 00:00:01
		d, 2, 00:00:01
	`, `
		+I a, 1, 00:00:01
		+I b, 1, 00:00:01
		+I c, 1, 00:00:01
		+I a, 4, 00:00:01
		+I c, 3, 00:00:01
		+I d, 1, 00:00:01
		+I b, 2, 00:00:01
		+I d, 2, 00:00:01
	`, 0)
}

func TestFirstRowsExpire(t *testing.T) {
	check(t, dedupNode(false, false), plan.Config{StateTTL: 10 * time.Second}, `
		a, 1, 00:00:05
		b, 1, 00:00:20
		watermark 00:00:05
		clock 00:00:08
		a, 2, 00:00:06
		watermark 00:00:07
		clock 00:00:15
		# b waits for the watermark, and does not expire; a has expired
		a, 3, 00:00:09
		a, 4, 00:00:08
		b, 2, 00:00:21
		watermark 00:00:20
		a, 5, 00:00:22
		watermark 00:00:30
	`, `
		+I a, 1, 00:00:05
		watermark 00:00:05
		watermark 00:00:07
		+I a, 4, 00:00:08
		+I b, 1, 00:00:20
		watermark 00:00:20
		watermark 00:00:30
	`, 0)
}

func TestLastRowsExpire(t *testing.T) {
	cfg := plan.Config{RowByRow: true, StateTTL: 10 * time.Second}
	script := `
		a, 1, 00:00:05
		b, 1, 00:00:05
		clock 00:00:06
		a, 1, 00:00:05
		clock 00:00:15.999
		a, 2, 00:00:06
		b, 2, 00:00:02
		clock 00:00:26
		a, 3, 00:00:01
		clock 00:01:00
		a, 4, 00:00:01
	`
	// By event time, an expired row is in no later one's way.
	for _, proctime := range []bool{true, false} {
		check(t, dedupNode(true, proctime), cfg, script, `
			+I a, 1, 00:00:05
			+I b, 1, 00:00:05
			-U a, 1, 00:00:05
			+U a, 1, 00:00:05
			-U a, 1, 00:00:05
			+U a, 2, 00:00:06
			+I b, 2, 00:00:02
			+I a, 3, 00:00:01
			+I a, 4, 00:00:01
		`, 0)
	}
}

func TestSetOperationsExpire(t *testing.T) {
	check(t, setOperation(plan.Intersect, true), plan.Config{StateTTL: 10 * time.Second}, `
		a, 1, false
		b, 1, false
		clock 00:00:09
		a, 1, true
		clock 00:00:12
		b, 1, true
		clock 00:00:18
		a, 1, false
		a, 1, true
		clock 00:00:40
		# of a nothing is left, so that nothing is taken back
		-D a, 1, true
		a, 1, false
		a, 1, true
	`, `
		+I a, 1
		+I a, 1
		+I a, 1
	`, 0)
}

// TestRankedRowsExpire: the rows of a partition expire together, by the last one that came among the first.
func TestRankedRowsExpire(t *testing.T) {
	cfg := plan.Config{RowByRow: true, StateTTL: 10 * time.Second}
	check(t, topNode(1, 2, true, false, largest), cfg, `
		a, 5, x
		b, 5, x
		clock 00:00:06
		a, 4, y
		# not among the first two
		clock 00:00:09
		a, 1, z
		clock 00:00:15.999
		a, 7, w
		b, 1, y
		clock 00:00:25.999
		# expired, although no sweep has found it yet
		a, 1, v
	`, `
		+I a, 5, x, 1
		+I b, 5, x, 1
		+I a, 4, y, 2
		-U a, 5, x, 1
		+U a, 7, w, 1
		-U a, 4, y, 2
		+U a, 5, x, 2
		+I b, 1, y, 1
		+I a, 1, v, 1
	`, 0)
	check(t, topNode(1, 2, false, false, largest), cfg, `
		a, 5, x
		a, 4, y
		clock 00:00:10
		a, 1, z
		a, 2, z
		a, 3, z
	`, `
		+I a, 5, x
		+I a, 4, y
		+I a, 1, z
		+I a, 2, z
		-D a, 1, z
		+I a, 3, z
	`, 0)
}

// TestRankedChangesExpire: what takes a row back writes the others, and one that has expired is not there to be taken back.
func TestRankedChangesExpire(t *testing.T) {
	cfg := plan.Config{RowByRow: true, StateTTL: 10 * time.Second}
	check(t, topNode(1, 1, false, true, largest), cfg, `
		+I a, 5, x
		+I a, 4, y
		+I a, 4, y
		+I a, 3, z
		clock 00:00:06
		-D a, 5, x
		clock 00:00:15.999
		-D a, 4, y
		clock 00:00:25.999
		-D a, 4, y
		+I a, 1, v
		+I a, 3, z
		-D a, 3, z
	`, `
		+I a, 5, x
		-U a, 5, x
		+U a, 4, y
		-U a, 4, y
		+U a, 4, y
		+I a, 1, v
		-U a, 1, v
		+U a, 3, z
		-U a, 3, z
		+U a, 1, v
	`, 0)
}

// TestFramesExpire: by event time, and under ROWS, what is known of a partition lives for one and a half lifetimes from where one would have reached
// beyond its end, and for as long as rows wait.
func TestFramesExpire(t *testing.T) {
	cfg := plan.Config{StateTTL: 10 * time.Second}
	in := events(types.TimestampOf(3))
	for _, f := range []plan.Frame{{Rows: true, Preceding: plan.Unbounded}, {Preceding: plan.Unbounded}, {Rows: true, Preceding: 100}} {
		check(t, overNode(in, f, call(t, in, "COUNT")), cfg, `
			a, 1, 00:00:01
			watermark 00:00:01
			clock 00:00:05
			# lives until 15: a lifetime from now is no longer than that
			a, 2, 00:00:02
			watermark 00:00:02
			clock 00:00:14.999
			# lives until 29.999
			a, 3, 00:00:03
			watermark 00:00:03
			b, 1, 00:00:09
			clock 00:00:29.999
			a, 4, 00:00:04
			b, 2, 00:00:09.5
			watermark 00:00:10
			clock 00:00:45
			b, 3, 00:00:11
			watermark 00:00:11
		`, `
			+I a, 1, 00:00:01, 1
			watermark 00:00:01
			+I a, 2, 00:00:02, 2
			watermark 00:00:02
			+I a, 3, 00:00:03, 3
			watermark 00:00:03
			+I a, 4, 00:00:04, 1
			+I b, 1, 00:00:09, 1
			+I b, 2, 00:00:09.5, 2
			watermark 00:00:10
			+I b, 3, 00:00:11, 1
			watermark 00:00:11
		`, 0)
	}
}

// TestFramesOutliveWhatWaited: a lifetime at whose end rows wait begins anew then, and rows that are given make one longer as rows that come do.
func TestFramesOutliveWhatWaited(t *testing.T) {
	cfg := plan.Config{StateTTL: 10 * time.Second}
	in := events(types.TimestampOf(3))
	for _, f := range []plan.Frame{{Rows: true, Preceding: plan.Unbounded}, {Preceding: plan.Unbounded}, {Rows: true, Preceding: 100}} {
		check(t, overNode(in, f, call(t, in, "COUNT")), cfg, `
			a, 1, 00:00:01
			clock 00:00:16
			# has waited at 15, and lives until 30: a lifetime from now is no longer than that
			watermark 00:00:01
			clock 00:00:29
			# lives until 44
			a, 2, 00:00:02
			watermark 00:00:02
			c, 1, 00:00:03
			clock 00:00:43
			# c is given, and lives until 58
			watermark 00:00:03
			clock 00:00:57
			c, 2, 00:00:04
			a, 3, 00:00:05
			watermark 00:00:05
		`, `
			+I a, 1, 00:00:01, 1
			watermark 00:00:01
			+I a, 2, 00:00:02, 2
			watermark 00:00:02
			+I c, 1, 00:00:03, 1
			watermark 00:00:03
			+I c, 2, 00:00:04, 2
			+I a, 3, 00:00:05, 1
			watermark 00:00:05
		`, 0)
	}
}

// TestLateRowsLengthenLifetimes: a row that is late is dropped, but has come.
func TestLateRowsLengthenLifetimes(t *testing.T) {
	in := events(types.TimestampOf(3))
	n := overNode(in, plan.Frame{Rows: true, Preceding: plan.Unbounded}, call(t, in, "COUNT"))
	check(t, n, plan.Config{StateTTL: 10 * time.Second}, `
		a, 1, 00:00:01
		b, 1, 00:00:01
		watermark 00:00:02
		clock 00:00:08
		# late, and a lives until 23; b until 15
		a, 9, 00:00:01
		clock 00:00:16
		a, 2, 00:00:03
		b, 2, 00:00:03
		watermark 00:00:03
	`, `
		+I a, 1, 00:00:01, 1
		+I b, 1, 00:00:01, 1
		watermark 00:00:02
		+I a, 2, 00:00:03, 2
		+I b, 2, 00:00:03, 1
		watermark 00:00:03
	`, 1)
}

// TestRangesDoNotExpire: they are forgotten by the watermark.
func TestRangesDoNotExpire(t *testing.T) {
	in := events(types.TimestampOf(3))
	check(t, overNode(in, plan.Frame{Preceding: 100 * second}, call(t, in, "COUNT")), plan.Config{StateTTL: 10 * time.Second}, `
		a, 1, 00:00:01
		watermark 00:00:01
		clock 00:01:00
		a, 2, 00:00:02
		watermark 00:00:02
	`, `
		+I a, 1, 00:00:01, 1
		watermark 00:00:01
		+I a, 2, 00:00:02, 2
		watermark 00:00:02
	`, 0)
}

// TestProcessingTimeFramesExpire: an unbounded frame lives for a lifetime from its last row, one of rows for up to one and a half.
func TestProcessingTimeFramesExpire(t *testing.T) {
	in := events(types.TimestampOf(3))
	for _, c := range []struct {
		frame plan.Frame
		last  string
	}{
		{plan.Frame{Rows: true, Preceding: plan.Unbounded}, "+I a, 3, 00:00:01, 1"},
		{plan.Frame{Rows: true, Preceding: 100}, "+I a, 3, 00:00:01, 3"},
	} {
		n := overNode(in, c.frame, call(t, in, "COUNT"))
		n.ProcTime = true
		check(t, n, plan.Config{StateTTL: 10 * time.Second}, `
			a, 1, 00:00:01
			clock 00:00:06
			a, 2, 00:00:01
			clock 00:00:16
			a, 3, 00:00:01
		`, `
			+I a, 1, 00:00:01, 1
			+I a, 2, 00:00:01, 2
			`+c.last+`
		`, 0)
	}
}
