package vec

import (
	"testing"

	"github.com/weirstream/weir/sql/types"
)

func TestScribbleReachesWhoKeptTheBatch(t *testing.T) {
	for name, s := range samples() {
		b := NewBatch(Schema{{"x", s.typ}})
		if err := b.Cols[0].AppendValue(s.values[0]); err != nil {
			t.Fatal(err)
		}
		b.SetLen(1)
		if b.Size() == 0 && s.typ.Kind != types.Array {
			t.Errorf("%s: no size", name)
		}
		words, bufs := b.Cols[0].words, append([][]byte{}, b.Cols[0].bufs...)
		before := append([]uint64{}, words...)
		Scribble(b)
		same := len(words) > 0
		for i := range before {
			same = same && words[i] == before[i]
		}
		for _, buf := range bufs {
			for _, c := range buf {
				same = same || c != '#'
			}
		}
		if same || b.Len() != 0 {
			t.Errorf("%s survived", name)
		}
	}
}
