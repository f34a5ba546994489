package javatext

import (
	"testing"

	"github.com/weirstream/weir/runtime/vec"
)

func TestDecimals(t *testing.T) {
	for _, c := range []struct {
		unscaled int64
		scale    int
		want     string
	}{{125, 2, "1.25"}, {-5, 3, "-0.005"}, {0, 6, "0.000000"}, {0, 7, "0E-7"}, {1, 7, "1E-7"}, {12, 8, "1.2E-7"}, {-1234, 9, "-0.000001234"}, {5, 0, "5"}} {
		if got := string(AppendDecimal(nil, vec.Dec128FromInt64(c.unscaled), c.scale)); got != c.want {
			t.Errorf("AppendDecimal(%d, %d) = %s, want %s", c.unscaled, c.scale, got, c.want)
		}
	}
}
