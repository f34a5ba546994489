package metrics

import (
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/weirstream/weir/runtime/op"
	"github.com/weirstream/weir/runtime/vec"
	"github.com/weirstream/weir/sql/types"
)

// doubler emits each batch twice and takes its time; what it emits to takes longer.
type doubler struct{ op.Base }

func (d *doubler) Process(_ int, b *vec.Batch) error {
	time.Sleep(time.Millisecond)
	d.Ctx.Late.Add(3)
	if err := d.Ctx.Out.Emit(b); err != nil {
		return err
	}
	return d.Ctx.Out.Emit(b)
}

type slowOutput struct{ rows int }

func (s *slowOutput) Emit(b *vec.Batch) error {
	time.Sleep(50 * time.Millisecond)
	s.rows += b.Rows()
	return nil
}

func (s *slowOutput) EmitWatermark(int64) error { return nil }

func TestMeasure(t *testing.T) {
	synctest.Test(t, testMeasure) // in a time in which only sleeping takes any
}

func testMeasure(t *testing.T) {
	var job Job
	out := &slowOutput{}
	for subtask, wm := range []int64{9, 5} {
		o := Measure(&doubler{}, job.Operator("id", "Doubler", 1, subtask))
		if err := o.Open(&op.Context{Out: out}); err != nil {
			t.Fatal(err)
		}
		b := vec.NewBatch(vec.Schema{{Name: "x", Type: types.New(types.Int)}})
		vec.Append(b.Cols[0], int32(7))
		b.SetLen(1)
		if err := o.Process(0, b); err != nil {
			t.Fatal(err)
		}
		if err := o.Watermark(wm); err != nil {
			t.Fatal(err)
		}
	}
	job.Operator("s", "Source", 0, 0)
	got := job.Snapshot()
	d := got.Operators[1]
	if d.Moved.IsZero() {
		t.Error("nothing says when the watermark moved")
	}
	d.Moved = time.Time{}
	want := OperatorStatus{Busy: 2 * time.Millisecond, ID: "id", Name: "Doubler", Parallelism: 2, RowsIn: 2, RowsOut: 4, Batches: 2, Late: 6, Watermark: 5}
	if diff := cmp.Diff(want, d); diff != "" || out.rows != 4 || got.Late() != 6 || got.Operators[0].Name != "Source" {
		t.Errorf("%s\n%+v", diff, got.Operators)
	}
}

func TestSourceStatus(t *testing.T) {
	var job Job
	s := job.Source("id", "orders")
	if got := job.Snapshot(); got.Watermark() != NoWatermark {
		t.Errorf("watermark %d before anything was read", got.Watermark())
	}
	a, b := s.Split("a", 0), s.Split("b", 1)
	s.Split("gone", 0)
	s.Finished("gone")
	a.Watermark.Store(100)
	b.Watermark.Store(50)
	b.SetIdle(time.Unix(7, 0))
	s.Rows.Add(11)
	for range 2 * maxSamples {
		s.Reject("f.json:3", []byte(strings.Repeat("x", 1000)), errors.New("no number"))
	}
	got := job.Snapshot()
	if got.Watermark() != 100 || got.RowsRead() != 11 {
		t.Errorf("watermark %d, %d rows", got.Watermark(), got.RowsRead())
	}
	src := got.Sources[0]
	if src.Rejected != 2*maxSamples || len(src.RejectedSamples) != maxSamples {
		t.Errorf("%d rejected, %d shown", src.Rejected, len(src.RejectedSamples))
	}
	if d := cmp.Diff(Reject{"f.json:3", strings.Repeat("x", maxSampleBytes), "no number"}, src.RejectedSamples[0]); d != "" {
		t.Error(d)
	}
	want := []SplitStatus{{ID: "a", Watermark: 100}, {ID: "b", Subtask: 1, Watermark: 50, IdleSince: time.Unix(7, 0)}}
	if d := cmp.Diff(want, src.Splits); d != "" {
		t.Error(d)
	}
}
