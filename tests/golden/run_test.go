package golden

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const unwritten = `=== counting
-- sql --
CREATE TABLE t (k STRING) WITH ('connector' = 'kafka');
SELECT k, COUNT(*) AS n FROM t GROUP BY k;
-- input t --
k
a
b
a
-- changelog --
-- result --

=== an error
-- sql --
SELECT x FROM nowhere;
-- error --
`

// TestUpdate writes what a file expects, after which it passes; with one cell changed it fails.
func TestUpdate(t *testing.T) {
	path := filepath.Join(t.TempDir(), "u.test")
	if err := os.WriteFile(path, []byte(unwritten), 0o644); err != nil {
		t.Fatal(err)
	}
	run := func(update bool) (failed []string) {
		t.Helper()
		r := &Runner{Update: update}
		err := r.RunFile(t.Context(), path, "", func(o Outcome) {
			if o.Err != nil {
				failed = append(failed, o.Case.Name+": "+o.Err.Error())
			}
		})
		if err != nil {
			t.Fatal(err)
		}
		return failed
	}
	if got := run(false); len(got) != 2 {
		t.Fatalf("a file that expects nothing fails in %v", got)
	}
	if got := run(true); len(got) != 0 {
		t.Fatalf("updating fails: %v", got)
	}
	if got := run(false); len(got) != 0 {
		t.Fatalf("after an update: %v", got)
	}
	body, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"+U | a        | 2\n", "\na        | 2\n", "-- error --\nsql:1:15: "} {
		if !strings.Contains(string(body), want) {
			t.Errorf("%q is missing in\n%s", want, body)
		}
	}
	wrong := strings.Replace(string(body), "\na        | 2\n", "\na        | 3\n", 1)
	if err := os.WriteFile(path, []byte(wrong), 0o644); err != nil {
		t.Fatal(err)
	}
	if got := run(false); len(got) != 1 || !strings.Contains(got[0], "result differs") {
		t.Errorf("a wrong cell gives %v", got)
	}
}

// TestTablesNeedSections tells what stands for a connector that is not there.
func TestTablesNeedSections(t *testing.T) {
	path := filepath.Join(t.TempDir(), "u.test")
	body := "=== a\n-- sql --\nCREATE TABLE t (k STRING) WITH ('connector' = 'kafka');\nSELECT k FROM t;\n-- result --\nk STRING\n"
	if err := os.WriteFile(path, []byte(body), 0o644); err != nil {
		t.Fatal(err)
	}
	err := (&Runner{}).RunFile(t.Context(), path, "", func(o Outcome) {
		if o.Err == nil || !strings.Contains(o.Err.Error(), "there is no connector 'kafka'") || !strings.Contains(o.Err.Error(), "'-- input TABLE --'") {
			t.Errorf("%v", o.Err)
		}
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestCompareForeign holds another engine's rows against a case.
func TestCompareForeign(t *testing.T) {
	f, err := Parse("x.test", "=== c\n-- sql --\nSELECT 1;\n-- changelog --\nop | k STRING | n INT\n+I | a | 1\n+I | b | 2\n")
	if err != nil {
		t.Fatal(err)
	}
	c := f.Cases[0]
	c.Sections[1].Lines = []string{"op | k STRING | n INT", "+I | a        | 1", "+I | b        | 2"}
	values := func(k, n string) []json.RawMessage { return []json.RawMessage{json.RawMessage(k), json.RawMessage(n)} }
	a, b := ForeignRow{"+I", values(`"a"`, "1")}, ForeignRow{"+I", values(`"b"`, "2")}
	compare := func(failure string, adopt bool, rows ...ForeignRow) error {
		return c.CompareForeign(&Foreign{Query: &ForeignTable{Columns: []string{"k STRING", "n INT"}, Rows: rows}, Failure: failure}, adopt)
	}
	if err := compare("", false, b, a); err != nil {
		t.Errorf("inserts in another order: %v", err)
	}
	if err := compare("", false, a); err == nil {
		t.Error("a missing row is not seen")
	}
	if err := compare("it broke", false, a, b); err == nil {
		t.Error("a failure is not seen")
	}
	if err := compare("", true, a, ForeignRow{"+I", values("null", "3")}); err != nil {
		t.Errorf("adopting: %v", err)
	}
	if got := c.Sections[1].Lines[2]; got != "+I | NULL     | 3" {
		t.Errorf("adopted %q", got)
	}
}

// TestCompareForeignTable holds what another engine wrote to a table with a primary key against a case; a table that it did
// not write says nothing.
func TestCompareForeignTable(t *testing.T) {
	f, err := Parse("x.test", "=== c\n-- sql --\nSELECT 1;\n-- result s --\nk INT NOT NULL | n INT\n1              | 3\n-- result late --\nk INT\n")
	if err != nil {
		t.Fatal(err)
	}
	row := func(kind, k, n string) ForeignRow {
		return ForeignRow{kind, []json.RawMessage{json.RawMessage(k), json.RawMessage(n)}}
	}
	s := &ForeignTable{Columns: []string{"k INT NOT NULL", "n INT"}, Key: []int{0}, Rows: []ForeignRow{row("+I", "1", "2"), row("+U", "1", "3"), row("+I", "2", "3"), row("-D", "2", "null")}}
	if err := f.Cases[0].CompareForeign(&Foreign{Tables: map[string]*ForeignTable{"s": s}}, false); err != nil {
		t.Error(err)
	}
	if err := f.Cases[0].CompareForeign(&Foreign{}, false); err == nil {
		t.Error("an outcome without the table passes")
	}
}

// TestMisspeltSections: a section that names no table or column of the SQL is an error at once, with its line.
func TestMisspeltSections(t *testing.T) {
	const sql = "=== c\n-- sql --\nCREATE TABLE payments (k STRING) WITH ('connector' = 'datagen');\nSELECT k FROM payments;\n"
	for _, c := range []struct{ sections, want string }{
		{"-- input paymnts --\nk\na\n-- result --\n", "line 5: section '-- input paymnts --': the SQL creates no table 'paymnts'\n  hint: did you mean 'payments'?"},
		{"-- input payments --\nk\na\n-- result totals --\n", "line 8: section '-- result totals --': the SQL creates no table 'totals'"},
		{"-- input payments --\nk | n\na | 1\n-- result --\n", "line 6: table payments is read from columns k; there is no 'n'"},
	} {
		f, err := Parse("x.test", sql+c.sections)
		if err != nil {
			t.Fatal(err)
		}
		err = (&Runner{}).RunCase(t.Context(), f, f.Cases[0]).Err
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q:\ngot  %v\nwant %s", c.sections, err, c.want)
		}
	}
}

const marked = `=== counting
-- sql --
CREATE TABLE t (k STRING) WITH ('connector' = 'kafka');
SELECT k, COUNT(*) AS n FROM t GROUP BY k;
-- input t --
k
a
-- restore 3 --
-- input t --
k
a
b
-- restore --
-- changelog --
op | k STRING | n BIGINT NOT NULL
+I | a        | 1
-U | a        | 1
+U | a        | 2
+I | b        | 1
`

// TestRestoreMarks has '-- restore --' stop a case where it stands, with the parallelism that it gives.
func TestRestoreMarks(t *testing.T) {
	f, err := Parse("m.test", marked)
	if err != nil {
		t.Fatal(err)
	}
	c := f.Cases[0]
	var parallelism, ends []int
	runs, err := c.runs(Variant{Parallelism: 1, Stops: []Stop{{0.5, 2}}}, false)
	for _, r := range runs {
		parallelism, ends = append(parallelism, r.parallelism), append(ends, r.ends["t"])
	}
	if want := []int{1, 3, 1}; err != nil || !slices.Equal(parallelism, want) {
		t.Errorf("runs at parallelism %v, not %v; error %v", parallelism, want, err)
	}
	if want := []int{1, 3, 3}; !slices.Equal(ends, want) {
		t.Errorf("runs end after %v rows, not %v", ends, want)
	}
	if runs, err := c.runs(Variant{Parallelism: 1}, false); err != nil || len(runs) != 1 {
		t.Errorf("an undisturbed variant has %d runs, error %v", len(runs), err)
	}
	o := (&Runner{}).RunCase(t.Context(), f, c)
	if o.Err != nil || o.Restored != 3 {
		t.Errorf("%d restored runs, error %v", o.Restored, o.Err)
	}
	c.Sections[len(c.Sections)-1].Lines[3] = "+U | a        | 3"
	o = (&Runner{Variants: []Variant{{Parallelism: 1, Stops: []Stop{{0.5, 1}}}}}).RunCase(t.Context(), f, c)
	if o.Err == nil || !strings.Contains(o.Err.Error(), "the changelog has other changes") {
		t.Errorf("a wrong cell gives %v", o.Err)
	}
}

// TestRestoreMarksThatCannotBe are refused with a place.
func TestRestoreMarksThatCannotBe(t *testing.T) {
	for name, c := range map[string]struct{ from, to, want string }{
		"parallelism":  {"-- restore 3 --", "-- restore 0 --", "m.test:8: '-- restore 0 --': give a parallelism from 1 to 128"},
		"no number":    {"-- restore 3 --", "-- restore now --", "m.test:8: '-- restore now --': give a parallelism"},
		"text":         {"-- restore 3 --\n", "-- restore 3 --\nk\nb\n", "m.test:8: text under '-- restore --'"},
		"without rows": {"-- input t --", "-- file t --", "m.test:8: there is no '-- input TABLE --'"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Parse("m.test", strings.ReplaceAll(marked, c.from, c.to))
			if err == nil || !strings.HasPrefix(err.Error(), c.want) {
				t.Errorf("the error is %v, not %q", err, c.want)
			}
		})
	}
	f, err := Parse("m.test", strings.Replace(marked, "-- changelog --", "-- sql --\nSELECT k, COUNT(*) AS n FROM t GROUP BY k;\n-- changelog --", 1))
	if err != nil {
		t.Fatal(err)
	}
	if o := (&Runner{}).RunCase(t.Context(), f, f.Cases[0]); o.Err == nil || !strings.Contains(o.Err.Error(), "several jobs") {
		t.Errorf("several jobs give %v", o.Err)
	}
}

// TestBlocks cuts an input of two tables where runs stop.
func TestBlocks(t *testing.T) {
	f, err := Parse("b.test", `=== c
-- sql --
SELECT 1;
-- input t --
k
a
b
-- input t --
k
c
-- restore --
-- input u --
k
d
e
-- input t --
k
f
-- input u --
k
-- result --
`)
	if err != nil {
		t.Fatal(err)
	}
	all, marks, err := f.Cases[0].blocks()
	if want := []block{{"t", 0, 3}, {"u", 0, 2}, {"t", 3, 4}}; err != nil || !slices.Equal(all, want) || !slices.Equal(marks, []int{3}) {
		t.Errorf("blocks %v, marks %v, error %v", all, marks, err)
	}
	for _, c := range []struct {
		from, to int
		want     []block
	}{
		{0, 2, []block{{"t", 0, 2}}},
		{2, 5, []block{{"t", 2, 3}, {"u", 0, 2}}},
		{4, 6, []block{{"u", 1, 2}, {"t", 3, 4}}},
		{6, 6, nil},
	} {
		if got := cut(all, c.from, c.to); !slices.Equal(got, c.want) {
			t.Errorf("rows %d to %d are %v, want %v", c.from, c.to, got, c.want)
		}
	}
	if got := blocksOf(all, "u"); !slices.Equal(got, []int{0, 2, 2}) {
		t.Errorf("u has given %v rows behind the blocks", got)
	}
}
