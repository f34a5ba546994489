// Package connectors is the contract between Weir and the systems that it reads and
// writes: Source and Sink, what describes them (Connector, Option), and the registry.
// Each connector is a folder of its own below this one; formats are in connectors/format.
//
// A source is a set of splits (shards, partitions, files, ranges of a file), each with
// a reader and a position of its own. A sink's writer collects rows and hands over
// committables; committing them makes the rows visible. The runtime owns goroutines,
// watermarks, checkpoints and retries; a connector owns its protocol.
package connectors

import (
	"context"
	"errors"
	"time"

	"github.com/weirstream/weir/runtime/vec"
	"github.com/weirstream/weir/sql/types"
)

// Column is a column that a connector is asked to read or write: a physical field, or,
// when Metadata is set, what the connector knows beside the payload (file.path).
type Column struct {
	Name     string
	Type     types.Type
	Metadata string // the metadata key, "" for a physical column
}

// Table is what a connector gets of CREATE TABLE: the columns it may be asked for and
// the WITH options.
type Table struct {
	Name          string // catalog.database.table, for messages
	Columns       []Column
	PrimaryKey    []string
	PartitionedBy []string
	Options       *Options
	Zone          *time.Location // table.local-time-zone
	BaseDir       string         // relative paths start here; "" is the working folder
	// RowWatermarks tells a source that the table's watermark is emitted after every row
	// ('scan.watermark.emit.strategy' = 'on-event'), so that a split's rows must not be spread over
	// several readers.
	RowWatermarks bool
}

// Connector makes sources and sinks of one kind. Source or Sink is nil where the
// connector has none.
type Connector struct {
	Name    string
	Doc     string
	Options []Option
	// Metadata lists the metadata columns: key and type. Readable ones may be declared METADATA
	// VIRTUAL, writable ones also without VIRTUAL.
	Metadata []Metadata
	// FormatMetadata gives those that the format of a table with these options offers beside; nil where the
	// connector has no formats. They can only be read.
	FormatMetadata func(o *Options) []Metadata
	// NestedProjection says that a ReadRequest may ask for a ROW column with only some of the fields
	// that the table declares: the requested type names those that the job needs.
	NestedProjection bool

	Source func(t *Table) (Source, error)
	Sink   func(t *Table) (Sink, error)
}

// Metadata is one metadata column that a connector offers.
type Metadata struct {
	Key      string
	Type     types.Type
	Writable bool
	Doc      string
}

// ChangeSet is a set of change kinds.
type ChangeSet uint8

// Sets that operators and sinks speak of. Upsert has no -U and its deletes may carry
// only the key.
const (
	InsertOnly ChangeSet = 1 << vec.Insert
	Upsert     ChangeSet = InsertOnly | 1<<vec.UpdateAfter | 1<<vec.Delete
	Retract    ChangeSet = Upsert | 1<<vec.UpdateBefore
)

// Has reports whether the set holds the kind.
func (s ChangeSet) Has(k vec.ChangeKind) bool { return s>>k&1 != 0 }

// String prints the set as EXPLAIN shows it: [I], [I,UB,UA,D].
func (s ChangeSet) String() string {
	out := ""
	for i, n := range [...]string{"I", "UB", "UA", "D"} {
		if s.Has(vec.ChangeKind(i)) {
			out += "," + n
		}
	}
	if out == "" {
		return "[]"
	}
	return "[" + out[1:] + "]"
}

// Source is a table that can be read. One that is also an io.Closer is closed when the job is
// over, after its readers.
type Source interface {
	// Bounded sources end by themselves.
	Bounded() bool
	// Changes says which kinds of rows come.
	Changes() ChangeSet
	// Splits finds the splits that exist now, in the order in which they should be read. Splits that
	// were given before may be given again; the runtime tells them apart by ID.
	Splits(ctx context.Context) ([]Split, error)
	// DiscoverEvery is how often Splits is asked again; 0 is never.
	DiscoverEvery() time.Duration
	// Concurrent sources have all their splits open at the same time (shards, partitions); otherwise
	// each subtask reads one split to its end and takes the next (files).
	Concurrent() bool
	// Open starts reading a split.
	Open(ctx context.Context, r ReadRequest) (Reader, error)
}

// Split is a part of a source that is read by one reader. Data is the connector's own.
// After names splits that must be read to their end before this one begins.
type Split struct {
	ID    string
	Data  any
	After []string
}

// ReadRequest says what to read. Columns are those of the table that the job needs, in
// the order of the batch's vectors; a decoder skips all others.
type ReadRequest struct {
	Split    Split
	Position []byte // of a checkpoint; nil is the split's beginning
	// Restored says that the job goes on from a checkpoint: a split without a Position was not there yet
	// when the checkpoint was taken.
	Restored bool
	Columns  []Column
	// Wake is called, from any goroutine, when a reader that gave ErrNoData has something again.
	Wake func()
	// Rejected takes a row that could not be decoded where the format's options say that such rows
	// are skipped: place is "file:line" or the like. The bytes are borrowed.
	Rejected func(place string, row []byte, err error)
	// Clock is the runtime's.
	Clock Clock
}

// Clock tells the time. The runtime injects it, so that tests control processing time.
type Clock interface {
	Now() time.Time
	// After is like time.After on this clock.
	After(d time.Duration) <-chan time.Time
}

// ErrNoData is what Read gives when nothing is there now but more may come; Wake
// follows. The end of a split is io.EOF.
var ErrNoData = errors.New("no data now")

// Reader reads one split. It is used by one goroutine.
type Reader interface {
	// Read appends up to limit rows to b, which has one vector for each requested column, and returns as
	// soon as it has some: it does not wait for a full batch, nor, beyond a disk's read, for data. It gives ErrNoData or
	// io.EOF only with no rows appended. Change kinds are set through b.EnsureKinds. The vectors may
	// point into the reader's own buffers until the next call.
	Read(b *vec.Batch, limit int) error
	// Position is the place after the last row that Read gave, to be passed to Open.
	Position() []byte
	Close() error
}

// Guarantee is what a sink promises about rows across failures.
type Guarantee string

// Guarantees.
const (
	ExactlyOnce Guarantee = "exactly-once"
	AtLeastOnce Guarantee = "at-least-once"
	NoGuarantee Guarantee = "none"
)

// Sink is a table that can be written. One that is also an io.Closer is closed when the job is
// over, after its writers and the last Commit.
type Sink interface {
	// Accepts says which change kinds it can take.
	Accepts() ChangeSet
	Guarantee() Guarantee
	// Open starts a writer of one subtask.
	Open(ctx context.Context, w WriteRequest) (Writer, error)
	// Commit makes prepared rows visible. It is called once all writers have prepared and their
	// committables are stored, again after a restore, and must be idempotent.
	Commit(ctx context.Context, committables [][]byte) error
}

// Keyless is a Sink that takes updates without -U also of a table without a primary key: which row one replaces does not matter to it.
type Keyless interface {
	Sink
	NeedsNoKey()
}

// Recoverer is a Sink that cleans up after runs that died. Recover is called when a job with checkpoints begins or goes on, after
// what its checkpoint holds has been committed and before a writer is opened: all else that writers with a JobID that begins
// with job and "_" have prepared will never be committed.
type Recoverer interface {
	Recover(ctx context.Context, job string) error
}

// WriteRequest says who writes.
type WriteRequest struct {
	Columns     []Column // of the table, in the order of the batches' vectors
	Subtask     int
	Parallelism int
	JobID       string // of the run; with checkpoints it begins with that of the job and "_"
	Clock       Clock
	// NoCheckpoints says that the job takes none, so that nothing is lost by leaving rows with the
	// writer when it prepares. Where it is not set, what a Prepare leaves is lost on a failure.
	NoCheckpoints bool
	// Retrying, unless it is nil, is told of records that the sink's store has refused for now, and why; they are written again. It may
	// be called from any goroutine.
	Retrying func(records int, cause error)
}

// Writer takes the rows of one subtask. It is used by one goroutine.
type Writer interface {
	// Write takes a batch, borrowed for the call.
	Write(b *vec.Batch) error
	// Prepare is called at a barrier, about once a second where there are no checkpoints, and at the end
	// (final): it makes durable what is to be committed and gives the committables for Commit. Rows that need not become
	// visible yet may stay with the writer unless final is set.
	Prepare(final bool) ([][]byte, error)
	// Close releases the writer; rows that were never prepared are discarded.
	Close() error
}
