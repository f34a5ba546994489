package vec

import (
	"fmt"
	"strings"
	"testing"
	"unsafe"

	"github.com/weirstream/weir/sql/types"
)

// TestPassRowsCopiesWhatDoesNotLast passes texts from two buffers that last, from one that does not, and from the vector's own.
func TestPassRowsCopiesWhatDoesNotLast(t *testing.T) {
	lasting, other, borrowed := []byte(strings.Repeat("lasting text ", 4)), []byte(strings.Repeat("another lasting ", 3)), []byte(strings.Repeat("borrowed text ", 4))
	src := New(types.String())
	view := func(b []byte, buf uint32) { src.AppendView(MakeView(b[1:30], buf, 1)) }
	view(lasting, src.AddLasting(lasting))
	view(borrowed, src.AddBuffer(borrowed))
	view(other, src.AddLasting(other))
	src.AppendString(strings.Repeat("its own ", 5))
	src.AppendString("inline")
	src.AppendNull()
	want := valuesOf(src)

	alias, shared := New(types.String()), New(types.String())
	alias.AliasOf(src)
	shared.AppendString(strings.Repeat("before ", 9))
	shared.ShareRows(src, []int32{0, 1, 2, 3, 4, 5})
	for name, c := range map[string]struct {
		from *Vector
		rows []int32
	}{"all": {src, nil}, "selected": {src, []int32{0, 1, 2, 3, 4, 5}}, "alias": {alias, nil}, "shared": {shared, []int32{1, 2, 3, 4, 5, 6}}} {
		t.Run(name, func(t *testing.T) {
			v := New(types.String())
			v.AppendString(strings.Repeat("there before ", 3))
			for range 3 {
				v.PassRows(c.from, c.rows)
			}
			for i := range 18 {
				if got := fmt.Sprint(v.Value(1 + i)); got != want[i%6] {
					t.Errorf("value %d is %s, want %s", i, got, want[i%6])
				}
			}
			for i, within := range [][]byte{lasting, nil, other} {
				switch at := unsafe.SliceData(v.Bytes(1 + i)); {
				case within == nil && at == &borrowed[1]:
					t.Error("the borrowed text was not copied")
				case within != nil && at != &within[1]:
					t.Errorf("the text of value %d was copied", i)
				}
			}
			if n := len(v.bufs); n != 3 {
				t.Errorf("%d buffers: its own and the two that last are 3", n)
			}
			v.Reset()
			if v.lasting != 0 || len(v.bufs) != 0 {
				t.Error("buffers are left by Reset")
			}
		})
	}
}

// TestPassRowsOfManyBuffers has more buffers than are told apart: texts of the others are copied.
func TestPassRowsOfManyBuffers(t *testing.T) {
	src := New(types.String())
	for i := range 100 {
		b := []byte(fmt.Sprintf("%d is a text that does not lie in its view", i))
		src.AppendView(MakeView(b, src.AddLasting(b), 0))
	}
	want := valuesOf(src)
	v := New(types.String())
	v.PassRows(src, nil)
	other := New(types.String())
	other.PassRows(v, nil) // a third of whose buffers come behind its own
	for k, x := range []*Vector{v, other} {
		for i, w := range want {
			if got := fmt.Sprint(x.Value(i)); got != w {
				t.Errorf("vector %d: value %d is %s, want %s", k, i, got, w)
			}
		}
	}
}

// TestAppendRowsCopiesWhatLasts: state keeps copies, whatever the source does.
func TestAppendRowsCopiesWhatLasts(t *testing.T) {
	b := []byte("a text that does not lie in its view")
	src, v := New(types.String()), New(types.String())
	src.AppendView(MakeView(b, src.AddLasting(b), 0))
	v.AppendRows(src, nil)
	if unsafe.SliceData(v.Bytes(0)) == &b[0] || string(v.Bytes(0)) != string(b) {
		t.Errorf("%q was not copied", v.Bytes(0))
	}
}

func valuesOf(v *Vector) (out []string) {
	for i := range v.Len() {
		out = append(out, fmt.Sprint(v.Value(i)))
	}
	return out
}
