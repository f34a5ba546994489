package datagen

import (
	"fmt"
	"math/bits"
	"strconv"
	"time"

	"github.com/weirstream/weir/runtime/decimal"
	"github.com/weirstream/weir/runtime/vec"
	"github.com/weirstream/weir/sql/types"
)

// keyText tells boxed values apart.
func keyText(x any) string { return fmt.Sprintf("%T %v", x, x) }

// booleans are true and false in equal shares.
type booleans struct{ stream stream }

func (f booleans) fill(v *vec.Vector, r rows) {
	base := extend(v, r)
	for i := range r.n {
		v.SetBool(base+i, f.stream.at(r.first+int64(i))>>63 != 0)
	}
}

// integers are evenly spread from least on.
type integers[T int8 | int16 | int32 | int64] struct {
	stream stream
	least  int64
	span   uint64 // how many different ones, 0 for 2^64
}

func (f integers[T]) fill(v *vec.Vector, r rows) {
	base := extend(v, r)
	out := vec.Values[T](v)[base:]
	for i := range out {
		out[i] = T(uint64(f.least) + below(f.stream.at(r.first+int64(i)), f.span))
	}
}

// floats are evenly spread from least to greatest.
type floats[T float32 | float64] struct {
	stream          stream
	least, greatest float64
}

func (f floats[T]) fill(v *vec.Vector, r rows) {
	base := extend(v, r)
	out := vec.Values[T](v)[base:]
	for i := range out {
		u := fraction(f.stream.at(r.first + int64(i)))
		out[i] = T(f.least*(1-u) + f.greatest*u) // greatest - least could overflow
	}
}

// decimals are evenly spread from least on.
type decimals struct {
	stream stream
	least  vec.Dec128
	span   vec.Dec128 // how many different ones, unsigned
}

func newDecimals(s stream, least, greatest vec.Dec128) decimals {
	lo, borrow := bits.Sub64(greatest.Lo, least.Lo, 0)
	hi, _ := bits.Sub64(uint64(greatest.Hi), uint64(least.Hi), borrow)
	lo, carry := bits.Add64(lo, 1, 0)
	return decimals{s, least, vec.Dec128{Lo: lo, Hi: int64(hi + carry)}}
}

func (f decimals) fill(v *vec.Vector, r rows) {
	base := extend(v, r)
	out := vec.Values[vec.Dec128](v)[base:]
	for i := range out {
		d := below128(f.stream.at(r.first+int64(i)), f.span)
		lo, carry := bits.Add64(f.least.Lo, d.Lo, 0)
		out[i] = vec.Dec128{Lo: lo, Hi: f.least.Hi + d.Hi + int64(carry)}
	}
}

// texts are hexadecimal digits, or bytes.
type texts struct {
	stream  stream
	lengths stream
	length  int
	vary    bool // 1 to length
	binary  bool
}

func (f texts) fill(v *vec.Vector, r rows) {
	base := extend(v, r)
	buf := make([]byte, f.length)
	for i := range r.n {
		row := r.first + int64(i)
		s := buf
		if f.vary && f.length > 0 {
			s = buf[:1+below(f.lengths.at(row), uint64(f.length))]
		}
		if f.binary {
			f.stream.fillBytes(s, row)
		} else {
			f.stream.fillHex(s, row)
		}
		v.SetBytes(base+i, s)
	}
}

// timestamps are between now and some time ago. A TIMESTAMP is in UTC, as in Flink.
type timestamps struct {
	stream stream
	past   time.Duration
	unit   int64 // a second
}

func (f timestamps) fill(v *vec.Vector, r rows) {
	base := extend(v, r)
	out := vec.Values[int64](v)[base:]
	now := r.now.UnixMilli()
	for i := range out {
		ago := int64(0)
		if past := f.past.Milliseconds(); past > 0 {
			ago = int64(below(f.stream.at(r.first+int64(i)), uint64(past)))
		}
		out[i] = (now - ago) * (f.unit / 1000)
	}
}

// today is the current DATE, or the current TIME, in a time zone.
type today struct {
	zone *time.Location
	time bool
}

func (f today) fill(v *vec.Vector, r rows) {
	base := extend(v, r)
	now := r.now.In(f.zone)
	_, offset := now.Zone()
	ms := now.UnixMilli() + int64(offset)*1000
	const day = 24 * 3600 * 1000
	value := int32(ms / day)
	if f.time {
		value = int32(ms % day)
	}
	out := vec.Values[int32](v)[base:]
	for i := range out {
		out[i] = value
	}
}

// sequence counts from start on.
type sequence struct {
	start int64
	typ   types.Type
}

func (f sequence) fill(v *vec.Vector, r rows) {
	first := f.start + r.first
	switch v.Phys() {
	case vec.Int8:
		count[int8](v, r, first)
	case vec.Int16:
		count[int16](v, r, first)
	case vec.Int32:
		count[int32](v, r, first)
	case vec.Int64:
		count[int64](v, r, first)
	case vec.Float32:
		count[float32](v, r, first)
	case vec.Float64:
		count[float64](v, r, first)
	case vec.Decimal:
		base := extend(v, r)
		out := vec.Values[vec.Dec128](v)[base:]
		for i := range out {
			out[i], _ = decimal.Rescale(decimal.FromInt64(first+int64(i)), 0, f.typ.Scale, f.typ.Precision) // both ends fit
		}
	default:
		var buf [20]byte
		for i := range r.n {
			v.AppendBytes(strconv.AppendInt(buf[:0], first+int64(i), 10))
		}
	}
}

func count[T int8 | int16 | int32 | int64 | float32 | float64](v *vec.Vector, r rows, first int64) {
	base := extend(v, r)
	out := vec.Values[T](v)[base:]
	for i := range out {
		out[i] = T(first + int64(i))
	}
}
