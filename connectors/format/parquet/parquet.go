// Package parquet is the format 'parquet': column files, read and written over the pages
// and row groups of arrow-go. Only the columns (and fields of ROWs) that a job asks for are
// read. Enter at Format.
//
// Levels: Parquet stores a nested column as its leaf values, each with a definition level
// (how much of its path is there) and a repetition level (at which list it continues). A tree
// of nodes (node.go) puts vectors together from the levels of the leaves (leaf.go), and
// the writer takes them apart again (shred.go). The scheme is that of Melnik et al., Dremel
// (2010).
package parquet

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/apache/arrow-go/v18/parquet/compress"

	"github.com/weirstream/weir/connectors"
	"github.com/weirstream/weir/connectors/format"
	"github.com/weirstream/weir/sql/diag"
)

// Format describes the format.
func Format() *format.Format {
	return &format.Format{
		Name:       "parquet",
		Doc:        "Apache Parquet. Files are laid out as Flink writes them: TIMESTAMPs are INT96 unless write.int64.timestamp is set, DECIMALs fixed-length bytes.",
		Extensions: []string{"parquet"},
		Options: []connectors.Option{
			{Key: "utc-timezone", Type: connectors.BoolOption, Default: "false", Doc: "whether a TIMESTAMP that is stored as an instant (INT96, or INT64 adjusted to UTC) stands for a time in UTC, or in the session's time zone"},
			{Key: "write.int64.timestamp", Type: connectors.BoolOption, Default: "false", Doc: "write timestamps as INT64 instead of INT96"},
			{Key: "timestamp.time.unit", Type: connectors.EnumOption, Values: []string{"millis", "micros", "nanos"}, Default: "micros", Doc: "unit of INT64 timestamps that are written"},
			{Key: "compression", Type: connectors.EnumOption, Values: []string{"snappy", "uncompressed", "gzip", "zstd", "lz4_raw", "brotli"}, Default: "snappy", Doc: "codec of the pages that are written"},
			{Key: "block.size", Type: connectors.SizeOption, Default: "128 mb", Doc: "size of a row group that is written, which is also what a writer keeps in memory"},
			{Key: "page.size", Type: connectors.SizeOption, Default: "1 mb", Doc: "size of a page that is written"},
			{Key: "enable.dictionary", Type: connectors.BoolOption, Default: "true", Doc: "write dictionaries of values that repeat"},
		},
		Decoding: newDecoding,
		Encoding: newEncoding,
	}
}

// settings are the format's options.
type settings struct {
	zone       *time.Location // of TIMESTAMPs stored as instants; nil for UTC
	int64Times bool
	unit       timeUnit
	codec      compress.Compression
	blockSize  int64
	pageSize   int64
	dictionary bool
}

var codecs = map[string]compress.Compression{
	"snappy": compress.Codecs.Snappy, "uncompressed": compress.Codecs.Uncompressed, "gzip": compress.Codecs.Gzip,
	"zstd": compress.Codecs.Zstd, "lz4_raw": compress.Codecs.Lz4Raw, "brotli": compress.Codecs.Brotli,
}

func parseSettings(c format.Config) (*settings, error) {
	o, s := c.Options, &settings{}
	utc, err := o.Bool("utc-timezone", false)
	if err != nil {
		return nil, err
	}
	if !utc && c.Zone != nil && c.Zone.String() != "UTC" {
		s.zone = c.Zone
	}
	if s.int64Times, err = o.Bool("write.int64.timestamp", false); err != nil {
		return nil, err
	}
	unit := strings.ToLower(o.String("timestamp.time.unit", "micros"))
	if s.unit = unitNames[unit]; s.unit == 0 {
		return nil, o.Errorf("timestamp.time.unit", "there is no unit '%s'", unit).WithHint("use 'millis', 'micros' or 'nanos'")
	}
	codec, ok := codecs[strings.ToLower(o.String("compression", "snappy"))]
	if !ok {
		return nil, o.Errorf("compression", "there is no codec '%s'", o.Get("compression")).WithHint("use 'snappy', 'zstd', 'gzip', 'lz4_raw', 'brotli' or 'uncompressed'")
	}
	s.codec = codec
	if s.blockSize, err = o.Size("block.size", 128<<20); err != nil {
		return nil, err
	}
	if s.pageSize, err = o.Size("page.size", 1<<20); err != nil {
		return nil, err
	}
	s.dictionary, err = o.Bool("enable.dictionary", true)
	return s, err
}

func newDecoding(c format.Config) (*format.Decoding, error) {
	s, err := parseSettings(c)
	if err != nil {
		return nil, err
	}
	if _, err := fileSchema(c.Columns, s); err != nil {
		return nil, err
	}
	return &format.Decoding{
		Changes:  connectors.InsertOnly,
		OpenBulk: func(r format.BulkRequest) (format.BulkReader, error) { return openReader(r, s) },
		Blocks:   blocks,
	}, nil
}

func newEncoding(c format.Config) (*format.Encoding, error) {
	s, err := parseSettings(c)
	if err != nil {
		return nil, err
	}
	root, err := fileSchema(c.Columns, s)
	if err != nil {
		return nil, err
	}
	if len(c.Columns) == 0 {
		return nil, &diag.Error{Msg: "a Parquet file needs at least one column"}
	}
	return &format.Encoding{
		Changes: connectors.InsertOnly,
		NewBulk: func(w io.Writer) (format.BulkWriter, error) { return newWriter(w, root, c.Columns, s) },
	}, nil
}

// guard turns a panic of the library into an error: arrow-go checks much, but not all, of what it
// reads from a file.
func guard(what, name string, err *error) {
	if r := recover(); r != nil {
		*err = fmt.Errorf("%s Parquet file %s: it is damaged: %v", what, name, r)
	}
}
