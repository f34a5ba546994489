package task

import (
	"fmt"
	"testing"
	"time"

	"github.com/weirstream/weir/runtime/op"
	"github.com/weirstream/weir/runtime/plan"
	"github.com/weirstream/weir/runtime/vec"
	"github.com/weirstream/weir/sql/types"
)

// tardy finds that a row is late only in some method behind Process, as operators do whose rows wait for state on disk.
type tardy struct {
	op.Base
	in   string
	held *vec.Batch
}

func (o *tardy) Process(_ int, b *vec.Batch) error {
	o.held = vec.NewBatch(schema)
	o.held.AppendRows(b, nil)
	o.Ctx.WakeAt(o.Ctx.Clock.Now().Add(time.Second))
	return nil
}

func (o *tardy) find(in string) {
	if in == o.in && o.held != nil {
		o.Ctx.LateRows.Take(o.held, 0, 7)
	}
}

func (o *tardy) Watermark(wm int64) error {
	o.find("Watermark")
	return o.Ctx.Out.EmitWatermark(wm)
}

func (o *tardy) Tick(time.Time) error {
	o.find("Tick")
	return nil
}

func (o *tardy) Finish() error {
	o.find("Finish")
	return nil
}

// TestLateRowsAreNotLost passes on what an operator drops in whatever method.
func TestLateRowsAreNotLost(t *testing.T) {
	wider := append(schema[:len(schema):len(schema)], vec.Schema{
		{Name: "wm", Type: types.TimestampOf(3)}, {Name: "by", Type: types.New(types.BigInt)}, {Name: "kind", Type: types.String()},
	}...)
	for _, in := range []string{"Watermark", "Tick", "Finish"} {
		t.Run(in, func(t *testing.T) {
			split := openSplit("a", row{5, 3})
			src := sourceNode(&fakeSource{unbounded: true, splits: []*fakeSplit{split}}, 1)
			late := &plan.LateRows{Props: props(1), TimeCol: 1}
			late.Schema = wider
			late.Input = fake("Tardy", 1, func() op.Operator { return &tardy{in: in} }, exchange(plan.Gather, 1, exchange(plan.Rebalance, 2, src)))
			o, c, sink := options(manual()), manual(), newSink()
			o.Clock = c
			o.NewOperator = func(n plan.Node) (op.Operator, error) {
				if l, ok := n.(*plan.LateRows); ok {
					return op.New(l)
				}
				return newFake(n)
			}
			j, err := Start(t.Context(), jobOf(sinkNode(newSink(), 1, late.Input), sinkNode(sink, 1, late)), o)
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { j.Abort(); j.Wait() })
			if in == "Finish" {
				split.finish()
				wait(t, j)
			}
			stop := tick(c)
			sink.awaitWritten(t, fmt.Sprint(5))
			stop()
			j.Stop()
		})
	}
}
