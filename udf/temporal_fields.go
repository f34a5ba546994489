package udf

import (
	"math"
	"time"

	"github.com/weirstream/weir/runtime/civil"
	"github.com/weirstream/weir/runtime/vec"
	"github.com/weirstream/weir/sql/diag"
	"github.com/weirstream/weir/sql/types"
	"github.com/weirstream/weir/udf/datetime"
)

func (e *Env) zone() *time.Location {
	if e == nil || e.Zone == nil {
		return time.UTC
	}
	return e.Zone
}

func (e *Env) now() time.Time {
	if e == nil || e.Now == nil {
		return time.Now()
	}
	return e.Now()
}

// localReader makes a function that gives a value's local time in ticks of unit: dates
// as midnight, instants in the session's zone.
func localReader(t types.Type, env *Env) (read func(v *vec.Vector, i int32) int64, unit int64) {
	switch t.Kind {
	case types.Date:
		return func(v *vec.Vector, i int32) int64 { return int64(vec.Values[int32](v)[i]) * civil.SecondsPerDay }, 1
	case types.Time:
		return func(v *vec.Vector, i int32) int64 { return int64(vec.Values[int32](v)[i]) }, datetime.MillisPerSecond
	case types.IntervalMilli:
		return func(v *vec.Vector, i int32) int64 { return vec.Values[int64](v)[i] }, datetime.MillisPerSecond
	case types.TimestampLTZ:
		unit = vec.UnitOf(t.Precision)
		zone := datetime.NewZone(env.zone())
		return func(v *vec.Vector, i int32) int64 { return zone.ToLocal(vec.Values[int64](v)[i], unit) }, unit
	}
	return func(v *vec.Vector, i int32) int64 { return vec.Values[int64](v)[i] }, vec.UnitOf(t.Precision)
}

func bindExtract(c Call) (Kernel, error) {
	u, err := unitOf(c.Args[0])
	if err != nil {
		return nil, err
	}
	return extractKernel(u, 1, c), nil
}

func bindField(unit string) binder {
	return func(c Call) (Kernel, error) {
		u, _ := datetime.ParseUnit(unit)
		return extractKernel(u, 0, c), nil
	}
}

func extractKernel(u datetime.Unit, arg int, c Call) Kernel {
	t := c.Args[arg].Type
	if t.Kind == types.IntervalMonth {
		return func(args []*vec.Vector, sel []int32, _ int, out *vec.Vector) error {
			a, o := vec.Values[int64](args[arg]), vec.Values[int64](out)
			for _, i := range sel {
				switch u {
				case datetime.Year:
					o[i] = a[i] / 12
				case datetime.Quarter:
					o[i] = a[i]%12/3 + 1
				default:
					o[i] = a[i] % 12
				}
			}
			return nil
		}
	}
	if t.Kind == types.IntervalMilli && u == datetime.Day {
		return number64Of(arg, func(ms int64) int64 { return ms / datetime.MillisPerDay })
	}
	read, unit := localReader(t, c.Env)
	if t.Kind == types.TimestampLTZ && u == datetime.Epoch {
		return number64Of(arg, func(ticks int64) int64 { return ticks / unit })
	}
	return func(args []*vec.Vector, sel []int32, _ int, out *vec.Vector) error {
		o := vec.Values[int64](out)
		for _, i := range sel {
			o[i], _ = datetime.Extract(u, read(args[arg], i), unit)
		}
		return nil
	}
}

// number64Of maps one int64 column.
func number64Of(arg int, f func(int64) int64) Kernel {
	return func(args []*vec.Vector, sel []int32, _ int, out *vec.Vector) error {
		a, o := vec.Values[int64](args[arg]), vec.Values[int64](out)
		for _, i := range sel {
			o[i] = f(a[i])
		}
		return nil
	}
}

// bindTimestampAdd turns units into an interval and adds that.
func bindTimestampAdd(c Call) (Kernel, error) {
	u, err := unitOf(c.Args[0])
	if err != nil {
		return nil, err
	}
	size, kind := u.Millis(), types.IntervalMilli
	if m := u.Months(); m > 0 {
		size, kind = m, types.IntervalMonth
	}
	interval := types.New(kind)
	add, err := bindTimeArith('+', Call{Args: []Arg{c.Args[2], {Type: interval}}, Result: c.Result, Env: c.Env})
	if err != nil {
		return nil, err
	}
	scratch := vec.New(interval)
	return func(args []*vec.Vector, sel []int32, n int, out *vec.Vector) error {
		scratch.Resize(n)
		by, units := vec.Values[int64](scratch), vec.Values[int64](args[1])
		clear(by)
		for _, i := range sel {
			by[i] = units[i] * size
		}
		return add([]*vec.Vector{args[2], scratch}, sel, n, out)
	}, nil
}

func bindTimestampDiff(c Call) (Kernel, error) {
	u, err := unitOf(c.Args[0])
	if err != nil {
		return nil, err
	}
	read, unit := localReader(c.Args[1].Type, c.Env)
	months, step := u.Months(), u.Millis()
	millis := func(ticks int64) int64 { return datetime.Rescale(ticks, unit, datetime.MillisPerSecond) } // finer digits do not count
	return func(args []*vec.Vector, sel []int32, _ int, out *vec.Vector) error {
		o := vec.Values[int32](out)
		for _, i := range sel {
			switch {
			case months > 0:
				o[i] = int32(datetime.MonthsBetween(millis(read(args[2], i)), millis(read(args[1], i)), datetime.MillisPerSecond) / months)
			case step > 0:
				o[i] = int32((millis(vec.Values[int64](args[2])[i]) - millis(vec.Values[int64](args[1])[i])) / step)
			}
		}
		return nil
	}, nil
}

// bindFloor is FLOOR and CEIL.
func bindFloor(up bool) binder {
	return func(c Call) (Kernel, error) {
		if len(c.Args) == 1 {
			return floorNumbers(up, c), nil
		}
		u, err := unitOf(c.Args[1])
		if err != nil {
			return nil, err
		}
		switch c.Result.Kind {
		case types.Date:
			return floorDates(u, up), nil
		case types.Time:
			return floorTimes(int32(u.Millis()), up), nil
		}
		return floorTimestamps(u, up, c), nil
	}
}

func floorDates(u datetime.Unit, up bool) Kernel {
	return func(args []*vec.Vector, sel []int32, _ int, out *vec.Vector) error {
		a, o := vec.Values[int32](args[0]), vec.Values[int32](out)
		for _, i := range sel {
			if up {
				o[i] = int32(datetime.CeilDate(u, int64(a[i])))
			} else {
				o[i] = int32(datetime.FloorDate(u, int64(a[i])))
			}
		}
		return nil
	}
}

// floorTimes cuts the time of day to steps of so many milliseconds. Midnight comes behind the
// day's last step (Flink fails there).
func floorTimes(step int32, up bool) Kernel {
	return func(args []*vec.Vector, sel []int32, _ int, out *vec.Vector) error {
		a, o := vec.Values[int32](args[0]), vec.Values[int32](out)
		for _, i := range sel {
			x := a[i]
			if up {
				x += step - 1
			}
			o[i] = (x - x%step) % datetime.MillisPerDay
		}
		return nil
	}
}

func floorTimestamps(u datetime.Unit, up bool, c Call) Kernel {
	t := c.Result
	unit := vec.UnitOf(t.Precision)
	var zone *datetime.Zone
	if t.Kind == types.TimestampLTZ {
		zone = datetime.NewZone(c.Env.zone())
	}
	return func(args []*vec.Vector, sel []int32, _ int, out *vec.Vector) error {
		a, o := vec.Values[int64](args[0]), vec.Values[int64](out)
		for _, i := range sel {
			x, offset := a[i], int64(0)
			if zone != nil {
				offset = zone.ToLocal(x, unit) - x
			}
			if up {
				x = datetime.Rescale(x, unit, datetime.MillisPerSecond) * (unit / datetime.MillisPerSecond) // finer digits do not count
				x = datetime.Ceil(u, x+offset, unit)
			} else {
				x = datetime.Floor(u, x+offset, unit)
			}
			o[i] = x - offset
		}
		return nil
	}
}

// bindMoment gives every row of a batch the same time.
func bindMoment(c Call) (Kernel, error) {
	zone := c.Env.zone()
	return func(_ []*vec.Vector, _ []int32, n int, out *vec.Vector) error {
		now := c.Env.now()
		local := now.UnixMilli() + datetime.NewZone(zone).OffsetAt(now.Unix())*1000
		switch c.Result.Kind {
		case types.TimestampLTZ:
			fill(vec.Values[int64](out)[:n], now.UnixMilli())
		case types.Timestamp:
			fill(vec.Values[int64](out)[:n], local)
		case types.Date:
			fill(vec.Values[int32](out)[:n], int32(local/datetime.MillisPerDay))
		default:
			fill(vec.Values[int32](out)[:n], int32(local%datetime.MillisPerDay/1000*1000))
		}
		return nil
	}, nil
}

// watermarkRule types CURRENT_WATERMARK: that its argument is event time only the planner knows.
func watermarkRule(args []Arg) (Signature, error) {
	s, err := returnsFirst(timestampArg())(args)
	if err != nil {
		return s, err
	}
	s.Result = types.TimestampOf(3)
	if args[0].Type.Kind == types.TimestampLTZ {
		s.Result = types.TimestampLTZOf(3)
	}
	return s, nil
}

func bindWatermark(c Call) (Kernel, error) {
	watermark := c.Env.Watermark
	if watermark == nil {
		return nil, diag.Errorf(diag.Span{}, "there is no watermark where CURRENT_WATERMARK stands").WithHint("it can stand in SELECT, WHERE and HAVING")
	}
	return func(_ []*vec.Vector, _ []int32, n int, out *vec.Vector) error {
		wm := watermark()
		fill(vec.Values[int64](out)[:n], wm)
		for i := 0; i < n && wm == math.MinInt64; i++ {
			out.SetNull(i)
		}
		return nil
	}, nil
}

func fill[T any](s []T, x T) {
	for i := range s {
		s[i] = x
	}
}
