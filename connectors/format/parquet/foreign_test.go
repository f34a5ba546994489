package parquet

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/weirstream/weir/connectors"
	"github.com/weirstream/weir/runtime/vec"
	"github.com/weirstream/weir/sql/types"
)

// TestFilesOfPyarrow reads the same three rows from files that pyarrow wrote: v1 with dictionaries,
// INT96 and old names inside lists, v2 with zstd, delta encodings and decimals as integers.
func TestFilesOfPyarrow(t *testing.T) {
	cols := []connectors.Column{
		{Name: "i8", Type: types.New(types.TinyInt)},
		{Name: "u32", Type: bigint},
		{Name: "i64", Type: bigint},
		{Name: "d", Type: types.DecimalOf(20, 3)},
		{Name: "d9", Type: types.DecimalOf(9, 2)},
		{Name: "s", Type: types.String()},
		{Name: "ls", Type: types.String()},
		{Name: "cat", Type: types.String()},
		{Name: "ts", Type: types.TimestampOf(3)},
		{Name: "tz", Type: types.TimestampLTZOf(6)},
		{Name: "day", Type: types.New(types.Date)},
		{Name: "t", Type: types.Type{Kind: types.Time}},
		{Name: "l", Type: types.ArrayOf(integer)},
		{Name: "m", Type: types.MapOf(types.String(), bigint)},
		{Name: "st", Type: types.RowOf(types.Field{Name: "a", Type: bigint}, types.Field{Name: "b", Type: types.ArrayOf(types.String())})},
		{Name: "fb", Type: types.Bytes()},
		{Name: "b", Type: types.New(types.Boolean)},
	}
	want := [][]any{
		{
			int64(1), int64(1), int64(1), vec.Dec128FromInt64(1234), vec.Dec128FromInt64(123), "a", "a", "u", int64(0), int64(0), int64(19724),
			int64(3723004),
			[]any{int64(1), nil},
			[]vec.Entry{{Key: "a", Value: int64(1)}},
			[]any{int64(1), []any{"x", nil}},
			[]byte("ab"), true,
		},
		{nil, nil, int64(1) << 62, nil, nil, nil, nil, "v", nil, nil, nil, nil, nil, nil, nil, nil, nil},
		{
			int64(-128), int64(4_000_000_000), nil,
			vec.Dec128{Lo: 10680464442257309697, Hi: -6},
			vec.Dec128FromInt64(-999999999), strings.Repeat("x", 30), "b", "u",
			int64(1700000000123), int64(1700000000123456), int64(-1), int64(0),
			[]any{},
			[]vec.Entry{{Key: "b", Value: nil}},
			[]any{nil, nil},
			[]byte("cd"), false,
		},
	}
	files, err := filepath.Glob("testdata/*.parquet")
	if err != nil || len(files) != 2 {
		t.Fatalf("files %v, error %v", files, err)
	}
	for _, name := range files {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, limit := range []int{100, 1} {
			got, err := decodeFile(config(cols, time.UTC), data, cols, 0, -1, limit)
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			if d := cmp.Diff(want, got); d != "" {
				t.Errorf("%s: %s", name, d)
			}
		}
	}
}
