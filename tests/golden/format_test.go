package golden

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/weirstream/weir/runtime/vec"
)

const sample = `# About the file.

=== first
# a comment
-- sql --
SELECT a FROM t;
-- input t --
op | a
+I | "a|b"
-D | NULL
-- changelog --
op | a STRING

=== second
-- sql ../job.sql --
-- result sink --
a INT
`

func TestParseAndPrint(t *testing.T) {
	f, err := Parse("x.test", sample)
	if err != nil {
		t.Fatal(err)
	}
	if len(f.Cases) != 2 || f.Cases[0].Name != "first" || f.Cases[1].Sections[1].Arg != "sink" {
		t.Fatalf("got %+v", f.Cases)
	}
	if got := f.Cases[0].sections("changelog")[0].Line; got != 11 {
		t.Errorf("the changelog is on line %d", got)
	}
	if d := cmp.Diff(sample, f.String()); d != "" {
		t.Errorf("printed (-want +got):\n%s", d)
	}
}

func TestParseErrors(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"-- sql --\nSELECT 1;\n", "x.test:1: a section before the first case"},
		{"=== a\n-- sqll --\n", `x.test:2: unknown section "sqll"`},
		{"=== a\n-- input --\n", "x.test:2: section \"input\": its heading should be '-- input NAME --'"},
		{"=== a\n-- error x --\n", "x.test:2: section \"error\": its heading should be '-- error --'"},
		{"=== a\nSELECT 1;\n", "x.test:2: text outside a section"},
		{"=== a\n-- result --\n", `x.test:1: case "a" has no '-- sql --' section`},
		{"=== a\n-- sql --\nSELECT 1;\n", `x.test:1: case "a" expects nothing`},
		{"=== a\n-- sql --\n-- result --\n=== a\n-- sql --\n-- result --\n", `x.test:4: a second case named "a"`},
	} {
		_, err := Parse("x.test", c.text)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q gives %v, want %s", c.text, err, c.want)
		}
	}
}

func TestCells(t *testing.T) {
	for _, c := range []struct {
		text, cell string
	}{
		{"plain", "plain"},
		{"", `""`},
		{"NULL", `"NULL"`},
		{" blank", `" blank"`},
		{"a|b", `"a|b"`},
		{"two\nlines", `"two\nlines"`},
		{`"quoted"`, `"\"quoted\""`},
		{"<é>", "<é>"},
	} {
		cell := quoteCell(c.text)
		if cell != c.cell {
			t.Errorf("quoteCell(%q) = %s, want %s", c.text, cell, c.cell)
		}
		line := "x | " + cell + ` | {"a|b": "\"|"}`
		if d := cmp.Diff([]string{"x", cell, `{"a|b": "\"|"}`}, splitCells(line)); d != "" {
			t.Errorf("splitting %s: %s", line, d)
		}
	}
}

func TestInputRows(t *testing.T) {
	s := &Section{Kind: "input", Arg: "t", Line: 10, Lines: []string{"op | a INT | b", "# none", "+I | 1 | x", "-D | NULL | [1,2]", ""}}
	rows, err := s.inputRows()
	if err != nil {
		t.Fatal(err)
	}
	want := []inputRow{{"+I", []byte(`{"a":"1","b":"x"}`), 13}, {"-D", []byte(`{"a":null,"b":[1,2]}`), 14}}
	if d := cmp.Diff(want, rows, cmp.AllowUnexported(inputRow{})); d != "" {
		t.Error(d)
	}
	s.Lines = []string{`+U {"a":1}`, `{"a":2}`}
	if rows, err = s.inputRows(); err != nil || rows[0].kind != "+U" || rows[1].kind != "+I" {
		t.Errorf("got %v, %v", rows, err)
	}
	s.Lines = []string{"a | b", "1"}
	if _, err := s.inputRows(); err == nil || err.Error() != "line 12: 1 cells under 2 columns" {
		t.Errorf("got %v", err)
	}
}

func TestFold(t *testing.T) {
	row := func(kind vec.ChangeKind, cells ...string) changeRow { return changeRow{kind, cells} }
	for _, c := range []struct {
		name string
		key  []int
		rows []changeRow
		want string // of the table without its header, or of the error
	}{
		{"nothing", nil, nil, ""},
		{
			"duplicates", nil,
			[]changeRow{row(vec.Insert, "b", "1"), row(vec.Insert, "a", "2"), row(vec.Insert, "b", "1"), row(vec.Delete, "b", "1")},
			"a | 2\nb | 1",
		},
		{
			"updates", nil,
			[]changeRow{row(vec.Insert, "a", "1"), row(vec.UpdateBefore, "a", "1"), row(vec.UpdateAfter, "a", "2")},
			"a | 2",
		},
		{
			"by key",
			[]int{0},
			[]changeRow{row(vec.Insert, "a", "1"), row(vec.UpdateAfter, "a", "2"), row(vec.Insert, "b", "3"), row(vec.Delete, "b", "NULL")},
			"a | 2",
		},
		{
			"what is not there", nil,
			[]changeRow{row(vec.Insert, "a", "1"), row(vec.Delete, "a", "2")},
			"-D takes back a row that is not there: a | 2",
		},
	} {
		log := &changelog{columns: []string{"k", "v"}, rows: c.rows, upsertKey: c.key}
		got, err := log.resultTable()
		if err != nil {
			got = "k | v\n" + err.Error()
		}
		if want := strings.TrimRight("k | v\n"+c.want, "\n"); got != want {
			t.Errorf("%s gives\n%s\nwant\n%s", c.name, got, want)
		}
	}
}

func TestRenderTable(t *testing.T) {
	got := renderTable([][]string{{"op", "k STRING", "n"}, {"+I", "äß", "1"}, {"-D", "longer than the head", ""}})
	want := "op | k STRING             | n\n+I | äß                   | 1\n-D | longer than the head |"
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// FuzzParse: whatever a file holds, it is parsed or refused, and what was parsed is printed so that it parses to the same file.
func FuzzParse(f *testing.F) {
	f.Add(unwritten)
	f.Add("# head\n=== a\n# about a\n-- sql x.sql --\n-- input t --\nop | k\n+U | \"|\"\n-- plan verbose --\n")
	f.Fuzz(func(t *testing.T, body string) {
		file, err := Parse("f.test", body)
		if err != nil {
			return
		}
		text := file.String()
		again, err := Parse("f.test", text)
		if err != nil {
			t.Fatalf("%v\n%s", err, text)
		}
		if again.String() != text {
			t.Fatalf("printed twice:\n%q\n%q", text, again.String())
		}
		for _, c := range file.Cases {
			for _, s := range c.sections("input") {
				_, _ = s.inputRows()
			}
		}
	})
}
