package shardlog

import (
	"bytes"
	"fmt"
	"testing"
)

// The bytes that are pending survive a move into a larger buffer, and a buffer that was given back is not shared by two.
func TestBuffersKeepWhatIsPending(t *testing.T) {
	var b buffers
	one := append(b.room(nil, 3*maxSpare), bytes.Repeat([]byte("a"), 2*maxSpare)...)
	if cap(one) < 3*maxSpare {
		t.Errorf("room for %d bytes", cap(one))
	}
	b.keep(one)
	pending := []byte("pending")
	two, three := b.room(pending, 2*maxSpare), b.room(pending, 2*maxSpare)
	if !bytes.Equal(two, pending) || cap(two) < len(pending)+2*maxSpare || &two[0] == &three[0] {
		t.Errorf("%q with room for %d", two, cap(two))
	}
	if small := b.room(pending[:0], 3); cap(small) != cap(pending) {
		t.Error("a buffer with room was replaced")
	}
}

// Large and small batches come back as they were put, commit after commit in the same buffers.
func TestLargeBatches(t *testing.T) {
	st := create(t, openLog(t, t.TempDir(), Options{Durability: None}), Spec{Name: "s"})
	var want []string
	for round, n := range []int{1, 9000, 3, 12000, 9000, 1} {
		puts := make([]Put, n)
		for i := range puts {
			data := fmt.Sprintf("%d/%d/%0190d", round, i, i)
			puts[i] = Put{Key: "k", Data: []byte(data)}
			want = append(want, data)
		}
		if _, err := st.Append(t.Context(), puts); err != nil {
			t.Fatal(err)
		}
	}
	var b Batch
	for from := uint64(1); ; from = b.Next {
		if err := st.Read(0, from, Limits{}, &b); err != nil {
			t.Fatal(err)
		}
		if len(b.Records) == 0 {
			break
		}
		for _, r := range b.Records {
			if string(r.Data) != want[0] {
				t.Fatalf("got %q, want %q", r.Data, want[0])
			}
			want = want[1:]
		}
	}
	if len(want) > 0 {
		t.Errorf("%d records are missing", len(want))
	}
}
