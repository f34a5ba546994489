package op_test

import (
	"testing"
	"time"

	"github.com/weirstream/weir/runtime/op/optest"
	"github.com/weirstream/weir/runtime/plan"
	"github.com/weirstream/weir/runtime/vec"
	"github.com/weirstream/weir/sql/types"
)

// TestMiniBatch tells by the watermarks, which follow the rows before them, when rows leave.
func TestMiniBatch(t *testing.T) {
	in := vec.Schema{{Name: "s", Type: types.String()}}
	n := &plan.MiniBatch{Props: plan.Props{Schema: in}, Input: optest.Input(in), Rows: 3, Wait: 10 * time.Second}
	for _, size := range []int{1, 2, 100} {
		got, err := optest.Run(n, plan.Config{}, `
		watermark 00:00:01
		+I a
		watermark 00:00:02
		-D a
		watermark 00:00:03
		+I b
		+I c
		watermark 00:00:04
		clock 00:00:09
		+I d
		watermark 00:00:05
		clock 00:00:10
		watermark 00:00:06
		clock 00:00:15
		+I e
		watermark 00:00:07
		clock 00:00:24.999
		watermark 00:00:08
		clock 00:00:25
		+I f`, size)
		if err != nil {
			t.Fatal(err)
		}
		want := `
		watermark 00:00:01
		+I a
		-D a
		+I b
		watermark 00:00:03
		+I c
		+I d
		watermark 00:00:05
		watermark 00:00:06
		+I e
		watermark 00:00:08
		+I f`
		if lines(got.Out) != lines(want) {
			t.Errorf("batches of %d:\n%s\nwant\n%s", size, lines(got.Out), lines(want))
		}
	}
}
