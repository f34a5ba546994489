package filesystem

import (
	"fmt"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/weirstream/weir/connectors/format/text"
	"github.com/weirstream/weir/runtime/decimal"
	"github.com/weirstream/weir/runtime/vec"
	"github.com/weirstream/weir/sql/types"
)

// nullPartition stands for NULL, and for an empty string, in a path, as in Hive and Flink.
const nullPartition = "__HIVE_DEFAULT_PARTITION__"

// partitionValue finds column's value among the folders column=value of a path; ok is
// false where there is none.
func partitionValue(path, column string) (value string, ok bool) {
	for _, dir := range strings.Split(filepath.ToSlash(filepath.Dir(path)), "/") {
		name, v, isPair := strings.Cut(dir, "=")
		if isPair && unescape(name) == column {
			value, ok = unescape(v), true
		}
	}
	return value, ok
}

// unescape resolves the %XX of a path segment.
func unescape(s string) string {
	if !strings.Contains(s, "%") {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '%' && i+2 < len(s) {
			if x, err := strconv.ParseUint(s[i+1:i+3], 16, 8); err == nil {
				b.WriteByte(byte(x))
				i += 2
				continue
			}
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

// escape writes what cannot stand in a path segment as %XX, the same characters as Hive
// and Flink do.
func escape(s string) string {
	const special = "\"#%'*/:=?\\{}[]^\x7f"
	var b strings.Builder
	for i := range len(s) {
		if c := s[i]; c < ' ' || strings.IndexByte(special, c) >= 0 {
			fmt.Fprintf(&b, "%%%02X", c)
		} else {
			b.WriteByte(c)
		}
	}
	return b.String()
}

// parsePartition converts the text of a partition to a boxed value (package vec).
func parsePartition(s string, t types.Type) (any, error) {
	if s == nullPartition {
		return nil, nil
	}
	b := []byte(s)
	switch t.Kind {
	case types.Char, types.VarChar:
		return s, nil
	case types.Boolean:
		return strconv.ParseBool(strings.ToLower(s))
	case types.TinyInt:
		return boxed(text.ParseInt(b, 8))
	case types.SmallInt:
		return boxed(text.ParseInt(b, 16))
	case types.Int:
		return boxed(text.ParseInt(b, 32))
	case types.BigInt:
		return boxed(text.ParseInt(b, 64))
	case types.Float:
		return boxed(text.ParseFloat(b, 32))
	case types.Double:
		return boxed(text.ParseFloat(b, 64))
	case types.Decimal:
		d, ok, err := decimal.Parse(b, t.Precision, t.Scale)
		if err == nil && !ok {
			err = text.ErrRange
		}
		return boxed(d, err)
	case types.Date:
		d, err := text.ParseDate(b)
		return boxed(int64(d), err)
	case types.Timestamp:
		return parsePartitionTime(b, t)
	}
	return nil, fmt.Errorf("a partition column of type %s cannot be read", t)
}

func parsePartitionTime(b []byte, t types.Type) (any, error) {
	var dates text.Dates
	unit := vec.UnitOf(t.Precision)
	x, err := text.ParseTimestamp(b, text.SQL, false, unit, &dates)
	if err != nil {
		x, err = text.ParseTimestamp(b, text.ISO, false, unit, &dates)
	}
	return boxed(x, err)
}

// boxed drops the value where there is an error.
func boxed[T any](x T, err error) (any, error) {
	if err != nil {
		return nil, err
	}
	return x, nil
}
