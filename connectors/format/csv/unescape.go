package csv

import (
	"strconv"
	"strings"
)

// unescapeJava resolves \t, \n, \r, \b, \f, \uXXXX, octal \1 and \X for other X, as in
// Java's strings.
func unescapeJava(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] != '\\' || i+1 == len(s) {
			b.WriteByte(s[i])
			continue
		}
		i++
		switch c := s[i]; {
		case c == 'u' && i+4 < len(s):
			if x, err := strconv.ParseUint(s[i+1:i+5], 16, 16); err == nil {
				b.WriteRune(rune(x))
				i += 4
				continue
			}
			b.WriteByte(c)
		case c >= '0' && c <= '7':
			n := 1
			for n < 3 && i+n < len(s) && s[i+n] >= '0' && s[i+n] <= '7' {
				n++
			}
			x, _ := strconv.ParseUint(s[i:i+n], 8, 16) // octal digits only
			b.WriteRune(rune(x))
			i += n - 1
		default:
			b.WriteByte(unescaped(c, "tnrbf", "\t\n\r\b\f"))
		}
	}
	return b.String()
}

// unescaped gives what a character behind a backslash stands for.
func unescaped(c byte, letters, means string) byte {
	if i := strings.IndexByte(letters, c); i >= 0 {
		return means[i]
	}
	return c
}
