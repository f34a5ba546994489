package udf

import (
	"math/rand/v2"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/weirstream/weir/runtime/vec"
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

// TestRuneCount takes texts in which other characters follow those of ASCII, and bytes that are none.
func TestRuneCount(t *testing.T) {
	for _, s := range []string{"", "abcdefg", "abcdefgh", "abcdefghé", "éabcdefgh", "abcdefghijklmnop\xff", "abcdefgh" + strings.Repeat("世", 9)} {
		if got, want := runeCount([]byte(s)), utf8.RuneCountInString(s); got != want {
			t.Errorf("%q has %d characters, want %d", s, got, want)
		}
	}
}

// TestSwapInline goes through all characters of ASCII at all places of an inline string.
func TestSwapInline(t *testing.T) {
	for c := range byte(utf8.RuneSelf) {
		for n := 1; n <= vec.InlineLen; n++ {
			s := append([]byte(strings.Repeat("Zz", n))[:n-1], c)
			v := vec.MakeInline(s)
			lower, ok := swapInline(&v, 'A')
			if got := string(vec.ViewBytes(&lower, nil)); !ok || got != strings.ToLower(string(s)) {
				t.Fatalf("%q in lower case is %q", s, got)
			}
			upper, ok := swapInline(&v, 'a')
			if got := string(vec.ViewBytes(&upper, nil)); !ok || got != strings.ToUpper(string(s)) {
				t.Fatalf("%q in upper case is %q", s, got)
			}
		}
	}
	v := vec.MakeInline([]byte("é"))
	if _, ok := swapInline(&v, 'a'); ok {
		t.Error("é is taken for ASCII")
	}
}

func TestAppendWithout(t *testing.T) {
	for _, s := range []string{"", "c", "cc", "abc", "cab", "a\xffc\x00c", "éc"} {
		if got, want := string(appendWithout([]byte("c"), []byte(s), 'c')), "c"+strings.ReplaceAll(s, "c", ""); got != want {
			t.Errorf("%q without c is %q", s, got[1:])
		}
	}
}
