package task

import (
	"errors"
	"strings"
	"time"

	"github.com/weirstream/weir/runtime/vec"
	"github.com/weirstream/weir/udf/cast"
)

// maxShown is how much of a value an error shows.
const maxShown = 80

// onRow gives the row of b that an error is about, for its message: " on the row (id: 7,
// name: 'x')"; "" where the error is not about a row, or has been placed already.
func onRow(err error, s vec.Schema, b *vec.Batch, zone *time.Location) string {
	var placed *Error
	var bad *vec.RowError
	if errors.As(err, &placed) || !errors.As(err, &bad) || bad.Row >= b.Len() || len(s) != len(b.Cols) {
		return ""
	}
	var text strings.Builder
	text.WriteString(" on the row (")
	for i, f := range s {
		if i > 0 {
			text.WriteString(", ")
		}
		text.WriteString(f.Name + ": " + shown(b.Cols[i], bad.Row, zone))
	}
	return text.String() + ")"
}

func shown(v *vec.Vector, row int, zone *time.Location) string {
	if v.IsNull(row) {
		return "NULL"
	}
	value := string(cast.Append(nil, v, row, zone))
	if len(value) > maxShown {
		value = strings.ToValidUTF8(value[:maxShown], "") + "…"
	}
	if v.Type().IsString() {
		return "'" + value + "'"
	}
	return value
}
