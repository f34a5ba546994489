// Package csv is Flink's csv format: records of fields, by position, with quoting as in
// RFC 4180, where a quoted field may hold delimiters and newlines.
//
// Enter at Format for the options, at Decoder for reading, at Encoder for writing. Where
// Flink and RFC 4180 leave a choice, this follows Jackson, which Flink uses: a field that
// equals the null literal is NULL whether it is quoted or not, an empty field is "" for a
// string and an error for a number, text is quoted when it is long or holds a character
// that might matter.
package csv

import (
	"fmt"
	"unicode/utf8"

	"github.com/weirstream/weir/connectors"
	"github.com/weirstream/weir/connectors/format"
	"github.com/weirstream/weir/sql/diag"
	"github.com/weirstream/weir/sql/types"
)

// Format describes the format.
func Format() *format.Format {
	return &format.Format{
		Name:       "csv",
		Doc:        "Delimited text, the columns in the table's order, without a header line unless it is to be ignored.",
		Options:    options(),
		Extensions: []string{"csv"},
		Decoding:   decoding,
		Encoding:   encoding,
	}
}

func options() []connectors.Option {
	const str, boolean = connectors.StringOption, connectors.BoolOption
	return []connectors.Option{
		{Key: "field-delimiter", Type: str, Default: ",", Doc: "One character between fields; \\t and \\u0001 are understood."},
		{Key: "disable-quote-character", Type: boolean, Default: "false", Doc: "No character quotes. A large file can then be read in ranges."},
		{Key: "quote-character", Type: str, Default: "\"", Doc: "The character around fields."},
		{Key: "allow-comments", Type: boolean, Default: "false", Doc: "Skip lines that begin with '#', blank lines, and blanks at the beginning of others."},
		{Key: "ignore-parse-errors", Type: boolean, Default: "false", Doc: "Read a field that does not convert, or is missing, as NULL and skip a record that is not well-formed, instead of failing. Both are counted and reported."},
		{Key: "array-element-delimiter", Type: str, Default: ";", Doc: "One character between the elements of an ARRAY and the fields of a ROW."},
		{Key: "escape-character", Type: str, Doc: "The character that takes the meaning off the next one."},
		{Key: "null-literal", Type: str, Doc: "The text that stands for NULL, in reading and writing."},
		{Key: "write-bigdecimal-in-scientific-notation", Type: boolean, Default: "true", Doc: "Write DECIMALs that end in zeros before the point, or begin with many behind it, with an exponent."},
		{Key: "trim-spaces", Type: boolean, Default: "false", Doc: "Drop spaces around fields that are not quoted."},
		{Key: "ignore-trailing-unmappable", Type: boolean, Default: "false", Doc: "Ignore fields behind those of the table."},
		{Key: "allow-trailing-comma", Type: boolean, Default: "true", Doc: "Allow a delimiter behind the last field."},
		{Key: "fail-on-missing-columns", Type: boolean, Default: "false", Doc: "Skip a record with too few fields also where ignore-parse-errors would fill it up with NULLs. Without ignore-parse-errors such a record is always an error."},
		{Key: "empty-string-as-null", Type: boolean, Default: "false", Doc: "Read an empty field as NULL."},
		{Key: "ignore-first-line", Type: boolean, Default: "false", Doc: "Skip the first line of each file: a header. Only newer versions of Flink than 2.2 have this option."},
	}
}

// dialect is how records are written.
type dialect struct {
	delimiter string
	quote     int // a byte, -1 for none
	escape    int // a byte, -1 for none
	element   string
	null      string
	hasNull   bool
}

// rules are the options for reading alone.
type rules struct {
	dialect
	ignoreErrors, comments, trim, moreFields, trailing, failMissing, emptyNull bool
}

func readDialect(o *connectors.Options) (d dialect, err error) {
	if d.delimiter, err = character(o, "field-delimiter", ",", true); err != nil {
		return d, err
	}
	if d.element, err = character(o, "array-element-delimiter", ";", false); err != nil {
		return d, err
	}
	if d.quote, err = asciiCharacter(o, "quote-character", "\""); err != nil {
		return d, err
	}
	if d.escape, err = asciiCharacter(o, "escape-character", ""); err != nil {
		return d, err
	}
	disabled, err := o.Bool("disable-quote-character", false)
	if err != nil {
		return d, err
	}
	if disabled {
		if o.Has("quote-character") {
			return d, o.Errorf("quote-character", "cannot be set while 'csv.disable-quote-character' is 'true'")
		}
		d.quote = -1
	}
	d.null, d.hasNull = o.Get("null-literal"), o.Has("null-literal")
	for _, c := range []string{"\n", "\r"} {
		if d.delimiter == c {
			return d, o.Errorf("field-delimiter", "cannot be the end of a line")
		}
	}
	return d, nil
}

// character reads an option of one character.
func character(o *connectors.Options, key, def string, unescape bool) (string, error) {
	s := o.String(key, def)
	if unescape {
		s = unescapeJava(s)
	}
	if utf8.RuneCountInString(s) != 1 {
		return "", o.Errorf(key, "'%s' is not a single character", o.Get(key))
	}
	return s, nil
}

// asciiCharacter reads an option of one ASCII character; "" as the default is none.
func asciiCharacter(o *connectors.Options, key, def string) (int, error) {
	if def == "" && !o.Has(key) {
		return -1, nil
	}
	s, err := character(o, key, def, false)
	if err != nil {
		return -1, err
	}
	if s[0] >= utf8.RuneSelf {
		return -1, o.Errorf(key, "'%s' is no ASCII character", s)
	}
	return int(s[0]), nil
}

func decoding(c format.Config) (*format.Decoding, error) {
	o := c.Options
	d, err := readDialect(o)
	if err != nil {
		return nil, err
	}
	r := rules{dialect: d}
	for _, b := range []struct {
		to  *bool
		key string
		def bool
	}{
		{&r.ignoreErrors, "ignore-parse-errors", false},
		{&r.comments, "allow-comments", false},
		{&r.trim, "trim-spaces", false},
		{&r.moreFields, "ignore-trailing-unmappable", false},
		{&r.trailing, "allow-trailing-comma", true},
		{&r.failMissing, "fail-on-missing-columns", false},
		{&r.emptyNull, "empty-string-as-null", false},
	} {
		if *b.to, err = o.Bool(b.key, b.def); err != nil {
			return nil, err
		}
	}
	header, err := o.Bool("ignore-first-line", false)
	if err != nil {
		return nil, err
	}
	if err := checkColumns(c.Columns); err != nil {
		return nil, err
	}
	return &format.Decoding{
		Changes:       connectors.InsertOnly,
		Splittable:    d.quote < 0 && d.escape < 0,
		SkipFirstLine: header,
		NewDecoder:    func(req format.DecodeRequest) (format.Decoder, error) { return newDecoder(r, c.Columns, req) },
	}, nil
}

// checkColumns refuses, at planning time, types that a field cannot hold.
func checkColumns(cols []connectors.Column) error {
	for _, c := range cols {
		if err := checkType(c.Name, c.Type, 0); err != nil {
			return err
		}
	}
	return nil
}

func checkType(name string, t types.Type, depth int) error {
	bad := func(why string) error {
		return diag.Errorf(diag.Span{}, "column '%s' of type %s: the format 'csv' %s", name, t, why)
	}
	switch t.Kind {
	case types.Map, types.Multiset, types.Raw, types.Structured, types.Variant, types.Bitmap, types.Descriptor, types.Invalid:
		return bad("has no form for this type")
	case types.Time:
		if t.Precision > 3 {
			return bad("holds a TIME of at most three digits")
		}
	case types.Array, types.Row:
		if depth > 0 {
			return bad("holds no ARRAY or ROW inside another one")
		}
	}
	if t.Kind == types.Array {
		return checkType(name, *t.Elem, depth+1)
	}
	for _, f := range t.Fields {
		if err := checkType(fmt.Sprintf("%s.%s", name, f.Name), f.Type, depth+1); err != nil {
			return err
		}
	}
	return nil
}
