package vec

import (
	"fmt"

	"github.com/weirstream/weir/sql/types"
)

// Values outside vectors (literals, printing, tests, rows of the Go API) are boxed:
//
//	BOOLEAN                                bool
//	TINYINT … BIGINT, DATE, TIME,
//	TIMESTAMP(_LTZ), INTERVAL              int64, in the units of the layout
//	FLOAT, DOUBLE                          float64
//	DECIMAL                                Dec128
//	CHAR, VARCHAR                          string
//	BINARY, VARBINARY                      []byte
//	ARRAY, ROW                             []any
//	MAP, MULTISET                          []Entry
//	NULL                                   nil

// Entry is one pair of a boxed MAP, or one element of a MULTISET with its count.
type Entry struct{ Key, Value any }

// Value boxes value i.
func (v *Vector) Value(i int) any {
	if v.IsNull(i) {
		return nil
	}
	switch v.phys {
	case Bool:
		return v.Bool(i)
	case Int8:
		return int64(Values[int8](v)[i])
	case Int16:
		return int64(Values[int16](v)[i])
	case Int32:
		return int64(Values[int32](v)[i])
	case Int64:
		return Values[int64](v)[i]
	case Float32:
		return float64(Values[float32](v)[i])
	case Float64:
		return Values[float64](v)[i]
	case Decimal:
		return Values[Dec128](v)[i]
	case View:
		if v.typ.IsBinary() {
			return append([]byte{}, v.Bytes(i)...)
		}
		return string(v.Bytes(i))
	case List:
		out := make([]any, 0, v.offsets[i+1]-v.offsets[i])
		for j := v.offsets[i]; j < v.offsets[i+1]; j++ {
			out = append(out, v.children[0].Value(int(j)))
		}
		return out
	case MapOf:
		out := make([]Entry, 0, v.offsets[i+1]-v.offsets[i])
		for j := v.offsets[i]; j < v.offsets[i+1]; j++ {
			out = append(out, Entry{v.children[0].Value(int(j)), v.children[1].Value(int(j))})
		}
		return out
	}
	out := make([]any, len(v.children))
	for c, child := range v.children {
		out[c] = child.Value(i)
	}
	return out
}

// AppendValue appends a boxed value; one that does not fit the vector's type is an
// error, and the vector is then not to be used further.
func (v *Vector) AppendValue(x any) error {
	if x == nil {
		v.AppendNull()
		return nil
	}
	switch v.phys {
	case Bool:
		if b, ok := x.(bool); ok {
			v.AppendBool(b)
			return nil
		}
	case Int8, Int16, Int32, Int64:
		if n, ok := x.(int64); ok {
			v.appendInt(n)
			return nil
		}
	case Float32, Float64:
		if f, ok := x.(float64); ok {
			if v.phys == Float32 {
				Append(v, float32(f))
			} else {
				Append(v, f)
			}
			return nil
		}
	case Decimal:
		if d, ok := x.(Dec128); ok {
			Append(v, d)
			return nil
		}
	case View:
		switch s := x.(type) {
		case string:
			v.AppendString(s)
			return nil
		case []byte:
			v.AppendBytes(s)
			return nil
		}
	default:
		return v.appendNested(x)
	}
	return fmt.Errorf("appending %T to a column of type %s", x, v.typ)
}

func (v *Vector) appendInt(n int64) {
	switch v.phys {
	case Int8:
		Append(v, int8(n))
	case Int16:
		Append(v, int16(n))
	case Int32:
		Append(v, int32(n))
	default:
		Append(v, n)
	}
}

func (v *Vector) appendNested(x any) error {
	switch items := x.(type) {
	case []any:
		if v.phys == List {
			for _, e := range items {
				if err := v.children[0].AppendValue(e); err != nil {
					return err
				}
			}
			v.EndList()
			return nil
		}
		if v.phys == Struct && len(items) == len(v.children) {
			for c, e := range items {
				if err := v.children[c].AppendValue(e); err != nil {
					return err
				}
			}
			v.EndRow()
			return nil
		}
	case []Entry:
		if v.phys == MapOf {
			for _, e := range items {
				if err := v.children[0].AppendValue(e.Key); err != nil {
					return err
				}
				if err := v.children[1].AppendValue(e.Value); err != nil {
					return err
				}
			}
			v.EndList()
			return nil
		}
	}
	return fmt.Errorf("appending %T to a column of type %s", x, v.typ)
}

// Of makes a vector of boxed values; for tests and literals.
func Of(t types.Type, values ...any) (*Vector, error) {
	v := New(t)
	for _, x := range values {
		if err := v.AppendValue(x); err != nil {
			return nil, err
		}
	}
	return v, nil
}
