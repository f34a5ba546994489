// Package text reads and writes the text of single values as Flink's json and csv
// formats do: dates and times in the SQL and ISO-8601 standards, numbers in Java's spelling.
// It works on bytes and allocates nothing but errors.
//
// Enter at Standard for timestamps, at ParseInt and ParseFloat for numbers. DECIMALs are in
// runtime/decimal, the text of doubles is in runtime/javatext.
package text

import "errors"

// ErrSyntax says that a text is not of the type.
var ErrSyntax = errors.New("the text does not have the right form")

// ErrRange says that a text is well-formed but its value does not fit the type.
var ErrRange = errors.New("the value is out of range")

// Trim takes off what Java's String.trim does: all bytes up to the space, on both ends.
func Trim(s []byte) []byte {
	for len(s) > 0 && s[0] <= ' ' {
		s = s[1:]
	}
	for len(s) > 0 && s[len(s)-1] <= ' ' {
		s = s[:len(s)-1]
	}
	return s
}
