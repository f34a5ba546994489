// Package json is Flink's json format: one document a line or message, decoded straight
// into typed vectors, and encoded without an allocation per row.
//
// Enter at Format for what a table can say, at Decoder for how documents are read, at
// Writer for how values are written (also what the CLI prints with -o json).
//
// The decoder is strict where Flink's is, and stricter where Flink would lose data
// silently: a text other than true or false is no BOOLEAN, and a number past a DECIMAL's
// precision is an error. Strings that are read must be UTF-8; control characters inside
// them are allowed, as in Flink. Fields that nobody reads must be well-formed JSON, but
// their strings' UTF-8 is not checked.
package json

import (
	"slices"
	"strings"

	"github.com/weirstream/weir/connectors"
	"github.com/weirstream/weir/connectors/format"
	"github.com/weirstream/weir/connectors/format/text"
	"github.com/weirstream/weir/sql/diag"
	"github.com/weirstream/weir/sql/types"
)

// Format describes the format.
func Format() *format.Format {
	return &format.Format{
		Name: "json",
		Doc:  "One JSON object a row: newline-delimited in files, one a message in queues.",
		Options: slices.Concat([]connectors.Option{
			{
				Key: "fail-on-missing-field", Type: connectors.BoolOption, Default: "false",
				Doc: "Whether a missing field is an error. Otherwise it is NULL.",
			},
		}, Options(), []connectors.Option{
			{
				Key: "decode.json-parser.enabled", Type: connectors.BoolOption, Default: "true",
				Doc: "Chooses between two parsers in Flink. Weir has one and accepts the option.",
			},
		}),
		Extensions: []string{"json", "ndjson", "jsonl"},
		Decoding:   decoding,
		Encoding:   encoding,
	}
}

// Options are the options of every format that holds JSON rows.
func Options() []connectors.Option {
	return []connectors.Option{
		{
			Key: "ignore-parse-errors", Type: connectors.BoolOption, Default: "false",
			Doc: "Read a field that does not convert as NULL and skip a record that is no JSON object, instead of failing. Both are counted and reported.",
		},
		{
			Key: "timestamp-format.standard", Type: connectors.EnumOption, Values: []string{"sql", "iso-8601"}, Default: "SQL",
			Doc: "SQL: 2020-12-30 12:13:14.123, TIMESTAMP_LTZ 2020-12-30 12:13:14.123Z. ISO-8601: the same with a T between date and time.",
		},
		{
			Key: "map-null-key.mode", Type: connectors.EnumOption, Values: []string{"fail", "drop", "literal"}, Default: "FAIL",
			Doc: "What writing does with a NULL key of a MAP.",
		},
		{
			Key: "map-null-key.literal", Type: connectors.StringOption, Default: "null",
			Doc: "The key written for NULL in the mode LITERAL.",
		},
		{
			Key: "encode.decimal-as-plain-number", Type: connectors.BoolOption, Default: "false",
			Doc: "Write DECIMALs with all digits (0.000000027) instead of, possibly, an exponent (2.7E-8).",
		},
		{
			Key: "encode.ignore-null-fields", Type: connectors.BoolOption, Default: "false",
			Doc: "Leave NULL fields out when writing.",
		},
	}
}

// Settings are the options that a decoder follows.
type Settings struct {
	format        string // the format's name, for messages
	failOnMissing bool
	ignoreErrors  bool
	standard      text.Standard
}

func decoding(c format.Config) (*format.Decoding, error) {
	s, err := ReadSettings("json", c.Options)
	if err != nil {
		return nil, err
	}
	if err := CheckTypes("json", c.Columns); err != nil {
		return nil, err
	}
	return &format.Decoding{
		Changes:    connectors.InsertOnly,
		Splittable: true,
		NewDecoder: func(r format.DecodeRequest) (format.Decoder, error) { return newDecoder(s, r), nil },
	}, nil
}

// ReadSettings reads the options of the format called name, json or one that holds JSON rows. What such a
// format has no option for is false.
func ReadSettings(name string, o *connectors.Options) (s Settings, err error) {
	s.format = name
	if s.failOnMissing, err = o.Bool("fail-on-missing-field", false); err != nil {
		return s, err
	}
	if s.ignoreErrors, err = o.Bool("ignore-parse-errors", false); err != nil {
		return s, err
	}
	if s.failOnMissing && s.ignoreErrors {
		return s, o.Errorf("fail-on-missing-field", "cannot be combined with 'json.ignore-parse-errors' = 'true'")
	}
	if _, err = o.Bool("decode.json-parser.enabled", true); err != nil {
		return s, err
	}
	s.standard, err = readStandard(o)
	return s, err
}

func readStandard(o *connectors.Options) (text.Standard, error) {
	const key = "timestamp-format.standard"
	switch strings.ToUpper(o.String(key, "SQL")) {
	case "SQL":
		return text.SQL, nil
	case "ISO-8601":
		return text.ISO, nil
	}
	return 0, o.Errorf(key, "there is no standard '%s'", o.Get(key)).WithHint("use 'SQL' or 'ISO-8601'")
}

// CheckTypes refuses columns of types that JSON text has no form for. name is the format's.
func CheckTypes(name string, columns []connectors.Column) error {
	for _, col := range columns {
		if err := checkType(name, col.Name, col.Type); err != nil {
			return err
		}
	}
	return nil
}

func checkType(format, name string, t types.Type) error {
	switch t.Kind {
	case types.Raw, types.Structured, types.Variant, types.Bitmap, types.Descriptor, types.Invalid:
		return diag.Unsupported(diag.Span{}, "column '%s' of type %s in the format '%s'", name, t, format)
	case types.Array:
		return checkType(format, name, *t.Elem)
	case types.Map, types.Multiset:
		key := t.Key
		if t.Kind == types.Multiset {
			key = t.Elem
		}
		if !key.IsString() {
			return diag.Errorf(diag.Span{}, "column '%s' of type %s: in the format '%s' the keys must be strings", name, t, format)
		}
		return checkType(format, name, *t.Elem)
	case types.Row:
		for _, f := range t.Fields {
			if err := checkType(format, name+"."+f.Name, f.Type); err != nil {
				return err
			}
		}
	}
	return nil
}
