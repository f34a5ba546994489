package display

import (
	"bufio"
	"encoding/csv"

	"github.com/weirstream/weir"
	"github.com/weirstream/weir/runtime/vec"
)

func columnNames(cols []weir.Column) []string {
	names := make([]string, len(cols))
	for i, c := range cols {
		names[i] = c.Name
	}
	return names
}

// jsonPrinter prints {"op":"+I","row":{…}} lines; plain ones are the row alone.
type jsonPrinter struct {
	w      *bufio.Writer
	names  []string
	format *weir.Formatter
	plain  bool
	buf    []byte
}

func newJSONPrinter(w *bufio.Writer, res *weir.Result) *jsonPrinter {
	return &jsonPrinter{w: w, names: columnNames(res.Columns()), format: res.Formatter()}
}

func (p *jsonPrinter) batch(b *vec.Batch) error {
	for i := range b.Len() {
		p.buf = p.buf[:0]
		if !p.plain {
			p.buf = append(append(append(p.buf, `{"op":"`...), b.Kind(i).String()...), `","row":`...)
		}
		var err error
		if p.buf, err = p.format.AppendObject(p.buf, p.names, b, i); err != nil {
			return err
		}
		if !p.plain {
			p.buf = append(p.buf, '}')
		}
		if _, err := p.w.Write(append(p.buf, '\n')); err != nil {
			return err
		}
	}
	return nil
}

func (p *jsonPrinter) end() error { return nil }

// csvPrinter prints a head and rows, the change kind first unless plain. NULL is an empty
// field.
type csvPrinter struct {
	w      *csv.Writer
	names  []string
	format *weir.Formatter
	plain  bool
	begun  bool
}

func newCSVPrinter(w *bufio.Writer, res *weir.Result) *csvPrinter {
	return &csvPrinter{w: csv.NewWriter(w), names: columnNames(res.Columns()), format: res.Formatter()}
}

func (p *csvPrinter) batch(b *vec.Batch) error {
	if err := p.head(); err != nil {
		return err
	}
	for i := range b.Len() {
		record, err := textRow(p.format, b, i)
		if err != nil {
			return err
		}
		for c, v := range b.Cols {
			if v.IsNull(i) {
				record[c] = ""
			}
		}
		if !p.plain {
			record = append([]string{b.Kind(i).String()}, record...)
		}
		if err := p.w.Write(record); err != nil {
			return err
		}
	}
	p.w.Flush()
	return p.w.Error()
}

func (p *csvPrinter) head() error {
	if p.begun {
		return nil
	}
	p.begun = true
	head := p.names
	if !p.plain {
		head = append([]string{"op"}, head...)
	}
	return p.w.Write(head)
}

func (p *csvPrinter) end() error {
	if err := p.head(); err != nil {
		return err
	}
	p.w.Flush()
	return p.w.Error()
}
