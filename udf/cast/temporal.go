package cast

import (
	"github.com/weirstream/weir/runtime/civil"
	"github.com/weirstream/weir/runtime/vec"
	"github.com/weirstream/weir/sql/types"
	"github.com/weirstream/weir/udf/datetime"
)

// temporal picks the conversion among DATE, TIME, TIMESTAMP and TIMESTAMP_LTZ.
func (b *binder) temporal() Func {
	from, to := b.from, b.to
	zone := datetime.NewZone(b.Zone)
	switch {
	case from.Kind == types.Date && to.Kind == types.Date, from.Kind == types.Time && to.Kind == types.Time:
		return convert[int32, int32]
	case from.IsTimestamp() && to.IsTimestamp():
		return b.timestamps(zone)
	case from.IsTimestamp() && to.Kind == types.Date:
		return timestampToDate(from, zone)
	case from.IsTimestamp() && to.Kind == types.Time:
		return timestampToTime(from, to, zone)
	case from.Kind == types.Date && to.IsTimestamp():
		return b.dayToTimestamp(civil.SecondsPerDay, 1, zone)
	case from.Kind == types.Time && to.IsTimestamp():
		return b.dayToTimestamp(1, datetime.MillisPerSecond, zone)
	}
	return nil
}

// timestamps changes unit, precision and zone.
func (b *binder) timestamps(zone *datetime.Zone) Func {
	from, to := b.from, b.to
	fromUnit, toUnit := vec.UnitOf(from.Precision), vec.UnitOf(to.Precision)
	cut := to.Precision < from.Precision
	return func(in *vec.Vector, sel []int32, n int, out *vec.Vector) error {
		a, ts := vec.Values[int64](in)[:n], vec.Values[int64](out)[:n]
		if from.Kind == to.Kind && fromUnit == toUnit && !cut {
			copy(ts, a)
			return nil
		}
		for _, i := range sel {
			t := a[i]
			if !datetime.Fits(t, fromUnit, toUnit) {
				if err := b.failed(in, int(i), out); err != nil {
					return err
				}
				continue
			}
			switch {
			case from.Kind == types.Timestamp && to.Kind == types.TimestampLTZ:
				t = zone.ToInstant(t, fromUnit)
			case from.Kind == types.TimestampLTZ && to.Kind == types.Timestamp:
				t = zone.ToLocal(t, fromUnit)
			}
			if cut {
				t = datetime.CutTicks(t, to.Precision, fromUnit)
			}
			ts[i] = datetime.Rescale(t, fromUnit, toUnit)
		}
		return nil
	}
}

// timestampToDate cuts the day towards the epoch for zone-free timestamps, as Flink
// does.
func timestampToDate(from types.Type, zone *datetime.Zone) Func {
	unit := vec.UnitOf(from.Precision)
	return func(in *vec.Vector, sel []int32, _ int, out *vec.Vector) error {
		a, b := vec.Values[int64](in), vec.Values[int32](out)
		for _, i := range sel {
			if from.Kind == types.TimestampLTZ {
				local := zone.ToLocal(a[i], unit)
				b[i] = int32(civil.FloorDiv(local, unit*civil.SecondsPerDay))
			} else {
				b[i] = int32(datetime.Rescale(a[i], unit, datetime.MillisPerSecond) / datetime.MillisPerDay)
			}
		}
		return nil
	}
}

func timestampToTime(from, to types.Type, zone *datetime.Zone) Func {
	unit := vec.UnitOf(from.Precision)
	return func(in *vec.Vector, sel []int32, _ int, out *vec.Vector) error {
		a, b := vec.Values[int64](in), vec.Values[int32](out)
		for _, i := range sel {
			t := a[i]
			if from.Kind == types.TimestampLTZ {
				t = zone.ToLocal(t, unit)
			}
			ms := datetime.Rescale(t, unit, datetime.MillisPerSecond)
			ms %= datetime.MillisPerDay
			if ms < 0 {
				ms += datetime.MillisPerDay
			}
			if to.Precision == 0 {
				ms -= ms % datetime.MillisPerSecond
			}
			b[i] = int32(ms)
		}
		return nil
	}
}

// dayToTimestamp makes timestamps of int32 values that count secs seconds per per.
func (b *binder) dayToTimestamp(secs, per int64, zone *datetime.Zone) Func {
	unit := vec.UnitOf(b.to.Precision)
	return func(in *vec.Vector, sel []int32, _ int, out *vec.Vector) error {
		a, ts := vec.Values[int32](in), vec.Values[int64](out)
		for _, i := range sel {
			if !datetime.Fits(int64(a[i])*secs, per, unit) {
				if err := b.failed(in, int(i), out); err != nil {
					return err
				}
				continue
			}
			t := int64(a[i]) * secs * (unit / per)
			if b.to.Kind == types.TimestampLTZ {
				t = zone.ToInstant(t, unit)
			}
			ts[i] = t
		}
		return nil
	}
}
