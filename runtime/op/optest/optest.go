// Package optest runs an operator in a test like a function: rows as text in, its changelog as
// text out, with watermarks and a clock that the script drives.
//
// Enter at Run, and at Resume for what becomes of an operator's state. A script has one step a line:
//
//	+I a, 1, 00:00:01        a row: a change kind (+I where none is written), then the values
//	watermark 00:00:05       event time, as a time of 1970-01-01 or a full timestamp
//	clock 00:00:10           moves the clock there; the operator gets the Tick that it asked for
//	barrier                  a barrier: the operator's Snapshot
//
// After the last step the operator sees its input end. Rows that follow each other go into one
// batch of up to the size given. Empty lines and lines that begin with # are skipped.
package optest

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/weirstream/weir/runtime/clock"
	"github.com/weirstream/weir/runtime/decimal"
	"github.com/weirstream/weir/runtime/op"
	"github.com/weirstream/weir/runtime/plan"
	"github.com/weirstream/weir/runtime/vec"
	"github.com/weirstream/weir/sql/types"
	"github.com/weirstream/weir/udf"
)

// Input is a plan node that stands for an operator's input.
func Input(s vec.Schema) plan.Node {
	return &plan.Values{Props: plan.Props{Schema: s, Rowtime: -1}}
}

// Result is what an operator did.
type Result struct {
	Out  string // a line for each row and each watermark but the last, of the end
	Late int64
}

// Run runs the operator of n, which has one input, over a script, in batches of up to batch rows.
func Run(n plan.Node, cfg plan.Config, script string, batch int) (Result, error) {
	o, err := op.New(n)
	if err != nil {
		return Result{}, err
	}
	return runWith(o, n, cfg, script, batch)
}

func runWith(o op.Operator, n plan.Node, cfg plan.Config, script string, batch int) (Result, error) {
	r := &run{op: o, clock: clock.NewManual(time.UnixMilli(0).UTC()), limit: batch}
	r.in = vec.NewBatch(n.Inputs()[0].Properties().Schema)
	if cfg.Zone == nil {
		cfg.Zone = time.UTC
	}
	ctx := &op.Context{
		Out: r, Clock: r.clock, Config: &cfg, Parallelism: 1, Late: &r.late, WakeAt: r.wake,
		Env: &udf.Env{Zone: cfg.Zone, Now: r.clock.Now, Start: r.clock.Now()},
	}
	if err := o.Open(ctx); err != nil {
		return Result{}, err
	}
	if err := r.script(script); err != nil {
		return Result{r.out.String(), int64(r.late)}, err
	}
	return Result{r.out.String(), int64(r.late)}, o.Close()
}

type run struct {
	op     op.Operator
	clock  *clock.Manual
	limit  int
	in     *vec.Batch
	out    strings.Builder
	late   counter
	wakeAt time.Time
}

type counter int64

func (c *counter) Add(n int64) { *c += counter(n) }

func (r *run) wake(t time.Time) {
	if r.wakeAt.IsZero() || t.Before(r.wakeAt) {
		r.wakeAt = t
	}
}

// Emit writes down the rows of a batch.
func (r *run) Emit(b *vec.Batch) error {
	b.Each(func(i int) {
		fmt.Fprintf(&r.out, "%s %s\n", b.Kind(i), Row(b, i))
	})
	return nil
}

// EmitWatermark writes a watermark down.
func (r *run) EmitWatermark(wm int64) error {
	if wm < op.MaxWatermark {
		fmt.Fprintf(&r.out, "watermark %s\n", Moment(wm))
	}
	return nil
}

func (r *run) script(script string) error {
	for i, line := range strings.Split(script, "\n") {
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' {
			continue
		}
		if err := r.step(line); err != nil {
			return fmt.Errorf("line %d (%s): %w", i+1, line, err)
		}
	}
	if err := r.flush(); err != nil {
		return err
	}
	if err := r.op.Watermark(op.MaxWatermark); err != nil {
		return err
	}
	return r.op.Finish()
}

func (r *run) step(line string) error {
	word, rest, _ := strings.Cut(line, " ")
	switch word {
	case "barrier":
		if err := r.flush(); err != nil {
			return err
		}
		_, err := r.op.Snapshot()
		return err
	case "watermark", "clock":
		if err := r.flush(); err != nil {
			return err
		}
		t, err := parseMoment(rest)
		if err != nil {
			return err
		}
		if word == "watermark" {
			return r.op.Watermark(t)
		}
		return r.advance(time.UnixMilli(t))
	}
	return r.row(line)
}

// advance moves the clock, stopping wherever the operator wants its Tick.
func (r *run) advance(to time.Time) error { return Advance(r.op, r.clock, &r.wakeAt, to) }

// Advance moves the clock of an operator, which is told of the moments that it has asked for: wake is the first of these, zero where there is none.
func Advance(o op.Operator, ck *clock.Manual, wake *time.Time, to time.Time) error {
	for !wake.IsZero() && !wake.After(to) {
		if wake.After(ck.Now()) {
			ck.Advance(wake.Sub(ck.Now()))
		}
		*wake = time.Time{}
		if err := o.Tick(ck.Now()); err != nil {
			return err
		}
	}
	ck.Advance(to.Sub(ck.Now()))
	return nil
}

var kinds = map[string]vec.ChangeKind{"+I": vec.Insert, "-U": vec.UpdateBefore, "+U": vec.UpdateAfter, "-D": vec.Delete}

func (r *run) row(line string) error {
	word, rest, _ := strings.Cut(line, " ")
	kind, ok := kinds[word]
	if !ok {
		rest = line
	}
	fields := strings.Split(rest, ",")
	if len(fields) != len(r.in.Cols) {
		return fmt.Errorf("%d values for %d columns", len(fields), len(r.in.Cols))
	}
	for c, v := range r.in.Cols {
		x, err := Parse(strings.TrimSpace(fields[c]), v.Type())
		if err != nil {
			return err
		}
		if err := v.AppendValue(x); err != nil {
			return err
		}
	}
	n := r.in.Len()
	r.in.SetLen(n + 1)
	if kind != vec.Insert || r.in.Kinds != nil {
		if r.in.Kinds == nil {
			r.in.EnsureKinds()
		} else {
			r.in.Kinds = append(r.in.Kinds, vec.Insert)
		}
		r.in.Kinds[n] = kind
	}
	if r.in.Len() == r.limit {
		return r.flush()
	}
	return nil
}

// flush gives the operator the rows collected, then overwrites them: who kept a reference is found out.
func (r *run) flush() error {
	if r.in.Len() == 0 {
		return nil
	}
	err := r.op.Process(0, r.in)
	scribble(r.in)
	r.in.Reset()
	return err
}

func scribble(b *vec.Batch) {
	for _, v := range b.Cols {
		for i := range v.Len() {
			if v.Phys() == vec.View && !v.IsNull(i) {
				s := v.Bytes(i)
				for k := range s {
					s[k] = '#'
				}
			}
		}
	}
}

// Parse reads a value as scripts write it; NULL is NULL, and an array has one element.
func Parse(s string, t types.Type) (any, error) {
	if s == "NULL" {
		return nil, nil
	}
	switch {
	case t.Kind == types.Boolean:
		return s == "true", nil
	case t.IsApprox():
		return strconv.ParseFloat(s, 64)
	case t.Kind == types.Decimal:
		d, _, err := decimal.Parse([]byte(s), t.Precision, t.Scale)
		return d, err
	case t.IsString():
		return s, nil
	case t.Kind == types.Array:
		x, err := Parse(s, *t.Elem)
		return []any{x}, err
	case t.IsTimestamp():
		return parseMoment(s)
	}
	return strconv.ParseInt(s, 10, 64)
}

const (
	timeOfDay = "15:04:05.999"
	fullTime  = "2006-01-02 15:04:05.999"
)

func parseMoment(s string) (int64, error) {
	if t, err := time.Parse(timeOfDay, s); err == nil {
		return t.Sub(t.Truncate(24 * time.Hour)).Milliseconds(), nil
	}
	t, err := time.Parse(fullTime, s)
	return t.UnixMilli(), err
}

// Moment prints milliseconds as scripts write them.
func Moment(ms int64) string {
	t := time.UnixMilli(ms).UTC()
	if ms >= 0 && ms < 24*3600*1000 {
		return t.Format(timeOfDay)
	}
	return t.Format(fullTime)
}

// Row prints row i of a batch.
func Row(b *vec.Batch, i int) string {
	parts := make([]string, len(b.Cols))
	for c, v := range b.Cols {
		parts[c] = value(v.Value(i), v.Type())
	}
	return strings.Join(parts, ", ")
}

func value(x any, t types.Type) string {
	switch x := x.(type) {
	case nil:
		return "NULL"
	case int64:
		if t.IsTimestamp() {
			return Moment(x)
		}
	case vec.Dec128:
		return decimal.String(x, t.Scale)
	}
	return fmt.Sprint(x)
}
