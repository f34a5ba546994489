package stream

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/weirstream/weir/connectors"
	"github.com/weirstream/weir/connectors/format"
	"github.com/weirstream/weir/connectors/shardlog"
	"github.com/weirstream/weir/sql/diag"
)

// defaultFolder is where `weir streams` keeps streams too.
const defaultFolder = "weir-streams"

// ShardLog describes the connector 'shardlog'. logs are the folders that its tables have open.
func ShardLog(formats format.List, logs *Logs) connectors.Connector {
	s := &shardLog{formats: formats, logs: logs}
	return connectors.Connector{
		Name: "shardlog",
		Doc: "Reads and writes streams of Weir's own log. A stream in a folder is made when it is first used. A job with checkpoints writes each row " +
			"exactly once, and readers see it when the checkpoint is complete; through an endpoint, rows are written at least once. The rows of a partition key keep their order.",
		Options:        slices.Concat(s.options(), keyOptions(), awsOptions(), formats.Options("format")),
		Metadata:       metadata(),
		FormatMetadata: formats.Metadata("format"),
		Source:         s.source,
		Sink:           s.sink,
	}
}

// shardLog makes tables of the connector 'shardlog'.
type shardLog struct {
	formats format.List
	logs    *Logs
}

func (s *shardLog) options() []connectors.Option {
	return []connectors.Option{
		{Key: "stream", Type: connectors.StringOption, Required: true, Doc: "The stream's name."},
		{Key: "path", Type: connectors.StringOption, Default: defaultFolder, Doc: "The folder of the log, as `weir streams --path` has it. One process has it at a time. Relative paths start at the working folder."},
		{Key: "endpoint", Type: connectors.StringOption, Doc: "In place of a folder: where `weir streams serve` listens, such as http://127.0.0.1:4566. The stream must be there."},
		{Key: "format", Type: connectors.StringOption, Required: true, Doc: "How a row is written in a record."},
		{Key: "shards", Type: connectors.IntOption, Default: "1", Doc: "How many shards the stream gets when it is made."},
		{Key: "retention", Type: connectors.DurationOption, Default: "24 h", Doc: "How long records are kept in a stream that is made: 24 hours to 365 days."},
		{Key: "source.init.position", Type: connectors.StringOption, Default: "TRIM_HORIZON", Doc: "Where reading begins: TRIM_HORIZON (the oldest record), LATEST or AT_TIMESTAMP."},
		{Key: "source.init.timestamp", Type: connectors.StringOption, Doc: "For AT_TIMESTAMP: a timestamp such as 2026-03-01T12:00:00.000+01:00, or seconds since 1970."},
		boundedOption,
		guaranteeOption,
		{Key: "source.shard.discovery.interval", Type: connectors.DurationOption, Default: "1 s", Doc: "How often to look for the shards that splits and merges have made."},
	}
}

// guaranteeOption has the name that it has in Flink's connectors.
var guaranteeOption = connectors.Option{
	Key: "sink.delivery-guarantee", Type: connectors.EnumOption, Values: []string{string(connectors.ExactlyOnce), string(connectors.AtLeastOnce)}, Default: string(connectors.ExactlyOnce),
	Doc: "'at-least-once' shows rows to readers at once, and those since the last checkpoint again when the job goes on from it. With an endpoint it is the only one.",
}

// readGuarantee reads guaranteeOption.
func readGuarantee(o *connectors.Options) (exactly bool, err error) {
	remote := o.Has("endpoint")
	switch connectors.Guarantee(strings.ToLower(o.String(guaranteeOption.Key, string(connectors.ExactlyOnce)))) {
	case connectors.AtLeastOnce:
		return false, nil
	case connectors.ExactlyOnce:
		if remote && o.Has(guaranteeOption.Key) {
			return false, o.Errorf(guaranteeOption.Key, "needs the stream's folder, and the table has an 'endpoint'")
		}
		return !remote, nil
	}
	return false, o.Errorf(guaranteeOption.Key, "there is no guarantee '%s'", o.Get(guaranteeOption.Key)).WithHint("use 'exactly-once' or 'at-least-once'")
}

// target is the stream of a table.
type target struct {
	dir  string
	spec shardlog.Spec
	span diag.Span // of the option 'path'
}

func (s *shardLog) target(t *connectors.Table) (target, error) {
	o := t.Options
	out := target{dir: o.String("path", defaultFolder), span: o.Span("path")}
	if out.dir == "" {
		return out, o.Errorf("path", "is empty")
	}
	if !filepath.IsAbs(out.dir) {
		out.dir = filepath.Join(t.BaseDir, out.dir)
	}
	if strings.TrimSpace(o.Get("stream")) == "" {
		return out, o.Errorf("stream", "is required")
	}
	shards, err := positive(o, "shards", 1, 100_000)
	if err != nil {
		return out, err
	}
	retention, err := o.Duration("retention", 24*time.Hour)
	if err != nil {
		return out, err
	}
	if retention < 24*time.Hour || retention > 8760*time.Hour {
		return out, o.Errorf("retention", "must be from 24 hours to 365 days")
	}
	out.spec = shardlog.Spec{Name: o.Get("stream"), Shards: int(shards), Retention: retention}
	if err := out.spec.Check(); err != nil {
		return out, o.Errorf("stream", "%v", err)
	}
	return out, nil
}

// connect opens the log and finds the stream, or makes it.
func (s *shardLog) connect(to target, create bool) (*local, error) {
	log, release, err := s.logs.Open(to.dir)
	if errors.Is(err, shardlog.ErrLocked) {
		return nil, diag.Errorf(to.span, "%w: %s", err, to.dir).
			WithHint("let one process serve it with `weir streams serve --path %s`, and give the others its 'endpoint'", to.dir)
	}
	if err != nil {
		return nil, diag.Errorf(to.span, "%w", err)
	}
	st, err := find(log, to.spec, create)
	if errors.Is(err, shardlog.ErrNotFound) {
		e := diag.Errorf(to.span, "%w in '%s'", err, to.dir).
			WithHint("`weir streams create` makes one, and so does the first job that writes to it; INSERTs run beside what follows them, unless 'table.dml-sync' = 'true'")
		return nil, errors.Join(e, release())
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("finding stream '%s' in '%s': %w", to.spec.Name, to.dir, err), release())
	}
	return &local{stream: st, release: release}, nil
}

// remote reads the options of a stream behind an endpoint.
func (s *shardLog) remote(t *connectors.Table) (e endpoint, r remoteOptions, err error) {
	for _, key := range []string{"path", "shards", "retention"} {
		if err := refuse(t.Options, key, "is for a stream in a folder, and the table has an 'endpoint'"); err != nil {
			return e, r, err
		}
	}
	if e, err = readEndpoint(t.Options, "endpoint"); err != nil {
		return e, r, err
	}
	if e.region == "" {
		e.region = "us-east-1"
	}
	name := t.Options.Get("stream")
	return e, remoteOptions{name: &name, perRead: 10_000, pause: pollPause, hurry: true, perPut: 500, bytesPut: 4 << 20, inFlight: 4}, nil
}

// pollPause is how often a reader at the tip of a shard asks an endpoint for more.
const pollPause = 50 * time.Millisecond

// backend gives what opens the table's stream.
func (s *shardLog) backend(t *connectors.Table, to target, in initialOptions, reading bool) (func(context.Context) (backend, error), error) {
	if !t.Options.Has("endpoint") {
		return func(context.Context) (backend, error) {
			// A bounded read of a stream that is not there can only be a mistake.
			b, err := s.connect(to, !in.bounded)
			if err != nil {
				return nil, err
			}
			b.bounded, b.latest = in.bounded, in.position.where == newest
			return b, nil
		}, nil
	}
	e, r, err := s.remote(t)
	if err != nil {
		return nil, err
	}
	r.bounded = in.bounded
	return func(ctx context.Context) (backend, error) { return asBackend(connectRemote(ctx, e, r, reading)) }, nil
}

func (s *shardLog) source(t *connectors.Table) (connectors.Source, error) {
	to, err := s.target(t)
	if err != nil {
		return nil, err
	}
	var in initialOptions
	o := t.Options
	if in.position, err = readInitial(o, "source.init.position", "source.init.timestamp", "", "TRIM_HORIZON"); err != nil {
		return nil, err
	}
	if in.bounded, err = readBounded(o); err != nil {
		return nil, err
	}
	if in.discover, err = o.Duration("source.shard.discovery.interval", time.Second); err != nil {
		return nil, err
	}
	connect, err := s.backend(t, to, in, true)
	if err != nil {
		return nil, err
	}
	src, err := newSource(t, s.formats, in, connect)
	if err != nil {
		return nil, err
	}
	src.name = to.spec.Name
	return src, nil
}

func (s *shardLog) sink(t *connectors.Table) (connectors.Sink, error) {
	to, err := s.target(t)
	if err != nil {
		return nil, err
	}
	connect, err := s.backend(t, to, initialOptions{}, false)
	if err != nil {
		return nil, err
	}
	exactly, err := readGuarantee(t.Options)
	if err != nil {
		return nil, err
	}
	limits := outboxLimits{records: 500, bytes: 4 << 20, most: 16 << 10}
	out, err := newSink(t, s.formats, to.spec.Name, limits, connect)
	if err != nil {
		return nil, err
	}
	out.exactly = exactly
	return out, nil
}
