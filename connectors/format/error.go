package format

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// RecordError says what is wrong with a record. A connector adds the place (file, line,
// partition, offset) that it alone knows.
type RecordError struct {
	// Start is where the record begins in the bytes that were passed to the decoder, Offset where in
	// these bytes the fault is.
	Start, Offset int
	Row           int    // the row of the batch, when encoding
	Field         string // the field's path (order.items[2].price), "" where none is meant
	Err           error
	Kept          bool   // the row was kept, with NULL in the field's place
	Hint          string // a next step, "" when there is none to give
}

func (e *RecordError) Error() string {
	msg := e.Err.Error()
	if e.Field != "" {
		msg = fmt.Sprintf("field '%s': %s", e.Field, msg)
	}
	if e.Kept {
		msg += "; read as NULL"
	}
	return msg
}

func (e *RecordError) Unwrap() error { return e.Err }

// excerptLimit is how much of an offending text a message shows, in bytes.
const excerptLimit = 64

// Excerpt quotes text for a message, cut to a sane length.
func Excerpt(text []byte) string {
	if len(text) <= excerptLimit {
		return quote(string(text))
	}
	cut := excerptLimit
	for cut > excerptLimit-utf8.UTFMax && !utf8.RuneStart(text[cut]) {
		cut--
	}
	return quote(string(text[:cut])) + "…"
}

// quote puts text in single quotes, with what a terminal would not show spelled out.
func quote(s string) string {
	q := fmt.Sprintf("%q", s)
	q = strings.ReplaceAll(q[1:len(q)-1], `\"`, `"`)
	return "'" + strings.ReplaceAll(q, `'`, `\'`) + "'"
}
