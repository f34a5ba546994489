package udf

import (
	"strconv"
	"strings"
	"testing"

	"github.com/weirstream/weir/runtime/vec"
	"github.com/weirstream/weir/sql/types"
	"github.com/weirstream/weir/udf/javaregex"
)

// A text of many pairs is a map of its keys, each with its last value. With a look through all keys for each pair this
// takes minutes.
func TestStrToMapOfManyPairs(t *testing.T) {
	const keys = 200_000
	var s strings.Builder
	for _, value := range []string{"first", "last"} {
		for i := range keys {
			s.WriteString(strconv.Itoa(i) + "=" + value + ",")
		}
	}
	comma, equal := compiled(t, ","), compiled(t, "=")
	out := vec.New(types.MapOf(types.String(), types.String()))
	if err := strToMap([]byte(s.String()), comma, equal, out); err != nil {
		t.Fatal(err)
	}
	got, values := out.Child(0), out.Child(1)
	if got.Len() != keys || values.Len() != keys {
		t.Fatalf("%d keys and %d values, want %d of each", got.Len(), values.Len(), keys)
	}
	seen := map[string]bool{}
	for i := range keys {
		seen[string(got.Bytes(i))] = true
		if v := string(values.Bytes(i)); v != "last" {
			t.Fatalf("key %s has the value %q", got.Bytes(i), v)
		}
	}
	if len(seen) != keys {
		t.Errorf("%d different keys, want %d", len(seen), keys)
	}
}

func compiled(t *testing.T, expr string) *javaregex.Regexp {
	t.Helper()
	re, err := javaregex.Compile(expr)
	if err != nil {
		t.Fatal(err)
	}
	return re
}
