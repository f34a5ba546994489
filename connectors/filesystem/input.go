package filesystem

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
)

// input gives the bytes of a part of a file. Read fills as much of p as it can without
// waiting for another process; one that would have to wait gives connectors.ErrNoData.
type input io.ReadCloser

// openInput opens a part at the byte resume, or, where that is -1, at the first record
// that begins in it, and gives the byte where it starts.
func (s *source) openInput(p part, resume int64, wake func()) (input, int64, error) {
	if p.file.pipe {
		in := openPipe(p.file.path, s.stdin, max(resume, 0), wake)
		return in, max(resume, 0), nil
	}
	f, err := os.Open(p.file.path)
	if err != nil {
		return nil, 0, err
	}
	in, start, err := openFile(f, p, resume)
	if err != nil {
		return nil, 0, errors.Join(fmt.Errorf("opening '%s': %w", p.file.path, err), f.Close())
	}
	return in, start, nil
}

func openFile(f *os.File, p part, resume int64) (input, int64, error) {
	if how := compression(p.file.path); how != "" {
		z, err := decompress(f, how)
		if err != nil {
			return nil, 0, err
		}
		start := max(resume, 0)
		if _, err := io.CopyN(io.Discard, z, start); err != nil {
			return nil, 0, fmt.Errorf("skipping to byte %d: %w", start, decompressing(how, err))
		}
		return &compressed{f, z, how}, start, nil
	}
	start := resume
	if start < 0 {
		var err error
		if start, err = firstRecord(f, p.from); err != nil {
			return nil, 0, err
		}
	}
	if info, err := f.Stat(); err != nil {
		return nil, 0, err
	} else if start > info.Size() && resume >= 0 {
		return nil, 0, fmt.Errorf("a checkpoint has read it up to byte %d, and it has only %d: it has been replaced or cut", start, info.Size())
	}
	if _, err := f.Seek(start, io.SeekStart); err != nil {
		return nil, 0, err
	}
	return &byteRange{f: f, at: start, to: p.to, done: p.to >= 0 && start >= p.to}, start, nil
}

// firstRecord gives where the first record begins at or after the byte from: a record
// belongs to the part in which it begins.
func firstRecord(f io.ReaderAt, from int64) (int64, error) {
	if from == 0 {
		return 0, nil
	}
	buf := make([]byte, 64<<10)
	for at := from - 1; ; {
		n, err := f.ReadAt(buf, at)
		if i := bytes.IndexByte(buf[:n], '\n'); i >= 0 {
			return at + int64(i) + 1, nil
		}
		at += int64(n)
		if err == io.EOF {
			return at, nil
		}
		if err != nil {
			return 0, err
		}
	}
}

// byteRange reads a file up to the byte to (-1: the end), and on to the end of the record
// that begins before it.
type byteRange struct {
	f    *os.File
	at   int64
	to   int64
	done bool
}

func (r *byteRange) Read(p []byte) (int, error) {
	if r.done {
		return 0, io.EOF
	}
	n, err := r.f.Read(p)
	if r.to >= 0 && r.at+int64(n) >= r.to {
		// A newline from to-1 on ends the part's last record.
		from := max(0, int(r.to-1-r.at))
		if i := bytes.IndexByte(p[from:n], '\n'); i >= 0 {
			n, err, r.done = from+i+1, io.EOF, true
		}
	}
	r.at += int64(n)
	return n, err
}

func (r *byteRange) Close() error { return r.f.Close() }

// compressed reads a file through a decompressor, which gives little at a time.
type compressed struct {
	f   *os.File
	z   io.ReadCloser
	how string
}

func (c *compressed) Read(p []byte) (int, error) {
	n := 0
	for n < len(p)/2 || n == 0 {
		k, err := c.z.Read(p[n:])
		n += k
		if err != nil {
			return n, decompressing(c.how, err)
		}
	}
	return n, nil
}

// Close gives no error of the decompressor: it would be the one that Read gave.
func (c *compressed) Close() error {
	_ = c.z.Close()
	return c.f.Close()
}
