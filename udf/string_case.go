package udf

import (
	"encoding/binary"
	"unicode"
	"unicode/utf8"

	"github.com/weirstream/weir/runtime/vec"
)

// mapCase turns the letters from first on, A or a, into those of the other case; f does it for strings that do not
// lie in their view or hold more than ASCII.
func mapCase(first byte, f func(dst, s []byte) []byte) binder {
	return func(Call) (Kernel, error) {
		var scratch []byte
		return func(args []*vec.Vector, sel []int32, _ int, out *vec.Vector) error {
			views, bufs := args[0].Views()
			mapped, _ := out.Views()
			for _, i := range sel {
				v := &views[i]
				if v.Inline() {
					if m, ok := swapInline(v, first); ok {
						mapped[i] = m
						continue
					}
				}
				scratch = f(scratch[:0], vec.ViewBytes(v, bufs))
				out.SetBytes(int(i), scratch)
			}
			return nil
		}, nil
	}
}

// swapInline changes the case of the letters from first on in an inline string; false where it holds more than
// ASCII.
func swapInline(v *vec.StringView, first byte) (vec.StringView, bool) {
	a, b := binary.LittleEndian.Uint64(v.Data[:]), uint64(binary.LittleEndian.Uint32(v.Data[8:]))
	if (a|b)&highBits != 0 {
		return vec.StringView{}, false
	}
	out := vec.StringView{Len: v.Len}
	binary.LittleEndian.PutUint64(out.Data[:], swapCase(a, first))
	binary.LittleEndian.PutUint32(out.Data[8:], uint32(swapCase(b, first)))
	return out, true
}

const (
	eachByte = 0x0101010101010101
	highBits = 0x80 * eachByte
)

// swapCase changes the case of the letters from first on among eight characters of ASCII. The sums set a byte's
// highest bit where it is at least first, and where it is past the last letter.
func swapCase(x uint64, first byte) uint64 {
	from, past := uint64(0x80-first)*eachByte, uint64(0x80-first-26)*eachByte
	return x ^ (x+from)&^(x+past)&highBits>>2
}

func upperCase(dst, s []byte) []byte {
	from := len(dst)
	dst = append(dst, s...)
	for i, c := range dst[from:] {
		if c >= utf8.RuneSelf {
			return mapRunes(dst[:from+i], s[i:], unicode.ToUpper)
		}
		if c-'a' < 26 {
			dst[from+i] = c - ('a' - 'A')
		}
	}
	return dst
}

func lowerCase(dst, s []byte) []byte {
	from := len(dst)
	dst = append(dst, s...)
	for i, c := range dst[from:] {
		if c >= utf8.RuneSelf {
			return mapRunes(dst[:from+i], s[i:], unicode.ToLower)
		}
		if c-'A' < 26 {
			dst[from+i] = c + ('a' - 'A')
		}
	}
	return dst
}

// mapRunes maps the characters that Java maps; ß is SS in upper case, as there.
func mapRunes(dst, s []byte, f func(rune) rune) []byte {
	for len(s) > 0 {
		c, w := utf8.DecodeRune(s)
		switch {
		case c == utf8.RuneError && w <= 1:
			dst = append(dst, s[:w]...)
		case c == 'ß' && f('a') == 'A':
			dst = append(dst, "SS"...)
		default:
			dst = utf8.AppendRune(dst, f(c))
		}
		s = s[w:]
	}
	return dst
}

// initCap knows the letters of ASCII only, as Flink does: all other characters but digits part words.
func initCap(dst, s []byte) []byte {
	inside := false
	for _, c := range s {
		switch {
		case c-'a' < 26 && !inside:
			c -= 'a' - 'A'
		case c-'A' < 26 && inside:
			c += 'a' - 'A'
		}
		inside = c-'a' < 26 || c-'A' < 26 || c-'0' < 10
		dst = append(dst, c)
	}
	return dst
}

func reverse(dst, s []byte) []byte {
	for len(s) > 0 {
		_, w := utf8.DecodeLastRune(s)
		dst = append(dst, s[len(s)-w:]...)
		s = s[:len(s)-w]
	}
	return dst
}

func isAlpha(s []byte) bool {
	for i := 0; i < len(s); {
		c, w := utf8.DecodeRune(s[i:])
		if !unicode.IsLetter(c) {
			return false
		}
		i += w
	}
	return len(s) > 0
}

func isDigits(s []byte) bool {
	for i := 0; i < len(s); {
		c, w := utf8.DecodeRune(s[i:])
		if !unicode.IsDigit(c) {
			return false
		}
		i += w
	}
	return len(s) > 0
}
