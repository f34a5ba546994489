package vec

import (
	"strings"
	"testing"

	"github.com/weirstream/weir/sql/types"
)

// TestFullArenas stores more text than an arena holds before another is begun.
func TestFullArenas(t *testing.T) {
	v := New(types.String())
	text := strings.Repeat("0123456789abcdef", 1<<10)
	for round := range 3 {
		v.Reset()
		for i := range 500 { // 8 MB
			v.AppendString(text[i:])
		}
		v.AppendString(strings.Repeat("x", 10<<20)) // more than the next one
		for i := range 500 {
			if string(v.Bytes(i)) != text[i:] {
				t.Fatalf("round %d: value %d changed", round, i)
			}
		}
		if len(v.Bytes(500)) != 10<<20 || v.Size() < 17<<20 || v.Memory() < v.Size() || v.Memory() > 4*v.Size() {
			t.Fatalf("round %d: %d bytes, of which %d are used", round, v.Memory(), v.Size())
		}
	}
}
