package text

import (
	"encoding/base64"

	"github.com/weirstream/weir/runtime/decimal"
	"github.com/weirstream/weir/runtime/vec"
	"github.com/weirstream/weir/sql/types"
)

// SetNumber makes the text of a number value i of a numeric or interval vector.
func SetNumber(v *vec.Vector, i int, t types.Type, s []byte) error {
	switch t.Kind {
	case types.TinyInt:
		return setParsed(v, i, s, 8)
	case types.SmallInt:
		return setParsed(v, i, s, 16)
	case types.Int, types.IntervalMonth:
		return setParsed(v, i, s, 32)
	case types.BigInt, types.IntervalMilli:
		return setParsed(v, i, s, 64)
	case types.Float:
		f, err := ParseFloat(s, 32)
		vec.Values[float32](v)[i] = float32(f)
		return err
	case types.Double:
		f, err := ParseFloat(s, 64)
		vec.Values[float64](v)[i] = f
		return err
	case types.Decimal:
		x, ok, err := decimal.Parse(s, t.Precision, t.Scale)
		if err == nil && !ok {
			err = ErrRange
		}
		vec.Values[vec.Dec128](v)[i] = x
		return err
	}
	return ErrSyntax
}

func setParsed(v *vec.Vector, i int, s []byte, bits int) error {
	x, err := ParseInt(s, bits)
	if err == nil {
		SetInt(v, i, x)
	}
	return err
}

// SetInt makes x, which fits the layout, value i of an integer vector of any width.
func SetInt(v *vec.Vector, i int, x int64) {
	switch v.Phys() {
	case vec.Int8:
		vec.Values[int8](v)[i] = int8(x)
	case vec.Int16:
		vec.Values[int16](v)[i] = int16(x)
	case vec.Int32:
		vec.Values[int32](v)[i] = int32(x)
	default:
		vec.Values[int64](v)[i] = x
	}
}

// SetBool reads true or false in any case. Flink takes every other text for false, here
// it is an error.
func SetBool(v *vec.Vector, i int, s []byte) error {
	switch {
	case equalFold(s, "true"):
		v.SetBool(i, true)
	case equalFold(s, "false"):
		v.SetBool(i, false)
	default:
		return ErrSyntax
	}
	return nil
}

// equalFold compares with a word in lower case.
func equalFold(s []byte, word string) bool {
	if len(s) != len(word) {
		return false
	}
	for i, c := range s {
		if c|0x20 != word[i] {
			return false
		}
	}
	return true
}

// SetBase64 decodes a BINARY or VARBINARY and gives back the scratch memory, grown.
func SetBase64(v *vec.Vector, i int, s, scratch []byte) ([]byte, error) {
	n := base64.StdEncoding.DecodedLen(len(s))
	if cap(scratch) < n {
		scratch = make([]byte, n)
	}
	scratch = scratch[:n]
	k, err := base64.StdEncoding.Strict().Decode(scratch, s)
	if err != nil {
		return scratch, ErrSyntax
	}
	v.SetBytes(i, scratch[:k])
	return scratch, nil
}
