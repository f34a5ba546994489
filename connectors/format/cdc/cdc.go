// Package cdc is the formats of change data capture, in which a record says how a row has
// changed: debezium-json, canal-json, maxwell-json and ogg-json, as Flink reads and writes
// them, and changelog-json, the CLI's own form of a changelog.
//
// Each format is a file that says where the rows stand in a record and what its words for changes mean
// (dialect); rows are read by json.Envelope and written by the encoder in encoder.go.
//
// A file of such records is read from its beginning to its end by one reader: what happens to a row must
// not be overtaken.
package cdc

import (
	"fmt"
	"slices"

	"github.com/weirstream/weir/connectors"
	"github.com/weirstream/weir/connectors/format"
	"github.com/weirstream/weir/connectors/format/json"
	"github.com/weirstream/weir/runtime/vec"
)

// Formats gives all formats of the package.
func Formats() format.List {
	return format.List{Debezium(), Canal(), Maxwell(), Ogg(), Changelog()}
}

// dialect is one format.
type dialect struct {
	name, doc string
	options   []connectors.Option // beside those of json
	metadata  []json.Metadata
	// layout says where rows stand in a record, as the options want it.
	layout func(o *connectors.Options) (json.Layout, error)
	// written are the texts around a row of each kind, with and without members that are null.
	written func(o *connectors.Options, skipNulls bool) (texts, error)
}

// texts are what stands before and behind a row of each kind.
type texts [vec.Delete + 1]struct{ before, behind string }

func (d dialect) format() *format.Format {
	f := &format.Format{
		Name: d.name, Doc: d.doc, Options: slices.Concat(d.options, json.Options()), Extensions: []string{"json"},
		Decoding: d.decoding, Encoding: d.encoding,
	}
	for _, m := range d.metadata {
		f.Metadata = append(f.Metadata, m.Metadata)
	}
	return f
}

func (d dialect) decoding(c format.Config) (*format.Decoding, error) {
	s, err := json.ReadSettings(d.name, c.Options)
	if err != nil {
		return nil, err
	}
	if err := json.CheckTypes(d.name, c.Columns); err != nil {
		return nil, err
	}
	l, err := d.layout(c.Options)
	if err != nil {
		return nil, err
	}
	l.Metadata = d.metadata
	return &format.Decoding{
		Changes:    connectors.Retract,
		NewDecoder: func(r format.DecodeRequest) (format.Decoder, error) { return json.NewEnvelope(s, l, r), nil },
	}, nil
}

func (d dialect) encoding(c format.Config) (*format.Encoding, error) {
	style, err := json.ReadStyle(d.name, c.Options)
	if err != nil {
		return nil, err
	}
	if err := json.CheckTypes(d.name, c.Columns); err != nil {
		return nil, err
	}
	around, err := d.written(c.Options, style.SkipNulls)
	if err != nil {
		return nil, err
	}
	names := make([]string, len(c.Columns))
	for i, col := range c.Columns {
		names[i] = col.Name
	}
	return &format.Encoding{
		Changes:    connectors.Retract,
		NewEncoder: func() (format.Encoder, error) { return newEncoder(around, style, names), nil },
	}, nil
}

// unknown makes the error of a record whose word for the change is none of the format's.
func unknown(e *json.Envelope, field int) error {
	name := e.Fields[field]
	if !e.Has(field) {
		return e.Fault(field, fmt.Errorf("the record has no '%s'", name), "")
	}
	return e.Fault(field, fmt.Errorf("'%s' is %s, which means no change", name, format.Excerpt(e.Text(field))), "")
}
