package op_test

import (
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"strings"
	"testing"

	"github.com/weirstream/weir/runtime/op"
	"github.com/weirstream/weir/runtime/plan"
	"github.com/weirstream/weir/runtime/vec"
	"github.com/weirstream/weir/state"
)

// counted adds up what a COUNT by key gives.
type counted struct {
	sink
	sum int64
	at  int // the column of counts
}

func (c *counted) Emit(b *vec.Batch) error {
	for _, x := range vec.Values[int64](b.Cols[c.at]) {
		c.sum += x
	}
	return c.sink.Emit(b)
}

// residentPeak is the largest resident set of the process, in MB; 0 where the system does not say.
func residentPeak() float64 {
	text, _ := os.ReadFile("/proc/self/status")
	var kb float64
	if _, after, ok := strings.Cut(string(text), "VmHWM:"); ok {
		_, _ = fmt.Sscan(after, &kb)
	}
	return kb / 1024
}

// BenchmarkEvict is a changelog of COUNT(*) by key: each key twice, the second time long after the first, which is the worst case.
func BenchmarkEvict(b *testing.B) {
	in := benchSchema()
	n := groupNode(in, []int{0}, call(b, in, "COUNT"))
	n.InputRetract, n.UpdateBefore = false, false
	for _, c := range []struct {
		name   string
		memory int64
	}{{"memory", 0}, {"256MB", 256 << 20}, {"128MB", 128 << 20}} {
		b.Run(c.name, func(b *testing.B) {
			const keys = 4 << 20
			for b.Loop() {
				out := &counted{at: 1}
				runKeys(b, n, out, keys, c.memory)
				if out.rows != 2*keys || out.sum != 3*keys { // 1, then 2
					b.Fatalf("%d changes with %d, want %d with %d", out.rows, out.sum, 2*keys, 3*keys)
				}
			}
			perRow(b, b.N*2*keys)
			b.ReportMetric(residentPeak(), "peak-MB")
		})
	}
}

// BenchmarkSpill is COUNT(*) by a key of which there are many, each with two rows, in one window, in memory and with a budget that
// is too small. Run one at a time to see how much memory it takes: -bench 'Spill/30M/512MB'.
func BenchmarkSpill(b *testing.B) {
	in := benchSchema()
	n := windowNode(in, plan.Window{TimeCol: 2, Size: hour}, []int{0}, call(b, in, "COUNT"))
	for _, c := range []struct {
		name   string
		keys   int
		memory int64
	}{{"4M/memory", 4 << 20, 0}, {"4M/128MB", 4 << 20, 128 << 20}, {"30M/memory", 30_000_000, 0}, {"30M/512MB", 30_000_000, 512 << 20}} {
		b.Run(c.name, func(b *testing.B) {
			defer debug.SetMemoryLimit(debug.SetMemoryLimit(-1))
			if c.memory > 0 {
				debug.SetMemoryLimit(c.memory * 3 / 2)
			}
			for b.Loop() {
				countKeys(b, n, c.keys, c.memory)
			}
			perRow(b, b.N*2*c.keys)
			b.ReportMetric(residentPeak(), "peak-MB")
		})
		runtime.GC()
	}
}

func countKeys(b *testing.B, n plan.Node, keys int, memory int64) {
	out := &counted{at: 1}
	runKeys(b, n, out, keys, memory)
	if out.rows != int64(keys) || out.sum != int64(2*keys) {
		b.Fatalf("%d keys with %d rows, want %d with %d", out.rows, out.sum, keys, 2*keys)
	}
}

func runKeys(b *testing.B, n plan.Node, out op.Output, keys int, memory int64) {
	var o op.Operator
	if memory == 0 {
		o = openWith(b, n, out, nil)
	} else {
		store, err := state.Open(state.Options{Dir: b.TempDir() + "/live", MaxGroups: 128, Memory: memory})
		if err != nil {
			b.Fatal(err)
		}
		defer func() { _ = store.Close() }()
		o = openWith(b, n, out, store.Scope("op", 0, state.GroupsOf(0, 1, 128)))
	}
	batch := vec.NewBatch(benchSchema())
	for i := 0; i < 2*keys; {
		batch.Reset()
		for range min(vec.DefaultBatchSize, 2*keys-i) {
			vec.Append(batch.Cols[0], int64(uint64(i%keys)*0x9e3779b1%(1<<40)))
			vec.Append(batch.Cols[1], int64(0))
			vec.Append(batch.Cols[2], int64(i>>10))
			i++
		}
		batch.SetLen(batch.Cols[0].Len())
		if err := o.Process(0, batch); err != nil {
			b.Fatal(err)
		}
	}
	if err := o.Watermark(op.MaxWatermark); err != nil {
		b.Fatal(err)
	}
}
