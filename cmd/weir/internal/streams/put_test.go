package streams

import (
	"strings"
	"testing"
)

func TestKeyFields(t *testing.T) {
	for _, c := range []struct{ line, field, key, err string }{
		{`{"user":"ann","n":1}`, "user", "ann", ""},
		{`{"user":"ann","n":1}`, "n", "1", ""},
		{`{"op":"+I","row":{"user":"ann"}}`, "row.user", "ann", ""},
		{`{"a":{"b":{"c":[1]}}}`, "a.b.c", "[1]", ""},
		{`{"a.b":"whole","a":{"b":"inner"}}`, "a.b", "whole", ""},
		{`{"a":{"b.c":"x"}}`, "a.b.c", "x", ""},
		{`{"op":"+I","row":{"user":"ann"}}`, "user", "", `no field "user" for the partition key; the line has op, row`},
		{`{"op":"+I","row":{"user":"ann"}}`, "row.n", "", `no field "row.n"`},
		{`{"op":"+I","row":{"user":null}}`, "row.user", "", `field "row.user", which is to be the partition key, is null`},
		{`{"row":"text"}`, "row.user", "", `no field "row.user"`},
		{`{"row":null}`, "row.user.x", "", `no field "row.user.x"`},
		{`{}`, ".", "", `no field "."`},
	} {
		key, err := keying{field: c.field}.of([]byte(c.line))
		if key != c.key || (err == nil) != (c.err == "") || err != nil && !strings.Contains(err.Error(), c.err) {
			t.Errorf("%s of %s: %q, error %v", c.field, c.line, key, err)
		}
	}
}
