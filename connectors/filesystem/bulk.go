package filesystem

import (
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/weirstream/weir/connectors"
	"github.com/weirstream/weir/connectors/format"
	"github.com/weirstream/weir/runtime/vec"
)

// bulkFile is an open file of a bulk format.
type bulkFile struct {
	format.BulkInput
	f *os.File
}

func openBulk(f file) (*bulkFile, error) {
	if f.pipe {
		return nil, fmt.Errorf("'%s' is a pipe, but the table's format needs a file", f.path)
	}
	fd, err := os.Open(f.path)
	if err != nil {
		return nil, err
	}
	info, err := fd.Stat()
	if err != nil {
		return nil, errors.Join(err, fd.Close())
	}
	return &bulkFile{format.BulkInput{Name: f.path, R: fd, Size: info.Size()}, fd}, nil
}

func (b *bulkFile) close() error { return b.f.Close() }

// bulkReader reads a part of a file in a bulk format.
type bulkReader struct {
	in   *bulkFile
	r    format.BulkReader
	cols *columns
}

func (s *source) openBulk(p part, resume int64, cols *columns, r connectors.ReadRequest) (connectors.Reader, error) {
	in, err := openBulk(p.file)
	if err != nil {
		return nil, err
	}
	req := format.BulkRequest{Input: in.BulkInput, From: max(p.from, resume), To: p.to, Columns: cols.payload}
	if r.Rejected != nil {
		req.Rejected = func(record []byte, e *format.RecordError) { r.Rejected(p.file.path, record, e) }
	}
	br, err := s.decoding.OpenBulk(req)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("opening '%s': %w", p.file.path, err), in.close())
	}
	return &bulkReader{in, br, cols}, nil
}

// Read is connectors.Reader's.
func (r *bulkReader) Read(b *vec.Batch, limit int) error {
	inner := r.cols.begin(b)
	before := inner.Len()
	if err := r.r.Read(inner, limit); err == io.EOF && inner.Len() == before {
		return io.EOF
	} else if err != nil {
		return fmt.Errorf("reading '%s': %w", r.in.Name, err)
	}
	r.cols.end(b)
	return nil
}

// Position is connectors.Reader's.
func (r *bulkReader) Position() []byte { return formatPosition(r.r.Row()) }

// Close is connectors.Reader's.
func (r *bulkReader) Close() error { return errors.Join(r.r.Close(), r.in.close()) }
