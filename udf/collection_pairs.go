package udf

import (
	"bytes"
	"math/bits"
	"slices"
	"unicode/utf16"

	"github.com/weirstream/weir/runtime/vec"
	"github.com/weirstream/weir/udf/javaregex"
)

// pair is an entry of a text of pairs; null says that it has no value.
type pair struct {
	key, value []byte
	null       bool
}

// strToMap appends the entries of one row. An empty text has none, and empty pairs at its end count for nothing, as
// Java's String.split leaves them out. Of equal keys the last value is kept. The entries come as Flink gives them: in
// the order of a java.util.HashMap.
func strToMap(s []byte, pairs, sep *javaregex.Regexp, out *vec.Vector) error {
	texts, err := splitPairs(s, pairs)
	if err != nil {
		return err
	}
	entries := make([]pair, 0, len(texts))
	var known map[string]int // the entries by key, where they are many
	if len(texts) > fewPairs {
		known = make(map[string]int, len(texts))
	}
	for _, text := range texts {
		loc, err := sep.Find(text)
		if err != nil {
			return err
		}
		p := pair{key: text, null: true}
		if loc != nil {
			p = pair{key: text[:loc[0]], value: text[loc[1]:]}
		}
		i := findPair(entries, known, p.key)
		if i >= 0 {
			entries[i] = p
			continue
		}
		if known != nil {
			known[string(p.key)] = len(entries)
		}
		entries = append(entries, p)
	}
	hashOrder(entries, len(texts))
	for _, e := range entries {
		out.Child(0).AppendBytes(e.key)
		if e.null {
			out.Child(1).AppendNull()
		} else {
			out.Child(1).AppendBytes(e.value)
		}
	}
	return nil
}

// fewPairs is up to how many pairs looking through them takes no longer than a map.
const fewPairs = 16

// findPair gives the entry of a key, -1 for none; known is nil for few entries.
func findPair(entries []pair, known map[string]int, key []byte) int {
	if known == nil {
		return slices.IndexFunc(entries, func(e pair) bool { return bytes.Equal(e.key, key) })
	}
	if i, ok := known[string(key)]; ok {
		return i
	}
	return -1
}

// splitPairs splits a text as String.split(regex) does.
func splitPairs(s []byte, at *javaregex.Regexp) ([][]byte, error) {
	if len(s) == 0 {
		return nil, nil
	}
	var out [][]byte
	start := 0
	err := at.Each(s, func(loc []int) bool {
		if loc[1] > 0 { // an empty match in front splits nothing off
			out = append(out, s[start:loc[0]])
			start = loc[1]
		}
		return true
	})
	out = append(out, s[start:])
	for len(out) > 0 && len(out[len(out)-1]) == 0 {
		out = out[:len(out)-1]
	}
	return out, err
}

// hashOrder sorts entries by the bucket of their key in a java.util.HashMap that was made for n of them, and so never
// grows; those of one bucket stay as they came.
func hashOrder(entries []pair, n int) {
	capacity := n + 1
	if n > 2 {
		capacity = (4*n + 2) / 3
	}
	mask := uint32(1)<<bits.Len32(uint32(capacity-1)) - 1
	bucket := func(p pair) uint32 {
		h := javaHash(p.key)
		return (h ^ h>>16) & mask
	}
	slices.SortStableFunc(entries, func(a, b pair) int { return int(bucket(a)) - int(bucket(b)) })
}

// javaHash is String.hashCode: of UTF-16 units.
func javaHash(s []byte) uint32 {
	var h uint32
	for _, r := range string(s) {
		if hi, lo := utf16.EncodeRune(r); r > 0xFFFF {
			h = (31*h+uint32(hi))*31 + uint32(lo)
		} else {
			h = 31*h + uint32(r)
		}
	}
	return h
}
