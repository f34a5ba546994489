package weir

import (
	"io"
	"maps"
	"os"

	"github.com/weirstream/weir/connectors"
	"github.com/weirstream/weir/connectors/stream"
	"github.com/weirstream/weir/udf"
)

// Option configures an Env.
type Option func(*config)

type config struct {
	parallelism  int
	batchSize    int
	baseDir      string
	clock        connectors.Clock
	settings     map[string]string
	tableOptions map[string]map[string]string
	connectors   []*connectors.Connector
	functions    []*udf.Func
	logs         *stream.Logs
	stdin        io.Reader
	stdout       io.Writer
	stderr       io.Writer
	state        stateConfig
}

func newConfig(opts []Option) config {
	c := config{settings: map[string]string{}, tableOptions: map[string]map[string]string{}, stdin: os.Stdin, stdout: os.Stdout, stderr: os.Stderr, logs: &stream.Logs{}}
	for _, o := range opts {
		o(&c)
	}
	return c
}

// WithParallelism sets the number of subtasks of each stage of a job; the default is
// the setting parallelism.default, or else 1. There may be 128.
func WithParallelism(n int) Option { return func(c *config) { c.parallelism = n } }

// WithBatchSize sets how many rows a source puts into a batch; the default is 4096, the most
// 1,048,576.
func WithBatchSize(rows int) Option { return func(c *config) { c.batchSize = rows } }

// WithBaseDir sets the folder where relative paths in WITH options start; the default
// is the working folder.
func WithBaseDir(dir string) Option { return func(c *config) { c.baseDir = dir } }

// WithClock replaces the clock, for tests of processing time.
func WithClock(clock connectors.Clock) Option { return func(c *config) { c.clock = clock } }

// WithSetting sets an option as SET 'key' = 'value' does.
func WithSetting(key, value string) Option { return func(c *config) { c.settings[key] = value } }

// WithTableOptions replaces the WITH options of the table that will be created under this
// name: a test gives a job other inputs, without changing its SQL.
func WithTableOptions(table string, options map[string]string) Option {
	return func(c *config) { c.tableOptions[table] = maps.Clone(options) }
}

// WithConnector adds a connector of the program's own.
func WithConnector(conn *connectors.Connector) Option {
	return func(c *config) { c.connectors = append(c.connectors, conn) }
}

// WithShardLogs has the session share folders of the connector 'shardlog' with other sessions, and
// with the program itself, which opens them by the same logs.
func WithShardLogs(logs *stream.Logs) Option { return func(c *config) { c.logs = logs } }

// WithFunction adds a scalar function of the program's own or, where it says Table, a table function.
func WithFunction(f *udf.Func) Option {
	return func(c *config) { c.functions = append(c.functions, f) }
}

// WithStandardStreams sets what connectors read and write as standard input, output
// and error (the path '-', the connector 'print').
func WithStandardStreams(in io.Reader, out, err io.Writer) Option {
	return func(c *config) { c.stdin, c.stdout, c.stderr = in, out, err }
}
