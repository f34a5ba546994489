package udf

import (
	"bytes"
	"testing"
)

// A place far back in a text of many is found in one pass, in either direction. With a count of the characters before each of them this takes minutes.
func TestInstrOfManyPlaces(t *testing.T) {
	const places = 1 << 20
	s := bytes.Repeat([]byte("é"), places)
	for _, c := range []struct{ start, nth, want int64 }{
		{1, places, places}, {1, places + 1, 0}, {2, places - 1, places}, {places + 1, 1, 0}, {-1, places, 1}, {-1, places + 1, 0},
	} {
		if got := instr(s, []byte("é"), c.start, c.nth); got != c.want {
			t.Errorf("INSTR from %d, place %d: got %d, want %d", c.start, c.nth, got, c.want)
		}
	}
}
