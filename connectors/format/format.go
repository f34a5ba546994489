// Package format is the contract between formats (json, csv, raw, parquet) and the
// connectors that carry them (filesystem, kafka, kinesis). A Format is a description:
// its options, and how to make decoders and encoders of a table's columns. Each format
// is a folder below this one and exports a function that gives its Format; a connector
// is handed the List of those that it may use.
//
// There are two shapes. A line format turns bytes into rows as they come, in records
// that follow one another (Decoder, Encoder); a connector can read it from any place
// where a record begins, and a message queue carries one record in each message. A bulk
// format needs a whole file with random access (BulkReader, BulkWriter).
//
// Enter at Format, and at Choose for how a connector finds the one that a table names.
package format

import (
	"io"
	"time"

	"github.com/weirstream/weir/connectors"
	"github.com/weirstream/weir/runtime/vec"
)

// Format describes one format. Decoding and Encoding are called when a statement is
// planned: they check options and types, and their errors are *diag.Error. Either is
// nil where the format cannot do that.
type Format struct {
	Name    string
	Doc     string
	Options []connectors.Option // keys without the format's name in front
	// Metadata are the columns that can be read of what stands beside the rows. A table names them with
	// MetadataPrefix in front, whatever its connector; in a DecodeRequest they come without.
	Metadata []connectors.Metadata
	// Extensions are the usual ends of its files' names, without the dot; the first is given to new
	// files.
	Extensions []string
	Decoding   func(c Config) (*Decoding, error)
	Encoding   func(c Config) (*Encoding, error)
}

// Config is what a format knows of a table.
type Config struct {
	Options *connectors.Options // the format's own, by the keys of Format.Options
	// Columns are all columns of the payload in the table's order: no metadata, no partition columns.
	Columns []connectors.Column
	Zone    *time.Location // table.local-time-zone
}

// Decoding is a format bound to a table, ready to make readers. One of NewDecoder and
// OpenBulk is set.
type Decoding struct {
	// Changes are the kinds of rows that come out; all formats but those of change data capture give
	// inserts only.
	Changes connectors.ChangeSet
	// Splittable line formats end every record with '\n' and hold no other '\n', so that a range of a
	// file can be read by itself from the first record that begins in it.
	Splittable bool
	// SkipFirstLine says that the first line of a file is a header. Messages have none.
	SkipFirstLine bool
	NewDecoder    func(r DecodeRequest) (Decoder, error)
	OpenBulk      func(r BulkRequest) (BulkReader, error)
	// Blocks gives the row numbers at which a bulk file can be entered cheaply (row groups), the first
	// being 0; nil where it cannot.
	Blocks func(in BulkInput) ([]int64, error)
}

// DecodeRequest says what to decode.
type DecodeRequest struct {
	// Columns are those of Config.Columns that the job reads, and metadata columns of the format, in the order
	// of the batch's vectors. All others are skipped: their text must be well-formed, but is not converted.
	Columns []connectors.Column
	// Rejected takes records that the format's options say to skip. The bytes are borrowed, and so is
	// the error. It may be nil.
	Rejected func(record []byte, err *RecordError)
}

// Decoder turns bytes into rows. It is used by one goroutine and keeps no bytes between
// calls. Vectors of strings may point into data, which must therefore stay unchanged
// as long as the batch is used.
type Decoder interface {
	// DecodeLines appends the rows of the records at the beginning of data to b until there are limit of
	// them, or more where the last record gives several, and gives how many bytes they took, which may be more than there are rows for (blank lines, rejected
	// records). A record that is not complete is left for the next call, unless final says that nothing
	// follows data. When it takes nothing and there is no error, data holds no complete record. An error
	// that a record causes is a *RecordError; the rows before it have been appended, and the bytes
	// given end before it.
	DecodeLines(data []byte, final bool, b *vec.Batch, limit int) (int, error)
	// DecodeMessage appends the rows of a message, usually one.
	DecodeMessage(data []byte, b *vec.Batch) error
}

// BulkInput is a file of a bulk format.
type BulkInput struct {
	Name string // for messages
	R    io.ReaderAt
	Size int64
}

// BulkRequest says what to read of a bulk file: the rows From (inclusive) to To
// (exclusive, -1 for the file's end), counted from 0.
type BulkRequest struct {
	Input    BulkInput
	From, To int64
	Columns  []connectors.Column // as in DecodeRequest
	// Rejected is as in DecodeRequest; record is nil.
	Rejected func(record []byte, err *RecordError)
}

// BulkReader reads rows of a bulk file in order. It is used by one goroutine.
type BulkReader interface {
	// Read appends up to limit rows to b, or gives io.EOF and no rows. The vectors may point into the
	// reader's buffers until the next call.
	Read(b *vec.Batch, limit int) error
	// Row is the number, in the file, of the row that the next Read begins with.
	Row() int64
	// Close releases the reader, not the input.
	Close() error
}

// Encoding is a format bound to a table, ready to make writers. One of NewEncoder and
// NewBulk is set.
type Encoding struct {
	// Changes are the kinds of rows that the format can express.
	Changes    connectors.ChangeSet
	NewEncoder func() (Encoder, error)
	NewBulk    func(w io.Writer) (BulkWriter, error)
}

// Encoder turns rows into bytes. Batches have a vector for each of Config.Columns. It is
// used by one goroutine. An error that a row causes is a *RecordError whose Row says
// which; nothing of that row has been appended.
type Encoder interface {
	// AppendLines appends the rows sel of b (nil: those that count in b) to dst, each closed by the
	// format's delimiter.
	AppendLines(dst []byte, b *vec.Batch, sel []int32) ([]byte, error)
	// AppendMessage appends one row without a delimiter.
	AppendMessage(dst []byte, b *vec.Batch, row int) ([]byte, error)
}

// BulkWriter writes a bulk file. It is used by one goroutine.
type BulkWriter interface {
	// Write takes the rows sel of b (nil: those that count in b), borrowed for the call.
	Write(b *vec.Batch, sel []int32) error
	// Size gives about how many bytes the file has so far, buffered ones included.
	Size() int64
	// Close writes what is buffered and the file's end. It does not close the io.Writer.
	Close() error
}
