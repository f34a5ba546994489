package udf

import (
	"bytes"
	"fmt"
	"math"
	"time"

	"github.com/weirstream/weir/runtime/civil"
	"github.com/weirstream/weir/runtime/decimal"
	"github.com/weirstream/weir/runtime/vec"
	"github.com/weirstream/weir/udf/datetime"
)

const (
	plainPattern  = "yyyy-MM-dd HH:mm:ss"
	millisPattern = "yyyy-MM-dd HH:mm:ss.SSS"
)

// patterns compiles a pattern argument: a literal once, others when they change.
type patterns struct {
	simple bool
	now    time.Time
	text   []byte
	p      *datetime.Pattern
	err    error
}

// newPatterns compiles argument k of the call, where it is a literal, or byDefault where
// there is none; a wrong literal is an error.
func newPatterns(c Call, k int, byDefault string, simple bool) (*patterns, error) {
	ps := &patterns{simple: simple, now: c.Env.now()}
	if k < len(c.Args) {
		s, ok := c.Args[k].constString()
		if !ok {
			return ps, nil
		}
		byDefault = s
	}
	_, err := ps.get([]byte(byDefault))
	return ps, err
}

func (ps *patterns) get(text []byte) (*datetime.Pattern, error) {
	if (ps.p != nil || ps.err != nil) && bytes.Equal(text, ps.text) {
		return ps.p, ps.err
	}
	ps.text = append(ps.text[:0], text...)
	if ps.simple {
		ps.p, ps.err = datetime.CompileSimplePattern(string(text), ps.now)
	} else {
		ps.p, ps.err = datetime.CompilePattern(string(text))
	}
	return ps.p, ps.err
}

// of gives the pattern of a row: argument k, or the default.
func (ps *patterns) of(r row, k int) (*datetime.Pattern, error) {
	if !r.has(k) {
		return ps.p, ps.err
	}
	return ps.get(r.bytes(k))
}

// bindDateFormat writes timestamps; text is first read as yyyy-MM-dd HH:mm:ss.
func bindDateFormat(c Call) (Kernel, error) {
	t := c.Args[0].Type
	ps, err := newPatterns(c, 1, "", t.IsString())
	if err != nil {
		return nil, err
	}
	if ps.p != nil && ps.p.HasZone() {
		return nil, fmt.Errorf("the pattern has a time zone, which a timestamp has not")
	}
	if t.IsString() {
		return reformatText(ps)
	}
	read, unit := localReader(t, c.Env)
	if ps.p != nil {
		return formatConst(ps.p, read, unit), nil
	}
	var scratch []byte
	return func(args []*vec.Vector, sel []int32, _ int, out *vec.Vector) error {
		for _, i := range sel {
			p, err := ps.of(row{args, int(i)}, 1)
			if err != nil {
				return &RowError{Row: int(i), Err: err}
			}
			scratch = p.Format(scratch[:0], read(args[0], i), unit, 0, "")
			out.SetBytes(int(i), scratch)
		}
		return nil
	}, nil
}

// formatConst writes by one pattern; times that it writes alike, which mostly stand
// together, are written once.
func formatConst(p *datetime.Pattern, read func(*vec.Vector, int32) int64, unit int64) Kernel {
	var scratch []byte
	step, from := p.Step(unit), int64(math.MaxInt64)
	return func(args []*vec.Vector, sel []int32, _ int, out *vec.Vector) error {
		for _, i := range sel {
			if t := read(args[0], i); t < from || uint64(t-from) >= uint64(step) {
				from = datetime.Rescale(t, step, 1) * step
				scratch = p.Format(scratch[:0], t, unit, 0, "")
			}
			out.SetBytes(int(i), scratch)
		}
		return nil
	}
}

func reformatText(ps *patterns) (Kernel, error) {
	plain, err := datetime.CompileSimplePattern(plainPattern, ps.now)
	if err != nil {
		return nil, err
	}
	return text(func(r row, dst []byte) ([]byte, bool) {
		p, err := ps.of(r, 1)
		in, ok := plain.Parse(r.bytes(0))
		if err != nil || !ok {
			return dst, false
		}
		return p.Format(dst, in.Ticks(1000), 1000, 0, "UTC"), true
	})(Call{})
}

// times is for functions that read text to an int64 timestamp or date; false is NULL.
func times(f func(r row) (int64, bool)) (Kernel, error) {
	return func(args []*vec.Vector, sel []int32, _ int, out *vec.Vector) error {
		wide := out.Phys() == vec.Int64
		for _, i := range sel {
			x, ok := f(row{args, int(i)})
			switch {
			case !ok:
				out.SetNull(int(i))
			case wide:
				vec.Values[int64](out)[i] = x
			default:
				vec.Values[int32](out)[i] = int32(x)
			}
		}
		return nil
	}, nil
}

func bindToTimestamp(c Call) (Kernel, error) {
	ps, err := newPatterns(c, 1, plainPattern, false)
	if err != nil {
		return nil, err
	}
	return times(func(r row) (int64, bool) {
		s := r.bytes(0)
		if !r.has(1) {
			p, ok := datetime.ParseTimestamp(s)
			return p.Ticks(1000), ok
		}
		return readTimestamp(ps, r, s)
	})
}

// readTimestamp reads by the pattern of argument 1, and by the plain form where that
// fails.
func readTimestamp(ps *patterns, r row, s []byte) (int64, bool) {
	pattern, err := ps.of(r, 1)
	if err != nil {
		return 0, false
	}
	p, ok := pattern.Parse(s)
	if !ok {
		p, ok = datetime.ParseTimestamp(s)
	}
	return p.Ticks(1000), ok
}

func bindToLTZ(c Call) (Kernel, error) {
	if !c.Args[0].Type.IsString() {
		return numberToLTZ(c)
	}
	ps, err := newPatterns(c, 1, millisPattern, false)
	if err != nil {
		return nil, err
	}
	zones := zoneCache{}
	return times(func(r row) (int64, bool) {
		var t int64
		var ok bool
		if r.has(1) {
			t, ok = readTimestamp(ps, r, r.bytes(0))
		} else {
			var p datetime.Parsed
			p, ok = datetime.ParseTimestamp(r.bytes(0))
			t = p.Ticks(1000)
		}
		if !ok || !r.has(2) {
			return t, ok
		}
		z := zones.get(r.bytes(2))
		if z == nil {
			return 0, false
		}
		return z.ToInstant(t, 1000), true
	})
}

// zoneCache finds zones by name.
type zoneCache map[string]*datetime.Zone

func (z zoneCache) get(name []byte) *datetime.Zone {
	if zone, ok := z[string(name)]; ok {
		return zone
	}
	var zone *datetime.Zone
	if loc, err := datetime.LoadZone(string(name)); err == nil {
		zone = datetime.NewZone(loc)
	}
	if len(z) < 1000 {
		z[string(name)] = zone
	}
	return zone
}

// The instants that a timestamp may have: the years 0 to 9999.
const (
	minSeconds = -62167219200
	maxSeconds = 253402300799
)

// lastSecond is how far FROM_UNIXTIME goes, past the years of timestamps.
const lastSecond = 1 << 45

func numberToLTZ(c Call) (Kernel, error) {
	t := c.Args[0].Type
	read := func(r row) (float64, int64, bool) {
		switch v := r.args[0]; v.Phys() {
		case vec.Float32:
			return float64(vec.Values[float32](v)[r.i]), 0, true
		case vec.Float64:
			return vec.Values[float64](v)[r.i], 0, true
		case vec.Decimal:
			return 0, decimal.Int64(vec.Values[vec.Dec128](v)[r.i], t.Scale), false
		default:
			return 0, integerAt(v, r.i), false
		}
	}
	return times(func(r row) (int64, bool) {
		scale := int64(1)
		if r.has(1) && r.int(1) == 0 {
			scale = 1000
		} else if r.has(1) && r.int(1) != 3 {
			return 0, false
		}
		f, n, isFloat := read(r)
		if isFloat {
			f *= float64(scale)
			if math.IsNaN(f) || f < minSeconds*1000 || f > maxSeconds*1000+999 {
				return 0, false
			}
			return int64(f), true
		}
		if n < minSeconds*1000/scale || n > (maxSeconds*1000+999)/scale {
			return 0, false
		}
		return n * scale, true
	})
}

// integerAt widens an integer of any layout.
func integerAt(v *vec.Vector, i int) int64 {
	switch v.Phys() {
	case vec.Int8:
		return int64(vec.Values[int8](v)[i])
	case vec.Int16:
		return int64(vec.Values[int16](v)[i])
	case vec.Int32:
		return int64(vec.Values[int32](v)[i])
	}
	return vec.Values[int64](v)[i]
}

func bindToDate(c Call) (Kernel, error) {
	ps, err := newPatterns(c, 1, "yyyy-MM-dd", true)
	if err != nil {
		return nil, err
	}
	return times(func(r row) (int64, bool) {
		if !r.has(1) {
			d, ok := datetime.ParseDate(r.bytes(0))
			return int64(d), ok
		}
		pattern, err := ps.of(r, 1)
		if err != nil {
			return 0, false
		}
		p, ok := pattern.Parse(r.bytes(0))
		return civil.Days(p.Year, p.Month, p.Day), ok
	})
}

func bindFromUnixtime(c Call) (Kernel, error) {
	ps, err := newPatterns(c, 1, plainPattern, true)
	if err != nil {
		return nil, err
	}
	loc := c.Env.zone()
	zone := datetime.NewZone(loc)
	return text(func(r row, dst []byte) ([]byte, bool) {
		p, err := ps.of(r, 1)
		secs := r.int(0)
		if err != nil || secs < minSeconds || secs > lastSecond {
			return dst, false
		}
		name := ""
		if p.HasZone() {
			name, _ = time.Unix(secs, 0).In(loc).Zone()
		}
		return p.Format(dst, zone.ToLocal(secs, 1), 1, zone.OffsetAt(secs), name), true
	})(c)
}

func bindUnixTimestamp(c Call) (Kernel, error) {
	if len(c.Args) == 0 {
		return func(_ []*vec.Vector, _ []int32, n int, out *vec.Vector) error {
			fill(vec.Values[int64](out)[:n], c.Env.now().Unix())
			return nil
		}, nil
	}
	ps, err := newPatterns(c, 1, plainPattern, true)
	if err != nil {
		return nil, err
	}
	zone := datetime.NewZone(c.Env.zone())
	return times(func(r row) (int64, bool) {
		pattern, err := ps.of(r, 1)
		if err != nil {
			return math.MinInt64, true
		}
		p, ok := pattern.Parse(r.bytes(0))
		switch {
		case !ok:
			return math.MinInt64, true // what Flink gives for text that does not fit
		case p.HasOffset:
			return p.Ticks(1) - int64(p.Offset), true
		}
		return zone.ToLaterInstant(p.Ticks(1), 1), true
	})
}

func bindConvertTZ(c Call) (Kernel, error) {
	ps, err := newPatterns(c, 3, plainPattern, true)
	if err != nil {
		return nil, err
	}
	zones := zoneCache{}
	return text(func(r row, dst []byte) ([]byte, bool) {
		p, ok := ps.p.Parse(r.bytes(0))
		from, to := zones.get(r.bytes(1)), zones.get(r.bytes(2))
		if !ok || from == nil || to == nil {
			return dst, false
		}
		secs := from.ToInstant(p.Ticks(1), 1)
		return ps.p.Format(dst, to.ToLocal(secs, 1), 1, 0, ""), true
	})(c)
}
