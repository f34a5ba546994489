package golden

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/weirstream/weir/connectors"
	"github.com/weirstream/weir/sql/diag"
)

// Rows are written as tables, a row a line:
//
//	op | k STRING | n BIGINT NOT NULL
//	+I | a        | 1
//
// A cell is the value's text; NULL is written bare. A text that could be misread (empty, with a
// bar or spaces at an end, "NULL" itself, or looking quoted) is written as a JSON string.

// renderTable aligns the cells in columns.
func renderTable(rows [][]string) string {
	var widths []int
	for _, r := range rows {
		for i, cell := range r {
			if i == len(widths) {
				widths = append(widths, 0)
			}
			widths[i] = max(widths[i], utf8.RuneCountInString(cell))
		}
	}
	var b strings.Builder
	for n, r := range rows {
		if n > 0 {
			b.WriteByte('\n')
		}
		var line strings.Builder
		for i, cell := range r {
			if i > 0 {
				line.WriteString(" | ")
			}
			line.WriteString(cell + strings.Repeat(" ", widths[i]-utf8.RuneCountInString(cell)))
		}
		b.WriteString(strings.TrimRight(line.String(), " "))
	}
	return b.String()
}

// quoteCell writes a text as a cell.
func quoteCell(s string) string {
	plain := s != "" && s == strings.TrimSpace(s) && s != "NULL" && s[0] != '"' && !strings.ContainsAny(s, "|\n\r\t")
	if plain && utf8.ValidString(s) {
		return s
	}
	var b strings.Builder
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(s); err != nil {
		return fmt.Sprintf("%q", s)
	}
	return strings.TrimRight(b.String(), "\n")
}

// splitCells splits a line at its bars; bars inside JSON strings do not count.
func splitCells(line string) []string {
	var cells []string
	start, quoted := 0, false
	for i := 0; i < len(line); i++ {
		switch c := line[i]; {
		case quoted && c == '\\':
			i++
		case c == '"' && (quoted || strings.TrimSpace(line[start:i]) == "" || insideJSON(line[start:i])):
			quoted = !quoted
		case c == '|' && !quoted:
			cells = append(cells, strings.TrimSpace(line[start:i]))
			start = i + 1
		}
	}
	return append(cells, strings.TrimSpace(line[start:]))
}

// insideJSON reports whether a cell that begins like this is an object or an array.
func insideJSON(begin string) bool {
	begin = strings.TrimSpace(begin)
	return begin != "" && (begin[0] == '{' || begin[0] == '[')
}

// cellJSON turns a cell into the JSON value that an input row's field has.
func cellJSON(cell string) (json.RawMessage, error) {
	switch {
	case cell == "NULL":
		return json.RawMessage("null"), nil
	case cell != "" && strings.ContainsRune(`"{[`, rune(cell[0])):
		if !json.Valid([]byte(cell)) {
			return nil, fmt.Errorf("%s is not valid JSON", cell)
		}
		return json.RawMessage(cell), nil
	}
	return json.Marshal(cell)
}

// inputRow is one row of an input section: its kind ("+I" where none is written) and a
// JSON object.
type inputRow struct {
	kind string
	json []byte
	line int
}

// inputRows reads an input section: JSON objects, a line each, with a change kind in front
// where it is no insert; or a table whose first line names the columns.
func (s *Section) inputRows() ([]inputRow, error) {
	var rows []inputRow
	var header []string
	for i, line := range s.Lines {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		at := s.Line + 1 + i
		kind, rest := cutKind(line)
		if strings.HasPrefix(rest, "{") && header == nil {
			rows = append(rows, inputRow{kind, []byte(rest), at})
			continue
		}
		cells := splitCells(line)
		if header == nil {
			header = cells
			continue
		}
		row, err := tableRow(header, cells)
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", at, err)
		}
		row.line = at
		rows = append(rows, row)
	}
	return rows, nil
}

// namesColumns checks that the table has the columns that an input section's header names. JSON objects may have other fields, as
// in production.
func (s *Section) namesColumns(columns []connectors.Column) error {
	names := make([]string, len(columns))
	for i, c := range columns {
		names[i] = c.Name
	}
	for i, line := range s.Lines {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		if _, rest := cutKind(line); strings.HasPrefix(rest, "{") {
			return nil
		}
		for _, cell := range splitCells(line) {
			name, _, _ := strings.Cut(cell, " ") // a type may stand behind the name
			if name != "op" && !slices.Contains(names, name) {
				return fmt.Errorf("line %d: table %s is read from columns %s; there is no '%s'%s",
					s.Line+1+i, s.Arg, strings.Join(names, ", "), name, hint(diag.DidYouMean(name, names)))
			}
		}
		return nil
	}
	return nil
}

// cutKind takes a change kind off the line's front.
func cutKind(line string) (kind, rest string) {
	for _, k := range []string{"+I", "-U", "+U", "-D"} {
		if after, ok := strings.CutPrefix(line, k+" "); ok {
			return k, strings.TrimSpace(after)
		}
	}
	return "+I", line
}

func tableRow(header, cells []string) (inputRow, error) {
	if len(cells) != len(header) {
		return inputRow{}, fmt.Errorf("%d cells under %d columns", len(cells), len(header))
	}
	row := inputRow{kind: "+I"}
	object := []byte{'{'}
	for i, name := range header {
		if name == "op" {
			row.kind = cells[i]
			continue
		}
		name, _, _ = strings.Cut(name, " ") // a type may stand behind the name
		key, err := json.Marshal(name)
		if err != nil {
			return row, err
		}
		value, err := cellJSON(cells[i])
		if err != nil {
			return row, err
		}
		if len(object) > 1 {
			object = append(object, ',')
		}
		object = append(append(append(object, key...), ':'), value...)
	}
	row.json = append(object, '}')
	return row, nil
}
