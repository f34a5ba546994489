package udf

import (
	"math/rand/v2"
	"strings"
	"testing"
)

// TestSplitIndexAgreesWithSplit takes texts of all lengths around the eight bytes that are looked at together, with
// bytes that differ from the separator in one bit.
func TestSplitIndexAgreesWithSplit(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for range 20_000 {
		s := make([]byte, 1+rng.IntN(40))
		for i := range s {
			s[i] = "//.o\xaf0-?a"[rng.IntN(9)]
		}
		parts := strings.Split(string(s), "/")
		for index := range len(parts) + 2 {
			from, to := splitIndexByte(s, '/', int64(index))
			switch {
			case index >= len(parts):
				if from >= 0 {
					t.Fatalf("%q has a part %d: %d to %d", s, index, from, to)
				}
			case from < 0 || string(s[from:to]) != parts[index]:
				t.Fatalf("part %d of %q is %d to %d, want %q", index, s, from, to, parts[index])
			}
		}
	}
}
