package expr

import (
	"fmt"
	"strconv"
)

// Key gives a text that two trees share exactly when they compute the same: all but
// places and column names counts. It makes fingerprints of plans.
func Key(e Expr) string { return string(appendKey(nil, e)) }

// appendKey writes a text that two trees share exactly when they compute the same.
func appendKey(dst []byte, e Expr) []byte {
	switch e := e.(type) {
	case *Column:
		dst = append(dst, '#')
		return strconv.AppendInt(dst, int64(e.Index), 10)
	case *Literal:
		return fmt.Appendf(dst, "%q:%s", fmt.Sprintf("%T%v", e.Value, e.Value), e.T)
	case *Call:
		dst = append(dst, e.Fn.Name...)
		dst = append(dst, '{')
		dst = append(dst, e.T.String()...)
	case *Cast:
		if e.Try {
			dst = append(dst, "try "...)
		}
		dst = append(dst, "cast{"...)
		dst = append(dst, e.T.String()...)
	case *Case:
		dst = append(dst, "case{"...)
		dst = append(dst, e.T.String()...)
	case *Field:
		dst = append(dst, "field{"...)
		dst = strconv.AppendInt(dst, int64(e.Index), 10)
	}
	for _, c := range e.Children() {
		dst = append(dst, ',')
		dst = appendKey(dst, c)
	}
	return append(dst, '}')
}
