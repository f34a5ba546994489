package golden

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"unicode"

	"github.com/weirstream/weir/sql/ast"
)

// ForeignRow is a row of another engine's changelog; Values are JSON.
type ForeignRow struct {
	Kind   string
	Values []json.RawMessage
}

// ForeignTable is what another engine's query gave, or what it wrote to a table.
type ForeignTable struct {
	Columns []string // "name TYPE"
	Key     []int    // the columns by which a table is updated; nil: row by row
	Rows    []ForeignRow
}

// Foreign is another engine's outcome of a case.
type Foreign struct {
	Dir     string                   // where the case's files are
	Query   *ForeignTable            // of the last SELECT
	Tables  map[string]*ForeignTable // that the script inserts into and a section names
	Failure string                   // "": it did not fail
}

// Outputs are the tables whose contents sections give.
func (c *Case) Outputs() []string {
	var out []string
	for _, s := range c.Sections {
		if (s.Kind == "changelog" || s.Kind == "result") && s.Arg != "" {
			out = append(out, s.Arg)
		}
	}
	return out
}

// Plan is the plan that the case expects; "": none.
func (c *Case) Plan() string {
	for _, s := range c.sections("plan") {
		return s.Text()
	}
	return ""
}

// InputFile is an input section as a file: a line a row, a change kind and a JSON object.
type InputFile struct {
	Path      string
	Changelog bool // there are rows other than inserts
	Upsert    bool // there are updates without the row before them
	// Blocks are, where rows of several tables come in order, how many of this one's have come at the end of each block
	// of the whole input.
	Blocks []int
}

// WriteInputs writes the rows of the input sections into dir, for another engine to read, in which every INSERT of stmts is a
// job; the keys are the tables' names.
func (c *Case) WriteInputs(stmts []ast.Statement, dir string) (map[string]InputFile, error) {
	out := map[string]InputFile{}
	var blocks []block
	if c.ordered(stmts, true) {
		all, _, err := c.blocks()
		if err != nil {
			return nil, err
		}
		blocks = slices.DeleteFunc(all, func(b block) bool { return !reads(stmts, b.table) })
	}
	for _, s := range c.sections("input") {
		rows, err := c.input(s.Arg)
		if err != nil {
			return nil, err
		}
		in := InputFile{Path: filepath.Join(dir, "input-"+s.Arg)}
		var b strings.Builder
		for _, r := range rows {
			fmt.Fprintf(&b, "%s %s\n", r.kind, r.json)
			in.Changelog = in.Changelog || r.kind != "+I"
		}
		in.Upsert = upserts(rows)
		in.Blocks = blocksOf(blocks, s.Arg)
		if err := os.WriteFile(in.Path, []byte(b.String()), 0o644); err != nil {
			return nil, err
		}
		out[s.Arg] = in
	}
	return out, nil
}

// blocksOf gives how many rows of a table have come at the end of each block.
func blocksOf(blocks []block, table string) []int {
	var out []int
	rows := 0
	for _, b := range blocks {
		if b.table == table {
			rows = b.end
		}
		out = append(out, rows)
	}
	return out
}

// reads reports whether a statement other than its own CREATE TABLE names the table.
func reads(stmts []ast.Statement, table string) bool {
	return slices.ContainsFunc(stmts, func(s ast.Statement) bool {
		if t, ok := s.(*ast.CreateTable); ok && t.Name.Last().Name == table {
			return false
		}
		words := strings.FieldsFunc(ast.Format(s), func(r rune) bool { return !(unicode.IsLetter(r) || unicode.IsDigit(r) || r == '_') })
		return slices.Contains(words, table)
	})
}

// Settings are the case's settings.
func (c *Case) Settings() map[string]string {
	out := map[string]string{}
	for _, s := range c.sections("set") {
		for _, line := range s.Lines {
			if key, value, ok := strings.Cut(line, "="); ok {
				out[strings.TrimSpace(key)] = strings.TrimSpace(value)
			}
		}
	}
	return out
}

// agreedMark begins the line that says which engine agreed with a case.
const agreedMark = "# agreed: Flink "

// SetAgreed records in the case that a version of Flink gave the same.
func (c *Case) SetAgreed(version string) {
	for i, l := range c.Head {
		if strings.HasPrefix(l, agreedMark) {
			c.Head[i] = agreedMark + version
			return
		}
	}
	c.Head = append(c.Head, agreedMark+version)
}

// differsMark begins the line that says why Weir means to give something else than Flink.
const differsMark = "# differs from Flink: "

// Differs reports whether the case says that it differs from Flink on purpose.
func (c *Case) Differs() bool {
	return slices.ContainsFunc(c.Head, func(l string) bool { return strings.HasPrefix(l, differsMark) })
}

// CompareForeign holds another engine's outcome against what the case expects. Metrics are Weir's own, and so are tables
// that the script does not insert into: of late rows. With adopt the expectation becomes what the other engine gave.
func (c *Case) CompareForeign(f *Foreign, adopt bool) error {
	if f.Failure != "" {
		if len(c.sections("error")) > 0 {
			return nil // the texts differ; that both fail is what can be compared
		}
		return fmt.Errorf("it fails: %s", f.Failure)
	}
	compared := false
	for _, s := range c.Sections {
		if s.Kind == "error" {
			return fmt.Errorf("an error is expected, and there is none")
		}
		text, ok, err := f.text(s)
		if err != nil {
			return err
		}
		if !ok {
			continue
		}
		compared = true
		if want := s.Text(); text != want && !(s.Kind == "changelog" && sameInserts(want, text)) {
			if adopt {
				s.setText(text)
				continue
			}
			return fmt.Errorf("%s differs:\n%s", strings.TrimSpace(s.Kind+" "+s.Arg), lineDiff(want, text))
		}
	}
	if !compared {
		return fmt.Errorf("there is nothing to compare")
	}
	return nil
}

// text gives what a section is compared with; ok is false for one that the outcome says nothing about.
func (f *Foreign) text(s *Section) (text string, ok bool, err error) {
	table := f.Query
	switch {
	case s.Kind == "output":
		text, err := readOutput(filepath.Join(f.Dir, filepath.FromSlash(s.Arg)))
		return text, true, err
	case s.Kind != "changelog" && s.Kind != "result":
		return "", false, nil
	case s.Arg != "":
		table = f.Tables[s.Arg]
	}
	if table == nil {
		return "", false, nil
	}
	log, err := table.log()
	if err != nil {
		return "", false, err
	}
	if s.Kind == "changelog" {
		return log.changelogTable(), true, nil
	}
	text, err = log.resultTable()
	return text, true, err
}

// Table folds the changelog.
func (t *ForeignTable) Table() (*Table, error) {
	log, err := t.log()
	if err != nil {
		return nil, err
	}
	return log.table()
}

// log is the table's changelog in our cells.
func (t *ForeignTable) log() (*changelog, error) {
	log := &changelog{upsertKey: t.Key}
	for _, col := range t.Columns {
		log.columns = append(log.columns, strings.TrimSuffix(strings.TrimSuffix(col, " *ROWTIME*"), " *PROCTIME*"))
	}
	for _, r := range t.Rows {
		row, err := r.change()
		if err != nil {
			return nil, err
		}
		log.rows = append(log.rows, row)
	}
	return log, nil
}

// sameInserts reports whether two changelogs hold the same inserts, and nothing else, in
// another order: windows that fire together may give their keys in any.
func sameInserts(a, b string) bool {
	x, y := strings.Split(a, "\n"), strings.Split(b, "\n")
	if x[0] != y[0] {
		return false
	}
	for _, line := range append(append([]string{}, x[1:]...), y[1:]...) {
		if !strings.HasPrefix(line, "+I") {
			return false
		}
	}
	slices.Sort(x[1:])
	slices.Sort(y[1:])
	return slices.Equal(x, y)
}

func (r ForeignRow) change() (changeRow, error) {
	kind, err := changeKind(r.Kind)
	row := changeRow{kind: kind}
	for _, v := range r.Values {
		row.cells = append(row.cells, jsonCell(v))
	}
	return row, err
}

// jsonCell writes a JSON value as a cell.
func jsonCell(v []byte) string {
	switch {
	case string(v) == "null":
		return "NULL"
	case len(v) > 0 && v[0] == '"':
		var s string
		if json.Unmarshal(v, &s) == nil {
			return quoteCell(s)
		}
	}
	return string(v)
}
