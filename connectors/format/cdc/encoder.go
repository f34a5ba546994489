package cdc

import (
	"errors"

	"github.com/weirstream/weir/connectors/format"
	"github.com/weirstream/weir/connectors/format/json"
	"github.com/weirstream/weir/runtime/vec"
)

// encoder writes each row as a record of its own, with the texts of its kind around it.
type encoder struct {
	around texts
	rows   *json.Encoder
}

func newEncoder(around texts, s json.Style, names []string) *encoder {
	return &encoder{around, json.NewEncoder(s, names)}
}

// AppendLines is format.Encoder's; the delimiter is a newline.
func (e *encoder) AppendLines(dst []byte, b *vec.Batch, sel []int32) ([]byte, error) {
	for row := range b.Selected(sel) {
		out, err := e.AppendMessage(dst, b, row)
		if err != nil {
			return dst, err
		}
		dst = append(out, '\n')
	}
	return dst, nil
}

// AppendMessage is format.Encoder's.
func (e *encoder) AppendMessage(dst []byte, b *vec.Batch, row int) ([]byte, error) {
	start := len(dst)
	around := &e.around[b.Kind(row)]
	out, err := e.rows.AppendMessage(append(dst, around.before...), b, row)
	if err != nil {
		var r *format.RecordError
		if errors.As(err, &r) {
			r.Row = row
		}
		return dst[:start], err
	}
	return append(out, around.behind...), nil
}

// inserted and deleted make the texts of a format that knows only these: an update is one of each.
func inserted(before, behind string, t *texts) {
	t[vec.Insert].before, t[vec.Insert].behind = before, behind
	t[vec.UpdateAfter] = t[vec.Insert]
}

func deleted(before, behind string, t *texts) {
	t[vec.Delete].before, t[vec.Delete].behind = before, behind
	t[vec.UpdateBefore] = t[vec.Delete]
}
