package udf

import (
	"unicode"
	"unicode/utf8"

	"github.com/weirstream/weir/runtime/vec"
)

// mapCase shares strings that stay as they are.
func mapCase(f func(dst, s []byte) []byte) binder {
	return func(Call) (Kernel, error) {
		var scratch []byte
		return func(args []*vec.Vector, sel []int32, _ int, out *vec.Vector) error {
			views, bufs := args[0].Views()
			for _, i := range sel {
				scratch = f(scratch[:0], vec.ViewBytes(&views[i], bufs))
				out.SetBytes(int(i), scratch)
			}
			return nil
		}, nil
	}
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
