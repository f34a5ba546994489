package cast

import (
	"bytes"
	"math"
	"strconv"
	"unsafe"

	"github.com/weirstream/weir/runtime/decimal"
	"github.com/weirstream/weir/runtime/vec"
	"github.com/weirstream/weir/sql/types"
	"github.com/weirstream/weir/udf/datetime"
)

// parse picks the conversion of text.
func (b *binder) parse() Func {
	switch b.to.Kind {
	case types.TinyInt:
		return parseInts[int8](b, math.MinInt8, math.MaxInt8)
	case types.SmallInt:
		return parseInts[int16](b, math.MinInt16, math.MaxInt16)
	case types.Int:
		return parseInts[int32](b, math.MinInt32, math.MaxInt32)
	case types.BigInt:
		return parseInts[int64](b, math.MinInt64, math.MaxInt64)
	case types.Float:
		return parseFloats[float32](b, 32)
	case types.Double:
		return parseFloats[float64](b, 64)
	case types.Decimal:
		return b.parseDecimals
	case types.Boolean:
		return b.parseBools
	case types.Date:
		return parseEach(b, datetime.ParseDate)
	case types.Time:
		return parseEach(b, datetime.CastTime)
	case types.Timestamp:
		return b.parseTimestamps(nil)
	case types.TimestampLTZ:
		return b.parseTimestamps(datetime.NewZone(b.Zone))
	}
	return nil
}

// ParseInt reads an integer with an optional sign; a fraction is cut, but must be
// digits.
func ParseInt(s []byte) (x int64, ok bool) {
	i, neg := 0, false
	if len(s) > 0 && (s[0] == '-' || s[0] == '+') {
		neg = s[0] == '-'
		i = 1
	}
	start := i
	var u uint64
	for ; i < len(s); i++ {
		c := s[i] - '0'
		if c > 9 {
			break
		}
		if u > (1<<63)/10 {
			return 0, false
		}
		u = u*10 + uint64(c)
	}
	if i < len(s) {
		if s[i] != '.' || len(s) == start+1 {
			return 0, false
		}
		for _, c := range s[i+1:] {
			if c-'0' > 9 {
				return 0, false
			}
		}
	} else if i == start {
		return 0, false
	}
	if neg {
		return -int64(u), u <= 1<<63
	}
	return int64(u), u < 1<<63
}

func parseInts[B integer](b *binder, least, most int64) Func {
	return func(in *vec.Vector, sel []int32, _ int, out *vec.Vector) error {
		to := vec.Values[B](out)
		for _, i := range sel {
			x, ok := ParseInt(trimmed(in, i))
			if !ok || x < least || x > most {
				if err := b.failed(in, int(i), out); err != nil {
					return err
				}
				continue
			}
			to[i] = B(x)
		}
		return nil
	}
}

func parseFloats[B float](b *binder, size int) Func {
	return func(in *vec.Vector, sel []int32, _ int, out *vec.Vector) error {
		to := vec.Values[B](out)
		for _, i := range sel {
			x, ok := ParseFloat(trimmed(in, i), size)
			if !ok {
				if err := b.failed(in, int(i), out); err != nil {
					return err
				}
				continue
			}
			to[i] = B(x)
		}
		return nil
	}
}

// ParseFloat reads what Java's Double.parseDouble takes.
func ParseFloat(s []byte, size int) (float64, bool) {
	if len(s) == 0 {
		return 0, false
	}
	if word := bytes.TrimLeft(s, "+-"); len(word) > 0 && word[0] > '9' && string(word) != "NaN" && string(word) != "Infinity" {
		return 0, false
	}
	if c := s[len(s)-1] | 0x20; (c == 'f' || c == 'd') && len(s) > 1 && s[len(s)-2] <= '9' {
		s = s[:len(s)-1] // Java's type suffixes
	}
	f, err := strconv.ParseFloat(unsafe.String(unsafe.SliceData(s), len(s)), size)
	if err != nil && !math.IsInf(f, 0) || bytes.IndexByte(s, '_') >= 0 {
		return 0, false
	}
	return f, true
}

func (b *binder) parseDecimals(in *vec.Vector, sel []int32, _ int, out *vec.Vector) error {
	to := vec.Values[vec.Dec128](out)
	for _, i := range sel {
		d, ok, err := decimal.Parse(trimmed(in, i), b.to.Precision, b.to.Scale)
		switch {
		case err != nil:
			if err := b.failed(in, int(i), out); err != nil {
				return err
			}
		case !ok:
			out.SetNull(int(i))
		default:
			to[i] = d
		}
	}
	return nil
}

func (b *binder) parseBools(in *vec.Vector, sel []int32, _ int, out *vec.Vector) error {
	for _, i := range sel {
		x, ok := ParseBool(trimmed(in, i))
		if !ok {
			if err := b.failed(in, int(i), out); err != nil {
				return err
			}
			continue
		}
		out.SetBool(int(i), x)
	}
	return nil
}

// ParseBool reads true, t, yes, y, 1 and false, f, no, n, 0 in any case.
func ParseBool(s []byte) (x, ok bool) {
	var low [5]byte
	if len(s) > len(low) {
		return false, false
	}
	for i, c := range s {
		if c >= 'A' && c <= 'Z' {
			c |= 0x20
		}
		low[i] = c
	}
	switch string(low[:len(s)]) {
	case "true", "t", "yes", "y", "1":
		return true, true
	case "false", "f", "no", "n", "0":
		return false, true
	}
	return false, false
}

// parseEach is for dates and times of day, which are int32.
func parseEach(b *binder, parse func([]byte) (int32, bool)) Func {
	return func(in *vec.Vector, sel []int32, _ int, out *vec.Vector) error {
		to := vec.Values[int32](out)
		for _, i := range sel {
			x, ok := parse(in.Bytes(int(i)))
			if !ok {
				if err := b.failed(in, int(i), out); err != nil {
					return err
				}
				continue
			}
			to[i] = x
		}
		return nil
	}
}

// parseTimestamps takes the text as local time of zone, or as zone-free for nil.
func (b *binder) parseTimestamps(zone *datetime.Zone) Func {
	precision, unit := b.to.Precision, vec.UnitOf(b.to.Precision)
	return func(in *vec.Vector, sel []int32, _ int, out *vec.Vector) error {
		to := vec.Values[int64](out)
		for _, i := range sel {
			p, ok := datetime.ParseTimestamp(in.Bytes(int(i)))
			if !ok || !datetime.Fits(p.Ticks(1), 1, unit) {
				if err := b.failed(in, int(i), out); err != nil {
					return err
				}
				continue
			}
			p.CutNanos(precision)
			t := p.Ticks(unit)
			if zone != nil {
				t = zone.ToInstant(t, unit)
			}
			to[i] = t
		}
		return nil
	}
}

// trimmed gives text i without blanks around it.
func trimmed(v *vec.Vector, i int32) []byte {
	s := v.Bytes(int(i))
	for len(s) > 0 && s[0] == ' ' {
		s = s[1:]
	}
	for len(s) > 0 && s[len(s)-1] == ' ' {
		s = s[:len(s)-1]
	}
	return s
}
