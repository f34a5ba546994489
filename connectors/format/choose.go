package format

import (
	"slices"
	"strings"

	"github.com/weirstream/weir/connectors"
)

// List holds the formats that a connector may use.
type List []*Format

// Names gives the formats' names, in the list's order.
func (l List) Names() []string {
	names := make([]string, len(l))
	for i, f := range l {
		names[i] = f.Name
	}
	return names
}

// Find gives the format called name, or nil.
func (l List) Find(name string) *Format {
	for _, f := range l {
		if f.Name == name {
			return f
		}
	}
	return nil
}

// Options gives the options of all formats as a table writes them where the option key
// ("format", "value.format") chooses among them: "json.ignore-parse-errors",
// "value.json.ignore-parse-errors".
func (l List) Options(key string) []connectors.Option {
	var out []connectors.Option
	for _, f := range l {
		for _, o := range f.Options {
			o.Key = prefix(key, f.Name) + o.Key
			out = append(out, o)
		}
	}
	return out
}

// Choose finds the format that the option key names, and the format's own options. A
// missing option, an unknown format and an option of a format that was not chosen are
// errors.
func (l List) Choose(o *connectors.Options, key string) (*Format, *connectors.Options, error) {
	known := "'" + strings.Join(l.Names(), "', '") + "'"
	if !o.Has(key) {
		return nil, nil, o.Errorf(key, "is required").WithHint("formats are %s", known)
	}
	f := l.Find(o.Get(key))
	if f == nil {
		return nil, nil, o.Errorf(key, "there is no format '%s'", o.Get(key)).WithHint("formats are %s", known)
	}
	for _, other := range l {
		if other == f {
			continue
		}
		for _, k := range o.Sub(prefix(key, other.Name)).Keys() {
			k = prefix(key, other.Name) + k
			return nil, nil, o.Errorf(k, "the table's format is '%s'", f.Name)
		}
	}
	return f, o.Sub(prefix(key, f.Name)), nil
}

// MetadataPrefix stands before the names of a format's metadata columns, as Flink's connectors have it:
// value.source.table.
const MetadataPrefix = "value."

// Metadata gives the metadata columns of the format that the option key names, with the prefix.
func (l List) Metadata(key string) func(o *connectors.Options) []connectors.Metadata {
	return func(o *connectors.Options) []connectors.Metadata {
		f := l.Find(o.Get(key))
		if f == nil {
			return nil
		}
		out := slices.Clone(f.Metadata)
		for i := range out {
			out[i].Key = MetadataPrefix + out[i].Key
		}
		return out
	}
}

// OfFormat reports whether a column is the payload's, which decoders read: one without Metadata, or a format's
// metadata column; asked is the column as a decoder knows it.
func OfFormat(c connectors.Column) (asked connectors.Column, ok bool) {
	if c.Metadata == "" {
		return c, true
	}
	key, ok := strings.CutPrefix(c.Metadata, MetadataPrefix)
	c.Metadata = key
	return c, ok
}

// prefix is what stands before a format's options where key chooses the format.
func prefix(key, name string) string {
	return strings.TrimSuffix(key, "format") + name + "."
}
