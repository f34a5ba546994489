// Package display prints results for people and programs: tables, JSON lines, CSV, a table
// that keeps itself up to date, and progress. Enter at Changelog, Table, Progress and
// Footer.
package display

import (
	"bufio"
	"fmt"
	"io"

	"github.com/weirstream/weir"
	"github.com/weirstream/weir/runtime/vec"
)

// Form is how rows are printed.
type Form string

// The forms.
const (
	FormTable Form = "table"
	FormJSON  Form = "json"
	FormCSV   Form = "csv"
)

// ParseForm reads the value of -o.
func ParseForm(s string) (Form, error) {
	switch f := Form(s); f {
	case FormTable, FormJSON, FormCSV:
		return f, nil
	}
	return "", fmt.Errorf("-o %s: use table, json or csv", s)
}

// printer prints a changelog. Rows come in batches whose rows all count.
type printer interface {
	batch(b *vec.Batch) error
	end() error
}

// Changelog prints a query's changelog to its end. On a terminal (screen is not nil) a table shows the
// present result instead of the changes where rows are updated.
func Changelog(w io.Writer, form Form, screen *Footer, res *weir.Result) error {
	buffered := bufio.NewWriterSize(w, 1<<16)
	var p printer
	switch {
	case form == FormJSON:
		p = newJSONPrinter(buffered, res)
	case form == FormCSV:
		p = newCSVPrinter(buffered, res)
	case screen != nil && res.Updating():
		p = newLivePrinter(screen, res)
	default:
		p = newTablePrinter(buffered, res)
	}
	for b, err := range res.Vectors() {
		if err == nil {
			err = p.batch(b)
		}
		if err == nil {
			err = buffered.Flush() // a row is seen when it comes
		}
		if err != nil {
			buffered.Flush() //nolint:errcheck // the first error is told
			return err
		}
	}
	if err := p.end(); err != nil {
		return err
	}
	return buffered.Flush()
}
