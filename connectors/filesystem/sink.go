package filesystem

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"sync"

	"github.com/weirstream/weir/connectors"
	"github.com/weirstream/weir/connectors/format"
	"github.com/weirstream/weir/sql/diag"
)

// sink writes part files to a folder.
//
// A part file is .NAME.inprogress while rows are written to it, then, complete and synced to
// disk, .NAME.pending, and NAME once it is committed. Readers leave out names that begin
// with a dot. A process that writes an .inprogress file holds a lock on it: one that
// nobody holds was left by a process that died, and is removed when a table in that folder
// is next written. A .pending file that is never committed, because its job died before the
// checkpoint was complete, is removed when the job goes on.
type sink struct {
	table    *connectors.Table
	format   *format.Format
	encoding *format.Encoding
	dir      string
	rolling  rolling
	compress string
	success  string // the file that marks a partition, "" for none

	clean sync.Once
}

func newSink(t *connectors.Table, formats format.List) (connectors.Sink, error) {
	where, err := newLocation(t)
	if err != nil {
		return nil, err
	}
	if where.path == stdinPath {
		return nil, t.Options.Errorf("path", "'-' can be read, not written").WithHint("the connector 'print' writes to standard output")
	}
	f, opts, err := formats.Choose(t.Options, "format")
	if err != nil {
		return nil, err
	}
	if f.Encoding == nil {
		return nil, t.Options.Errorf("format", "the format '%s' cannot be written", f.Name)
	}
	s := &sink{table: t, format: f, dir: where.path}
	if s.encoding, err = f.Encoding(format.Config{Options: opts, Columns: payload(t), Zone: t.Zone}); err != nil {
		return nil, diag.At(err, t.Options.Span("format"))
	}
	return s, s.readOptions()
}

func (s *sink) readOptions() error {
	o := s.table.Options
	if err := refuseUnsupported(o); err != nil {
		return err
	}
	var err error
	if s.rolling, err = readRolling(o); err != nil {
		return err
	}
	if s.compress, err = readCompression(o, s.encoding.NewBulk != nil); err != nil {
		return err
	}
	if s.success, err = readSuccessFile(s.table); err != nil {
		return err
	}
	for _, p := range s.table.PartitionedBy {
		if err := checkPartition(s.table, p); err != nil {
			return err
		}
	}
	if len(payload(s.table)) == 0 {
		return diag.Errorf(diag.Span{}, "the table has no columns but those that it is PARTITIONED BY")
	}
	return nil
}

func (s *sink) Accepts() connectors.ChangeSet { return s.encoding.Changes }

// Guarantee is exactly-once: rows become visible with the checkpoint that they belong to.
func (s *sink) Guarantee() connectors.Guarantee { return connectors.ExactlyOnce }

// Open starts a writer.
func (s *sink) Open(_ context.Context, r connectors.WriteRequest) (connectors.Writer, error) {
	if info, err := os.Stat(s.dir); err == nil && !info.IsDir() {
		return nil, s.table.Options.Errorf("path", "'%s' is a file", s.dir).WithHint("a table that is written is a folder of part files")
	}
	if err := os.MkdirAll(s.dir, 0o777); err != nil {
		return nil, s.table.Options.Errorf("path", "%v", err)
	}
	var err error
	s.clean.Do(func() { err = removeLeftovers(s.dir) })
	if err != nil {
		return nil, fmt.Errorf("removing files that a dead job left in '%s': %w", s.dir, err)
	}
	return newWriter(s, r)
}

// Recover removes the pending files of a job that no checkpoint speaks of.
func (s *sink) Recover(_ context.Context, job string) error {
	if err := removePending(s.dir, job); err != nil {
		return fmt.Errorf("removing files that an earlier run has left in '%s': %w", s.dir, err)
	}
	return nil
}

// Commit gives pending files their names, and marks their partitions. Doing it again
// changes nothing.
func (s *sink) Commit(ctx context.Context, committables [][]byte) error {
	dirs := map[string]bool{}
	for _, c := range committables {
		if err := ctx.Err(); err != nil {
			return err
		}
		p, err := parsePending(c)
		if err != nil {
			return err
		}
		if err := p.publish(s.dir); err != nil {
			return err
		}
		dirs[filepath.Dir(filepath.FromSlash(p.Name))] = true
	}
	for dir := range dirs {
		full := filepath.Join(s.dir, dir)
		if s.success != "" && len(s.table.PartitionedBy) > 0 {
			f, err := os.OpenFile(filepath.Join(full, s.success), os.O_CREATE|os.O_WRONLY, 0o666)
			if err != nil {
				return fmt.Errorf("marking partition '%s': %w", dir, err)
			}
			if err := f.Close(); err != nil {
				return fmt.Errorf("marking partition '%s': %w", dir, err)
			}
		}
		if err := syncDir(full); err != nil {
			return fmt.Errorf("syncing folder '%s': %w", full, err)
		}
	}
	return nil
}
