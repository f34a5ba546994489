package display

import (
	"bufio"
	"fmt"
	"io"
	"strings"
	"unicode"

	"github.com/weirstream/weir"
	"github.com/weirstream/weir/runtime/vec"
	"github.com/weirstream/weir/sql/types"
)

// maxCell is the widest a cell of a table is printed; longer values are cut with an
// ellipsis.
const maxCell = 60

// tablePrinter prints a changelog row by row in columns. Column widths follow the first batch and
// the types, since later rows are not known yet.
type tablePrinter struct {
	w      *bufio.Writer
	cols   []weir.Column
	format *weir.Formatter
	widths []int
	rows   int
}

func newTablePrinter(w *bufio.Writer, res *weir.Result) *tablePrinter {
	return &tablePrinter{w: w, cols: res.Columns(), format: res.Formatter()}
}

func (p *tablePrinter) batch(b *vec.Batch) error {
	cells := make([][]string, b.Len())
	for i := range cells {
		row, err := textRow(p.format, b, i)
		if err != nil {
			return err
		}
		cells[i] = append([]string{b.Kind(i).String()}, clipAll(row)...)
	}
	if p.widths == nil {
		p.begin(cells)
	}
	for _, row := range cells {
		p.line(row)
	}
	p.rows += len(cells)
	return nil
}

// textRow gives the texts of a row's values.
func textRow(f *weir.Formatter, b *vec.Batch, i int) ([]string, error) {
	out := make([]string, len(b.Cols))
	for c, v := range b.Cols {
		var err error
		if out[c], err = f.Text(v, i); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// begin settles the widths and prints the head.
func (p *tablePrinter) begin(cells [][]string) {
	p.widths = make([]int, len(p.cols)+1)
	p.widths[0] = 2
	for i, c := range p.cols {
		p.widths[i+1] = max(textWidth(c.Name), typicalWidth(c.Type))
	}
	for _, row := range cells {
		for i, c := range row {
			p.widths[i] = max(p.widths[i], textWidth(c))
		}
	}
	p.rule()
	head := []string{"op"}
	for _, c := range p.cols {
		head = append(head, c.Name)
	}
	p.line(head)
	p.rule()
}

func (p *tablePrinter) rule() {
	for _, n := range p.widths {
		p.w.WriteString("+" + strings.Repeat("-", n+2))
	}
	p.w.WriteString("+\n")
}

func (p *tablePrinter) line(cells []string) {
	for i, c := range cells {
		pad := strings.Repeat(" ", max(0, p.widths[i]-textWidth(c)))
		if i > 0 && rightAligned(p.cols[i-1].Type) {
			p.w.WriteString("| " + pad + c + " ")
		} else {
			p.w.WriteString("| " + c + pad + " ")
		}
	}
	p.w.WriteString("|\n")
}

func (p *tablePrinter) end() error {
	if p.widths == nil {
		p.begin(nil)
	}
	p.rule()
	_, err := fmt.Fprintln(p.w, counted(p.rows, "row"))
	return err
}

func counted(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

func rightAligned(t types.Type) bool { return t.IsNumeric() }

// typicalWidth keeps columns from jumping when later rows are wider than the first.
func typicalWidth(t types.Type) int {
	switch {
	case t.IsTimestamp():
		return 20 + t.Precision
	case t.Kind == types.Date:
		return 10
	case t.IsNumeric():
		return 8
	}
	return 4
}

func clipAll(cells []string) []string {
	for i, c := range cells {
		cells[i] = clip(c)
	}
	return cells
}

// clip cuts long cells and makes control characters visible.
func clip(s string) string {
	s = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return '␣'
		}
		return r
	}, s)
	return cut(s, maxCell)
}

// Table prints the rows of SHOW, DESCRIBE and EXPLAIN. A single column of one text (a plan, a
// CREATE statement) is printed as it is.
func Table(w io.Writer, form Form, res *weir.Result) error {
	var rows [][]any
	for row, err := range res.Rows() {
		if err != nil {
			return err
		}
		rows = append(rows, row.Values)
	}
	cols := res.Columns()
	if form == FormTable && len(cols) == 1 && len(rows) == 1 {
		if s, ok := rows[0][0].(string); ok {
			_, err := fmt.Fprintln(w, strings.TrimRight(s, "\n"))
			return err
		}
	}
	schema := make(vec.Schema, len(cols))
	for i, c := range cols {
		schema[i] = vec.Field{Name: c.Name, Type: c.Type}
	}
	b := vec.NewBatch(schema)
	for _, row := range rows {
		for i, x := range row {
			if err := b.Cols[i].AppendValue(x); err != nil {
				return err
			}
		}
	}
	b.SetLen(len(rows))
	return plainTable(w, form, res, b)
}

// plainTable prints rows that are no changelog: without the column of change kinds.
func plainTable(w io.Writer, form Form, res *weir.Result, b *vec.Batch) error {
	cols := res.Columns()
	buffered := bufio.NewWriter(w)
	switch form {
	case FormJSON:
		p := newJSONPrinter(buffered, res)
		p.plain = true
		if err := p.batch(b); err != nil {
			return err
		}
	case FormCSV:
		p := newCSVPrinter(buffered, res)
		p.plain = true
		if err := p.batch(b); err != nil {
			return err
		}
	default:
		format := res.Formatter()
		rows := [][]string{make([]string, len(cols))}
		for i, c := range cols {
			rows[0][i] = c.Name
		}
		for i := range b.Len() {
			row, err := textRow(format, b, i)
			if err != nil {
				return err
			}
			rows = append(rows, row)
		}
		writeAligned(buffered, cols, rows)
	}
	return buffered.Flush()
}

// writeAligned prints rows under a head that is underlined, numbers to the right.
func writeAligned(w *bufio.Writer, cols []weir.Column, rows [][]string) {
	widths := make([]int, len(rows[0]))
	for _, r := range rows {
		for i, c := range r {
			widths[i] = max(widths[i], textWidth(c))
		}
	}
	for n, r := range rows {
		for i, c := range r {
			if i > 0 {
				w.WriteString("  ")
			}
			pad := strings.Repeat(" ", widths[i]-textWidth(c))
			switch {
			case rightAligned(cols[i].Type):
				w.WriteString(pad + c)
			case i < len(r)-1:
				w.WriteString(c + pad)
			default:
				w.WriteString(c)
			}
		}
		w.WriteByte('\n')
		if n == 0 {
			for i, n := range widths {
				if i > 0 {
					w.WriteString("  ")
				}
				w.WriteString(strings.Repeat("-", n))
			}
			w.WriteByte('\n')
		}
	}
}
