package javatext

import (
	"math"
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

func TestBigDecimals(t *testing.T) {
	for _, c := range []struct {
		f    float64
		want string
	}{
		{0, "0.0"},
		{math.Copysign(0, -1), "0.0"},
		{-1.5, "-1.5"},
		{0.001, "0.001"},
		{1e-4, "0.00010"},
		{-1.23e-6, "-0.00000123"},
		{1e-7, "1.0E-7"},
		{1e7, "1.0E+7"},
		{-1.25e7, "-1.25E+7"},
		{12345678, "12345678"},
		{12345678.5, "12345678.5"},
		{10000000000.5, "10000000000.5"},
		{1e300, "1.0E+300"},
		{-1.5e-300, "-1.5E-300"},
	} {
		if got := string(AppendBigDecimal(nil, c.f)); got != c.want {
			t.Errorf("AppendBigDecimal(%g) = %s, want %s", c.f, got, c.want)
		}
	}
}

func TestLeastDoubles(t *testing.T) {
	for _, c := range []struct {
		f    float64
		bits int
		want string
	}{
		{5e-324, 64, "4.9E-324"},
		{-5e-324, 64, "-4.9E-324"},
		{2e-323, 64, "2.0E-323"},
		{1e-45, 32, "1.4E-45"},
		{1e23, 64, "1.0E23"},
		{9e99, 64, "9.0E99"},
	} {
		if got := string(AppendDouble(nil, c.f, c.bits)); got != c.want {
			t.Errorf("AppendDouble(%g, %d) = %s, want %s", c.f, c.bits, got, c.want)
		}
	}
}
