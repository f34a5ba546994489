package filesystem

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"

	"github.com/weirstream/weir/connectors/format"
	"github.com/weirstream/weir/runtime/vec"
)

// partFile is a part file being written.
type partFile struct {
	name  string // relative to the table's folder
	path  string // where it is now
	final string // what it will be called
	f     *os.File
	count counter
	born  time.Time

	bulk  format.BulkWriter // nil for a line format
	lines format.Encoder    // nil for a bulk format
	out   io.Writer         // of a line format: the compressor or the file
	zip   io.Closer         // the compressor, nil for none
	buf   []byte            // encoded, not written yet
}

// flushSize is how much a line format collects before it writes.
const flushSize = 64 << 10

// counter counts what is written to a file.
type counter struct {
	w io.Writer
	n int64
}

func (c *counter) Write(p []byte) (int, error) {
	n, err := c.w.Write(p)
	c.n += int64(n)
	return n, err
}

// create begins the part file called name below dir; it fails with fs.ErrExist where the
// name is taken.
func create(dir, name string) (*partFile, error) {
	final := filepath.Join(dir, name)
	for _, taken := range []string{final, hiddenName(final, pendingEnd)} {
		if _, err := os.Lstat(taken); err == nil {
			return nil, fs.ErrExist
		} else if !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
	}
	path := hiddenName(final, inProgress)
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o666)
	if err != nil {
		return nil, err
	}
	if err := lock(f); err != nil {
		// Another process took it for a leftover between the two calls, and removes it.
		return nil, errors.Join(fs.ErrExist, f.Close())
	}
	return &partFile{name: filepath.ToSlash(name), path: path, final: final, f: f, count: counter{w: f}}, nil
}

// begin sets up what encodes the rows.
func (p *partFile) begin(enc *format.Encoding, compress string) (err error) {
	if enc.NewBulk != nil {
		p.bulk, err = enc.NewBulk(&p.count)
		return err
	}
	p.out = &p.count
	switch compress {
	case "gzip":
		z := gzip.NewWriter(&p.count)
		p.out, p.zip = z, z
	case "zstd":
		z, err := zstd.NewWriter(&p.count, zstd.WithEncoderConcurrency(1))
		if err != nil {
			return err
		}
		p.out, p.zip = z, z
	}
	p.lines, err = enc.NewEncoder()
	return err
}

// write adds the rows sel of b.
func (p *partFile) write(b *vec.Batch, sel []int32) (err error) {
	if p.bulk != nil {
		return p.bulk.Write(b, sel)
	}
	if p.buf, err = p.lines.AppendLines(p.buf, b, sel); err != nil {
		return err
	}
	if len(p.buf) >= flushSize {
		return p.flush()
	}
	return nil
}

func (p *partFile) flush() error {
	_, err := p.out.Write(p.buf)
	p.buf = p.buf[:0]
	return err
}

// size gives about how large the file is.
func (p *partFile) size() int64 {
	if p.bulk != nil {
		return p.bulk.Size()
	}
	return p.count.n + int64(len(p.buf))
}

// finish completes the file, makes it durable and pending.
func (p *partFile) finish() (pending, error) {
	if err := p.complete(); err != nil {
		return pending{}, fmt.Errorf("finishing '%s': %w", p.path, err)
	}
	to := hiddenName(p.final, pendingEnd)
	if err := os.Rename(p.path, to); err != nil {
		return pending{}, fmt.Errorf("finishing '%s': %w", p.path, errors.Join(err, p.f.Close()))
	}
	p.path = to
	if err := p.f.Close(); err != nil { // only now, since it ends the lock
		return pending{}, fmt.Errorf("finishing '%s': %w", p.path, err)
	}
	return pending{p.name}, nil
}

func (p *partFile) complete() error {
	if p.bulk != nil {
		if err := p.bulk.Close(); err != nil {
			return err
		}
	} else if err := p.flush(); err != nil {
		return err
	}
	if p.zip != nil {
		if err := p.zip.Close(); err != nil {
			return err
		}
	}
	return p.f.Sync()
}

// discard removes the file.
func (p *partFile) discard() error {
	err := p.f.Close()
	if errors.Is(err, fs.ErrClosed) { // finishing it has failed
		err = nil
	}
	return errors.Join(err, os.Remove(p.path))
}
