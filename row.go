package weir

import (
	"fmt"
	"strings"
	"time"

	"github.com/weirstream/weir/runtime/decimal"
	"github.com/weirstream/weir/runtime/vec"
	"github.com/weirstream/weir/sql/types"
)

// ChangeKind says what a row of a changelog does: insert, take an update's old row
// back, bring its new row, delete.
type ChangeKind = vec.ChangeKind

// The kinds of a changelog's rows.
const (
	Insert       = vec.Insert
	UpdateBefore = vec.UpdateBefore
	UpdateAfter  = vec.UpdateAfter
	Delete       = vec.Delete
)

// Column is a column of a result.
type Column struct {
	Name string
	Type types.Type
}

// Row is one row of a changelog. Values are Go values by the column's type:
//
//	BOOLEAN                        bool
//	TINYINT … BIGINT               int64
//	FLOAT, DOUBLE                  float64
//	DECIMAL                        Decimal
//	CHAR, VARCHAR, STRING          string
//	BINARY, VARBINARY, BYTES       []byte
//	DATE, TIMESTAMP, TIMESTAMP_LTZ time.Time (in UTC; a zone-free TIMESTAMP shows its wall clock)
//	TIME, INTERVAL DAY TO SECOND   time.Duration
//	INTERVAL YEAR TO MONTH         Months
//	ARRAY                          []any
//	ROW                            []any, a value a field
//	MAP, MULTISET                  []Entry
//	NULL                           nil
type Row struct {
	Kind   ChangeKind
	Values []any
}

// Entry is a pair of a MAP, or an element of a MULTISET (Key) with its count (Value).
type Entry = vec.Entry

// Months is an INTERVAL YEAR TO MONTH.
type Months int64

// Decimal is an exact decimal number: Unscaled / 10^Scale.
type Decimal struct {
	Unscaled vec.Dec128
	Scale    int
}

// String prints the row as +I[a, 1, NULL].
func (r Row) String() string {
	parts := make([]string, len(r.Values))
	for i, v := range r.Values {
		parts[i] = "NULL"
		if v != nil {
			parts[i] = fmt.Sprint(v)
		}
	}
	return r.Kind.String() + "[" + strings.Join(parts, ", ") + "]"
}

// goValue turns a boxed value of package vec into what Row promises.
func goValue(t types.Type, x any) any {
	if x == nil {
		return nil
	}
	switch t.Kind {
	case types.Decimal:
		return Decimal{x.(vec.Dec128), t.Scale}
	case types.Date:
		return time.Unix(x.(int64)*86400, 0).UTC()
	case types.Timestamp, types.TimestampLTZ:
		unit := vec.UnitOf(t.Precision)
		n := x.(int64)
		sec, frac := n/unit, n%unit
		return time.Unix(sec, frac*(1e9/unit)).UTC()
	case types.Time, types.IntervalMilli:
		return time.Duration(x.(int64)) * time.Millisecond
	case types.IntervalMonth:
		return Months(x.(int64))
	case types.Array:
		return goValues(x.([]any), func(int) types.Type { return *t.Elem })
	case types.Row, types.Structured:
		return goValues(x.([]any), func(i int) types.Type { return t.Fields[i].Type })
	case types.Map:
		return goEntries(x.([]vec.Entry), *t.Key, *t.Elem)
	case types.Multiset:
		return goEntries(x.([]vec.Entry), *t.Elem, types.New(types.Int))
	}
	return x
}

func goValues(items []any, typ func(i int) types.Type) []any {
	out := make([]any, len(items))
	for i, x := range items {
		out[i] = goValue(typ(i), x)
	}
	return out
}

func goEntries(items []vec.Entry, key, value types.Type) []Entry {
	out := make([]Entry, len(items))
	for i, e := range items {
		out[i] = Entry{Key: goValue(key, e.Key), Value: goValue(value, e.Value)}
	}
	return out
}

// rowAt reads row i of a batch.
func rowAt(cols []Column, b *vec.Batch, i int) Row {
	r := Row{Kind: b.Kind(i), Values: make([]any, len(cols))}
	for c, col := range cols {
		r.Values[c] = goValue(col.Type, b.Cols[c].Value(i))
	}
	return r
}

// String prints the number with all digits of its scale.
func (d Decimal) String() string { return decimal.String(d.Unscaled, d.Scale) }
