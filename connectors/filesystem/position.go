package filesystem

import (
	"fmt"
	"strconv"
)

// A position is the place behind the last row, in decimal digits: for a line format the
// byte at which the next record begins, after decompression; for a bulk format the number
// of the next row.

func formatPosition(x int64) []byte { return strconv.AppendInt(nil, x, 10) }

// parsePosition gives -1 for nil, the split's beginning.
func parsePosition(b []byte) (int64, error) {
	if b == nil {
		return -1, nil
	}
	x, err := strconv.ParseInt(string(b), 10, 64)
	if err != nil || x < 0 {
		return 0, fmt.Errorf("'%s' is no position in a file", b)
	}
	return x, nil
}
