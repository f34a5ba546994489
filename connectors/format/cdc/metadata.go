package cdc

import (
	"fmt"
	"strconv"

	"github.com/weirstream/weir/connectors"
	"github.com/weirstream/weir/connectors/format"
	"github.com/weirstream/weir/connectors/format/json"
	"github.com/weirstream/weir/connectors/format/text"
	"github.com/weirstream/weir/runtime/vec"
	"github.com/weirstream/weir/sql/types"
)

// field is a column that is a field's value as it stands.
func field(key, name string, t types.Type, doc string) json.Metadata {
	return json.Metadata{Metadata: connectors.Metadata{Key: key, Type: t, Doc: doc}, Field: name, Type: t}
}

// instant is a column of a field that counts units of so many milliseconds since 1970.
func instant(key, name string, unit int64, doc string) json.Metadata {
	m := field(key, name, types.TimestampLTZOf(3), doc)
	m.Type = types.New(types.BigInt)
	m.Put = func(to, from *vec.Vector, n int) error {
		t := unit * vec.Values[int64](from)[0]
		for range n {
			vec.Append(to, t)
		}
		return nil
	}
	return m
}

// datetime is a column of a field that is a date and time as text, in UTC.
func datetime(key, name, doc string) json.Metadata {
	m := field(key, name, types.TimestampLTZOf(6), doc)
	m.Type = types.String()
	m.Put = func(to, from *vec.Vector, n int) error {
		s := from.Bytes(0)
		var dates text.Dates
		t, err := text.ParseTimestamp(s, text.SQL, false, vec.UnitOf(6), &dates)
		if err != nil {
			t, err = text.ParseTimestamp(s, text.ISO, false, vec.UnitOf(6), &dates)
		}
		if err != nil {
			return fmt.Errorf("%s is no date and time", format.Excerpt(s))
		}
		for range n {
			vec.Append(to, t)
		}
		return nil
	}
	return m
}

// entry is a column of an entry of a field that is an object: a string, or milliseconds since 1970.
func entry(key, name, of string, t types.Type, doc string) json.Metadata {
	m := field(key, name, t, doc)
	m.Type = types.MapOf(types.String(), types.String())
	m.Put = func(to, from *vec.Vector, n int) error {
		s, ok := lookup(from, of)
		if !ok {
			for range n {
				to.AppendNull()
			}
			return nil
		}
		if !t.IsTimestamp() {
			for range n {
				to.AppendBytes(s)
			}
			return nil
		}
		ms, err := strconv.ParseInt(string(s), 10, 64)
		if err != nil {
			return fmt.Errorf("'%s' is %s, which is no number of milliseconds", of, format.Excerpt(s))
		}
		for range n {
			vec.Append(to, ms)
		}
		return nil
	}
	return m
}

// lookup finds an entry of the MAP in row 0.
func lookup(m *vec.Vector, key string) ([]byte, bool) {
	keys, values := m.Child(0), m.Child(1)
	for i := m.Offsets()[0]; i < m.Offsets()[1]; i++ {
		if string(keys.Bytes(int(i))) == key && !values.IsNull(int(i)) {
			return values.Bytes(int(i)), true
		}
	}
	return nil, false
}

// outside says that a field stands beside the wrapper.
func outside(m json.Metadata) json.Metadata {
	m.Outside = true
	return m
}
