package udf

import (
	"bytes"
	"encoding/binary"
	"errors"
	"math/bits"
	"unicode/utf8"

	"github.com/weirstream/weir/runtime/vec"
	"github.com/weirstream/weir/sql/types"
)

// longest is the most bytes that a function may make of one row.
const longest = 64 << 20

var errTooLong = errors.New("the result has more than 64 MB")

// bindText is text for functions that are never NULL.
func bindText(f func(r row, dst []byte) []byte) binder {
	return text(func(r row, dst []byte) ([]byte, bool) { return f(r, dst), true })
}

// row1 is for functions of one string.
func row1(f func(dst, s []byte) []byte) binder {
	return text(func(r row, dst []byte) ([]byte, bool) { return f(dst, r.bytes(0)), true })
}

func bindConcat(Call) (Kernel, error) {
	var scratch []byte
	return func(args []*vec.Vector, sel []int32, _ int, out *vec.Vector) error {
		for _, i := range sel {
			scratch = scratch[:0]
			for _, a := range args {
				scratch = append(scratch, a.Bytes(int(i))...)
			}
			out.SetBytes(int(i), scratch)
		}
		return nil
	}, nil
}

func bindConcatWS(Call) (Kernel, error) {
	return text(func(r row, dst []byte) ([]byte, bool) {
		if r.isNull(0) {
			return dst, false
		}
		first := true
		for k := 1; k < r.n(); k++ {
			if r.isNull(k) {
				continue
			}
			if !first {
				dst = append(dst, r.bytes(0)...)
			}
			dst, first = append(dst, r.bytes(k)...), false
		}
		return dst, true
	})(Call{})
}

func replaceAll(r row, dst []byte) []byte {
	s, old, by := r.bytes(0), r.bytes(1), r.bytes(2)
	if len(old) == 0 {
		return append(dst, bytes.ReplaceAll(s, old, by)...)
	}
	if len(old) == 1 && len(by) == 0 {
		return appendWithout(dst, s, old[0])
	}
	for {
		i := bytes.Index(s, old)
		if i < 0 {
			return append(dst, s...)
		}
		dst = append(append(dst, s[:i]...), by...)
		s = s[i+len(old):]
	}
}

// appendWithout appends s without the byte x. Where it stands cannot be foretold, so no branch asks.
func appendWithout(dst, s []byte, x byte) []byte {
	n := len(dst)
	dst = append(dst, s...)
	for _, c := range s {
		dst[n] = c
		n += int((uint32(c^x) + 0xff) >> 8)
	}
	return dst[:n]
}

func overlay(r row, dst []byte) []byte {
	s, by, start := r.bytes(0), r.bytes(1), r.int(2)
	if start <= 0 || start > int64(runeCount(s)) {
		return append(dst, s...)
	}
	length := int64(runeCount(by))
	if r.has(3) {
		length = r.int(3)
	}
	from := skipRunes(s, start-1)
	dst = append(append(dst, s[:from]...), by...)
	if length <= 0 {
		return dst // Flink leaves the rest out
	}
	return append(dst, s[skipRunes(s, start-1+length):]...)
}

func bindTranslate(c Call) (Kernel, error) { return text(translate)(c) }

func translate(r row, dst []byte) ([]byte, bool) {
	if r.isNull(0) {
		return dst, false
	}
	var from, to []byte
	if !r.isNull(1) {
		from = r.bytes(1)
	}
	if !r.isNull(2) {
		to = r.bytes(2)
	}
	s := r.bytes(0)
	for len(s) > 0 {
		_, w := utf8.DecodeRune(s)
		at := bytes.Index(from, s[:w])
		if at < 0 {
			dst = append(dst, s[:w]...)
		} else if off := skipRunes(to, int64(runeCount(from[:at]))); off < len(to) {
			_, tw := utf8.DecodeRune(to[off:])
			dst = append(dst, to[off:off+tw]...)
		}
		s = s[w:]
	}
	return dst, true
}

func chr(r row, dst []byte) []byte {
	n := r.int(0)
	if n < 0 {
		return dst
	}
	return utf8.AppendRune(dst, rune(n&0xFF))
}

// bindPad fills up to a number of characters.
func bindPad(left bool) binder {
	return func(Call) (Kernel, error) {
		var scratch []byte
		return func(args []*vec.Vector, sel []int32, _ int, out *vec.Vector) error {
			for _, i := range sel {
				r := row{args, int(i)}
				s, n, pad := r.bytes(0), r.int(1), r.bytes(2)
				if n < 0 || len(pad) == 0 {
					out.SetNull(int(i))
					continue
				}
				if n > longest {
					return &RowError{Row: int(i), Err: errTooLong}
				}
				missing := n - int64(runeCount(s))
				if missing <= 0 {
					out.SetBytes(int(i), s[:skipRunes(s, n)])
					continue
				}
				scratch = scratch[:0]
				if !left {
					scratch = append(scratch, s...)
				}
				for count := int64(runeCount(pad)); missing > 0; missing -= count {
					scratch = append(scratch, pad[:skipRunes(pad, missing)]...)
				}
				if left {
					scratch = append(scratch, s...)
				}
				out.SetBytes(int(i), scratch)
			}
			return nil
		}, nil
	}
}

func bindRepeat(Call) (Kernel, error) {
	var scratch []byte
	return func(args []*vec.Vector, sel []int32, _ int, out *vec.Vector) error {
		for _, i := range sel {
			r := row{args, int(i)}
			s, n := r.bytes(0), r.int(1)
			if n > longest || int64(len(s))*n > longest {
				return &RowError{Row: int(i), Err: errTooLong}
			}
			scratch = scratch[:0]
			for ; n > 0; n-- {
				scratch = append(scratch, s...)
			}
			out.SetBytes(int(i), scratch)
		}
		return nil
	}, nil
}

func bindElt(Call) (Kernel, error) {
	return text(func(r row, dst []byte) ([]byte, bool) {
		if r.isNull(0) {
			return dst, false
		}
		k := r.int(0)
		if k < 1 || k >= int64(r.n()) || r.isNull(int(k)) {
			return dst, false
		}
		return append(dst, r.bytes(int(k))...), true
	})(Call{})
}

// strOrIntArg is SPLIT_INDEX's separator: a string, or a character's code.
func strOrIntArg() param {
	return param{name: "a string or a character's code", to: func(t types.Type) (types.Type, bool) {
		if t.Kind == types.Null {
			return types.String(), true
		}
		if t.IsInteger() {
			return types.New(types.BigInt), true
		}
		return t, t.IsString()
	}}
}

func bindSplitIndex(c Call) (Kernel, error) {
	byCode := c.Args[1].Type.IsInteger()
	return part(0, func(r row, s []byte) (int, int) {
		var one [1]byte
		sep := one[:]
		if byCode {
			code := r.int(1)
			if code < 1 || code > 255 {
				return -1, 0
			}
			if code >= utf8.RuneSelf {
				sep = utf8.AppendRune(one[:0], rune(code))
			} else {
				one[0] = byte(code)
			}
		} else if sep = r.bytes(1); len(sep) == 0 {
			sep = []byte{' '}
		}
		return splitIndex(s, sep, r.int(2))
	})(c)
}

// splitIndexByte is splitIndex for a separator of one byte.
func splitIndexByte(s []byte, sep byte, index int64) (from, to int) {
	if index > 0 {
		if from = nthByte(s, sep, index-1) + 1; from == 0 {
			return -1, 0
		}
	}
	if n := nthByte(s[from:], sep, 0); n >= 0 {
		return from, from + n
	}
	return from, len(s)
}

// nthByte gives the position of the n-th c in s, from 0 on, or -1. Parts are mostly short, so that a call of
// bytes.IndexByte for each would cost more than looking at the bytes, eight at a time.
func nthByte(s []byte, c byte, n int64) int {
	const ones, low = 0x0101010101010101, 0x7f7f7f7f7f7f7f7f
	pattern, i := uint64(c)*ones, 0
	for ; i+8 <= len(s); i += 8 {
		x := binary.LittleEndian.Uint64(s[i:]) ^ pattern
		found := ^(x&low + low | x | low) // the highest bit of each byte that is c
		if found == 0 {
			continue
		}
		if k := int64(bits.OnesCount64(found)); k <= n {
			n -= k
			continue
		}
		for ; n > 0; n-- {
			found &= found - 1
		}
		return i + bits.TrailingZeros64(found)>>3
	}
	for ; i < len(s); i++ {
		if s[i] != c {
			continue
		}
		if n == 0 {
			return i
		}
		n--
	}
	return -1
}

// splitIndex finds the index-th part of s; from is -1 where there is none.
func splitIndex(s, sep []byte, index int64) (from, to int) {
	if index < 0 || len(s) == 0 {
		return -1, 0
	}
	if len(sep) == 1 {
		return splitIndexByte(s, sep[0], index)
	}
	for ; ; index-- {
		i := bytes.Index(s[from:], sep)
		switch {
		case i < 0 && index > 0:
			return -1, 0
		case i < 0:
			return from, len(s)
		case index == 0:
			return from, from + i
		}
		from += i + len(sep)
	}
}
