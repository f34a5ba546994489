package udf

import (
	"bytes"
	"encoding/binary"
	"errors"
	"unicode/utf8"

	"github.com/weirstream/weir/runtime/vec"
	"github.com/weirstream/weir/udf/cast"
)

func bindCharLength(Call) (Kernel, error) {
	return func(args []*vec.Vector, sel []int32, _ int, out *vec.Vector) error {
		views, bufs := args[0].Views()
		o := vec.Values[int32](out)
		for _, i := range sel {
			o[i] = int32(runeCount(vec.ViewBytes(&views[i], bufs)))
		}
		return nil
	}, nil
}

// bindReplacedLength gives CHAR_LENGTH(REPLACE(text, part, by)) by counting the parts.
func bindReplacedLength(Call) (Kernel, error) {
	return func(args []*vec.Vector, sel []int32, _ int, out *vec.Vector) error {
		o := vec.Values[int32](out)
		for _, i := range sel {
			s, part := args[0].Bytes(int(i)), args[1].Bytes(int(i))
			o[i] = int32(runeCount(s) + bytes.Count(s, part)*(runeCount(args[2].Bytes(int(i)))-runeCount(part)))
		}
		return nil
	}, nil
}

// runeCount counts characters, eight of ASCII at a time.
func runeCount(s []byte) int {
	n := 0
	for len(s) >= 8 && binary.LittleEndian.Uint64(s)&0x8080808080808080 == 0 {
		s, n = s[8:], n+8
	}
	if len(s) == 0 {
		return n
	}
	return n + utf8.RuneCount(s)
}

// skipRunes gives the offset behind the first n characters of s, at most its end.
func skipRunes(s []byte, n int64) int {
	i := 0
	for n >= 8 && i+8 <= len(s) && binary.LittleEndian.Uint64(s[i:])&0x8080808080808080 == 0 {
		i, n = i+8, n-8 // eight characters of ASCII
	}
	for ; n > 0 && i < len(s); n-- {
		if s[i] < utf8.RuneSelf {
			i++
			continue
		}
		_, w := utf8.DecodeRune(s[i:])
		i += w
	}
	return i
}

// bindSubstring counts bytes of binary strings and characters of text.
func bindSubstring(c Call) (Kernel, error) {
	if c.Args[0].Type.IsBinary() {
		return part(0, func(r row, s []byte) (int, int) { return substring(r, s, int64(len(s)), skipBytes) })(c)
	}
	return part(0, func(r row, s []byte) (int, int) {
		if r.int(1) > 0 { // the common case needs no count of the characters
			from := skipRunes(s, r.int(1)-1)
			switch {
			case !r.has(2):
				return from, len(s)
			case r.int(2) < 0:
				return -1, 0
			}
			return from, from + skipRunes(s[from:], r.int(2))
		}
		return substring(r, s, int64(runeCount(s)), skipRunes)
	})(c)
}

func skipBytes(s []byte, n int64) int { return int(max(0, min(n, int64(len(s))))) }

func substring(r row, s []byte, count int64, skip func([]byte, int64) int) (int, int) {
	start := r.int(1)
	switch {
	case start > 0:
		start--
	case start < 0:
		if start += count; start < 0 {
			return 0, 0
		}
	}
	from := skip(s, start)
	if !r.has(2) {
		return from, len(s)
	}
	if r.int(2) < 0 {
		return -1, 0
	}
	return from, from + skip(s[from:], r.int(2))
}

func leftPart(r row, s []byte) (int, int) { return 0, skipRunes(s, r.int(1)) }

func rightPart(r row, s []byte) (int, int) {
	n := r.int(1)
	if n <= 0 {
		return 0, 0
	}
	i := len(s)
	for ; n > 0 && i > 0; n-- {
		_, w := utf8.DecodeLastRune(s[:i])
		i -= w
	}
	return i, len(s)
}

// trimPart is TRIM(side, characters, string).
func trimPart(r row, s []byte) (int, int) {
	side := r.str(0)
	return trim(s, r.bytes(1), side != "TRAILING", side != "LEADING")
}

func trimmer(left, right bool) func(r row, s []byte) (int, int) {
	return func(r row, s []byte) (int, int) {
		set := []byte(" ")
		if r.has(1) {
			set = r.bytes(1)
		}
		return trim(s, set, left, right)
	}
}

func trim(s, set []byte, left, right bool) (from, to int) {
	to = len(s)
	for left && from < to {
		c, w := utf8.DecodeRune(s[from:to])
		if !bytes.ContainsRune(set, c) {
			break
		}
		from += w
	}
	for right && from < to {
		c, w := utf8.DecodeLastRune(s[from:to])
		if !bytes.ContainsRune(set, c) {
			break
		}
		to -= w
	}
	return from, to
}

// indexOf gives where part is found at or behind character start (from 1), counted
// likewise; 0 where it is not.
func indexOf(s, part []byte, start int64) int64 {
	if start < 1 {
		return 0
	}
	from := skipRunes(s, start-1)
	if from == len(s) && int64(runeCount(s)) < start-1 {
		return 0
	}
	i := bytes.Index(s[from:], part)
	if i < 0 {
		return 0
	}
	return start + int64(runeCount(s[from:from+i]))
}

// locate begins at the first character for a start in front of it, and finds an empty part
// there always, as Flink does.
func locate(r row) (int64, bool) {
	start := int64(1)
	if r.has(2) && len(r.bytes(0)) > 0 {
		start = max(start, r.int(2))
	}
	return indexOf(r.bytes(1), r.bytes(0), start), true
}

var errNth = errors.New("INSTR: the number of the place is at least 1")

func bindInstr(Call) (Kernel, error) {
	return func(args []*vec.Vector, sel []int32, _ int, out *vec.Vector) error {
		o := vec.Values[int32](out)
		for _, i := range sel {
			r := row{args, int(i)}
			start, nth := int64(1), int64(1)
			if r.has(2) {
				start = r.int(2)
			}
			if r.has(3) {
				nth = r.int(3)
			}
			if nth <= 0 {
				return &vec.RowError{Row: int(i), Err: errNth}
			}
			o[i] = int32(instr(r.bytes(0), r.bytes(1), start, nth))
		}
		return nil
	}, nil
}

// instr gives the character, from 1, at which the nth place of part in s begins, counted from start on, or backwards from
// there where it is negative: -1 is the last character. Places may overlap. An empty part is at the front, or, backwards, behind the end.
func instr(s, part []byte, start, nth int64) int64 {
	switch {
	case start == 0:
		return 0
	case len(part) == 0 && start > 0:
		return 1
	case len(part) == 0:
		return int64(runeCount(s)) + 1
	case start > 0:
		for from := skipRunes(s, start-1); ; nth-- {
			i := bytes.Index(s[from:], part)
			if i < 0 {
				return 0
			}
			from += i
			if nth == 1 {
				return int64(runeCount(s[:from])) + 1
			}
			_, w := utf8.DecodeRune(s[from:])
			from += w
		}
	}
	// The part ends at or before the end that is so far from that of s.
	end := skipRunes(s, int64(runeCount(s))+start+1)
	for {
		i := bytes.LastIndex(s[:end], part)
		if i < 0 {
			return 0
		}
		if nth == 1 {
			return int64(runeCount(s[:i])) + 1
		}
		_, w := utf8.DecodeLastRune(s[:i+len(part)])
		end, nth = i+len(part)-w, nth-1
	}
}

func hasPrefix(s, p []byte) bool { return bytes.HasPrefix(s, p) }
func hasSuffix(s, p []byte) bool { return bytes.HasSuffix(s, p) }

func ascii(r row) (int64, bool) {
	if s := r.bytes(0); len(s) > 0 {
		return int64(int8(s[0])), true
	}
	return 0, true
}

// isDecimal reads as Java does: control characters and blanks around a number do not count.
func isDecimal(s []byte) bool {
	_, ok := cast.ParseFloat(bytes.TrimFunc(s, func(r rune) bool { return r <= ' ' }), 64)
	return ok
}
