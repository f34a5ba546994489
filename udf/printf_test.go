package udf

import (
	"math"
	"testing"

	"github.com/weirstream/weir/runtime/vec"
	"github.com/weirstream/weir/sql/types"
)

// TestPrintf has what java.util.Formatter of Java 17 gives.
func TestPrintf(t *testing.T) {
	double, integer, short, str, boolean := types.New(types.Double), types.New(types.Int), types.New(types.SmallInt), types.String(), types.New(types.Boolean)
	const null = "\x00"
	for _, c := range []struct {
		format string
		t      types.Type
		x      any
		want   string
	}{
		{"no directive", integer, int64(1), "no directive"},
		{"%d%%%n", integer, int64(-7), "-7%\n"},
		{"[%5d|%-5d|%05d]", integer, int64(42), null}, // one argument for three directives
		{"[%1$5d|%1$-5d|%1$05d|%<x]", integer, int64(42), "[   42|42   |00042|2a]"},
		{"%,d", integer, int64(-1234567), "-1,234,567"},
		{"%(d", integer, int64(-5), "(5)"},
		{"%(07d", integer, int64(-5), "(00005)"},
		{"%+d", integer, int64(5), "+5"},
		{"% d", integer, int64(5), " 5"},
		{"%x", integer, int64(-1), "ffffffff"},
		{"%X", short, int64(-2), "FFFE"},
		{"%#o", integer, int64(8), "010"},
		{"%#08x", integer, int64(255), "0x0000ff"},
		{"%c", integer, int64(0x1F600), "😀"},
		{"%c", integer, int64(-1), null},
		{"%.1d", integer, int64(1), null},
		{"%+x", integer, int64(1), null},
		{"%-d", integer, int64(1), null},
		{"%-05d", integer, int64(1), null},
		{"%+ d", integer, int64(1), null},
		{"%dd%", integer, int64(1), null},
		{"%y", integer, int64(1), null},
		{"%f", integer, int64(1), null},
		{"%2$d", integer, int64(1), null},
		{"%<d", integer, int64(1), null},
		{"%999999999d", integer, int64(1), null},
		{"%d", integer, nil, "null"},
		{"%6.2f", double, nil, "  null"},
		{"%.2f", double, 0.125, "0.13"},
		{"%.2f", double, 1.005, "1.01"},
		{"%.0f", double, 0.5, "1"},
		{"%.0f", double, 0.4, "0"},
		{"%.1f", double, 9.96, "10.0"},
		{"%.3f", double, 0.0004, "0.000"},
		{"%.3f", double, 0.0005, "0.001"},
		{"%.2f", double, 1e20, "100000000000000000000.00"},
		{"%,.2f", double, -1234567.891, "-1,234,567.89"},
		{"%010.3f", double, -3.14159, "-00003.142"},
		{"%e", double, 12345.678, "1.234568e+04"},
		{"%.2E", double, 9.999e-7, "1.00E-06"},
		{"%.0e", double, 15.0, "2e+01"},
		{"%g", double, 1.5, "1.50000"},
		{"%g", double, 0.0001, "0.000100000"},
		{"%g", double, 0.00001, "1.00000e-05"},
		{"%.3g", double, 1234.0, "1.23e+03"},
		{"%.3g", double, 999.6, "1.00e+03"},
		{"%g", double, 0.0, "0.00000"},
		{"%8f", double, math.Inf(-1), "-Infinity"},
		{"%05.1f", double, math.NaN(), "  NaN"},
		{"%d", double, 1.0, null},
		{"%s", double, 1e7, "1.0E7"},
		{"[%8s|%<-8s|%<.2s|%<S]", str, "abcä", "[    abcä|abcä    |ab|ABCÄ]"},
		{"%3s", str, "😀", " 😀"},
		{"%d", str, "1", null},
		{"%05s", str, "1", null},
		{"%s %<b %<B", boolean, true, "true true TRUE"},
		{"%b", boolean, nil, "false"},
		{"%b", str, "x", "true"},
	} {
		format, err := vec.Of(types.String(), c.format)
		if err != nil {
			t.Fatal(err)
		}
		arg, err := vec.Of(c.t, c.x)
		if err != nil {
			t.Fatal(err)
		}
		k, err := bindPrintf(Call{})
		if err != nil {
			t.Fatal(err)
		}
		out := vec.New(types.String())
		out.Resize(1)
		if err := k([]*vec.Vector{format, arg}, []int32{0}, 1, out); err != nil {
			t.Fatal(err)
		}
		got := null
		if !out.IsNull(0) {
			got = string(out.Bytes(0))
		}
		if got != c.want {
			t.Errorf("PRINTF('%s', %v) is %q, want %q", c.format, c.x, got, c.want)
		}
	}
}
