// Package diag carries what Weir tells a user about their SQL: a message, the
// place in their text, and a next step. Every layer from the tokenizer to a
// running operator reports user errors as *diag.Error; only the outermost layer
// (CLI, embedded API) renders them with Render.
package diag

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"
)

// Span is a half-open range of byte offsets into a Text. The zero Span means
// "no place known".
type Span struct {
	Start, End int
}

// IsZero reports whether the span names no place.
func (s Span) IsZero() bool { return s == Span{} }

// Cover returns the smallest span that holds both; a zero span counts for nothing.
func (s Span) Cover(o Span) Span {
	switch {
	case s.IsZero():
		return o
	case o.IsZero():
		return s
	}
	return Span{min(s.Start, o.Start), max(s.End, o.End)}
}

// Text is a named piece of SQL: a file, a -e argument, a string from Go code.
type Text struct {
	Name string // as shown to the user: a file name or "sql"
	Body string
}

// Position is a place as editors count it: both from 1, the column in runes.
type Position struct {
	Line, Column int
}

// Position converts a byte offset; offsets past the end give the end.
func (t *Text) Position(offset int) Position {
	offset = max(0, min(offset, len(t.Body)))
	line := 1 + strings.Count(t.Body[:offset], "\n")
	start := strings.LastIndexByte(t.Body[:offset], '\n') + 1
	return Position{line, 1 + utf8.RuneCountInString(t.Body[start:offset])}
}

// Error is something the user can mend: wrong SQL, a wrong option, a value that
// does not fit. Faults of Weir itself are ordinary errors.
type Error struct {
	Span Span
	Msg  string // lower case, no full stop at the end
	Hint string // the next step, "" when there is none to give
	Err  error  // the cause, may be nil
	// Text is what Span is a place of, where that is not the text being run: a table was created
	// by an earlier one. nil is the text being run.
	Text *Text
}

// Errorf makes an Error at span.
func Errorf(span Span, format string, args ...any) *Error {
	err := fmt.Errorf(format, args...)
	return &Error{Span: span, Msg: err.Error(), Err: errors.Unwrap(err)}
}

// WithHint returns the error with a next step added.
func (e *Error) WithHint(format string, args ...any) *Error {
	c := *e
	c.Hint = fmt.Sprintf(format, args...)
	return &c
}

func (e *Error) Error() string {
	if e.Hint == "" {
		return e.Msg
	}
	return e.Msg + " (" + e.Hint + ")"
}

func (e *Error) Unwrap() error { return e.Err }

// ErrUnsupported marks SQL that is valid in the dialect but that this version of
// Weir does not run; test with errors.Is.
var ErrUnsupported = errors.New("not supported yet")

// Unsupported makes the error for SQL that parses but does not run yet.
func Unsupported(span Span, format string, args ...any) *Error {
	return &Error{Span: span, Msg: "not supported yet: " + fmt.Sprintf(format, args...), Err: ErrUnsupported}
}

// At returns err with the span filled in where it is an *Error without a place.
// Other errors come back unchanged.
func At(err error, span Span) error {
	var e *Error
	if errors.As(err, &e) && e.Span.IsZero() {
		c := *e
		c.Span = span
		return &c
	}
	return err
}

// Render formats err for a person. With a place it gives three lines,
//
//	name:line:col: message
//	SELECT pric FROM t
//	       ^~~~
//
// and the hint, when there is one, as a fourth.
func Render(text *Text, err error) string {
	var e *Error
	if !errors.As(err, &e) {
		return err.Error()
	}
	if e.Text != nil {
		text = e.Text
	}
	var b strings.Builder
	if text == nil || e.Span.IsZero() {
		if text != nil && text.Name != "" {
			b.WriteString(text.Name + ": ")
		}
		b.WriteString(message(err, e))
	} else {
		pos := text.Position(e.Span.Start)
		fmt.Fprintf(&b, "%s:%d:%d: %s\n", text.Name, pos.Line, pos.Column, message(err, e))
		b.WriteString(caret(text, e.Span))
	}
	if e.Hint != "" {
		b.WriteString("\n  hint: " + e.Hint)
	}
	return b.String()
}

// message is the error's text without the hint; what wraps the Error (the name
// of a task, say) is kept in front.
func message(err error, e *Error) string {
	return strings.Replace(err.Error(), e.Error(), e.Msg, 1)
}
