package display

import (
	"bytes"
	"strings"
	"testing"

	"github.com/weirstream/weir"
	"github.com/weirstream/weir/sql/types"
)

// TestRedraw checks that what was drawn before is gone first: from the line's beginning, where the terminal
// may have written ^C, and over the rows that its lines take now.
func TestRedraw(t *testing.T) {
	var out bytes.Buffer
	p := &livePrinter{screen: NewFooter(&out), cols: []weir.Column{{Name: "word", Type: types.String()}, {Name: "n", Type: types.New(types.Int)}}, rows: map[string]*liveRow{
		"x": {cells: []string{"日本", "10"}, count: 1},
		"y": {cells: []string{"e", "7"}, count: 1, order: 1},
	}}
	if err := p.draw(false); err != nil {
		t.Fatal(err)
	}
	const table = "word   n\n----  --\n日本  10\ne      7\n2 rows\n"
	if out.String() != table {
		t.Errorf("drawn:\n%s", out.String())
	}
	out.Reset()
	if err := p.draw(true); err != nil {
		t.Fatal(err)
	}
	if got := strings.TrimSuffix(out.String(), table); got != "\r\x1b[5A\x1b[J" {
		t.Errorf("before the second table: %q", got)
	}
	if n := rowsOnScreen([]int{0, 10, 11, 30}, 10); n != 7 {
		t.Errorf("%d rows on a screen of ten columns", n)
	}
}

// TestAboveTheFooter checks that what is written while lines are shown comes above them, whole lines at a time.
func TestAboveTheFooter(t *testing.T) {
	var out bytes.Buffer
	f := NewFooter(&out)
	write := func(text, want string) {
		t.Helper()
		out.Reset()
		if n, err := f.Write([]byte(text)); err != nil || n != len(text) {
			t.Fatal(n, err)
		}
		if out.String() != want {
			t.Errorf("writing %q gives %q, want %q", text, out.String(), want)
		}
	}
	write("before", "before")
	if err := f.Show("one\ntwo\n"); err != nil {
		t.Fatal(err)
	}
	write("half ", "")
	write("a line\nrest", "\r\x1b[2A\x1b[Jhalf a line\none\ntwo\n")
	write("\n", "\r\x1b[2A\x1b[Jrest\none\ntwo\n")
	write("end", "")
	out.Reset()
	if err := f.Leave(); err != nil {
		t.Fatal(err)
	}
	if out.String() != "end" {
		t.Errorf("left: %q", out.String())
	}
	write(" of it\n", " of it\n")
}
