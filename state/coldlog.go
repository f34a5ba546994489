package state

import (
	"errors"
	"fmt"

	"github.com/cockroachdb/pebble/v2/vfs"
)

// coldLog is where chunks of rows lie that were moved out of memory: files that are only appended to, and removed when nothing in them
// is of use any more. It belongs to no checkpoint.
type coldLog struct {
	store *Store
	files []*coldFile // the last is the one that is written
	buf   []byte      // its bytes from at on that have not been written
	at    int64
	in    []byte // what was read last
	used  int64  // bytes that are of use, in all files
}

// coldFile is a file of the log.
type coldFile struct {
	name string
	w, r vfs.File
	size int64
	used int64
}

// coldRef says where a chunk lies.
type coldRef struct {
	file *coldFile
	off  int64
	size int32
}

const (
	coldFileSize = 32 << 20
	coldBuffer   = 1 << 20
)

// append writes a chunk at the end.
func (l *coldLog) append(chunk []byte) (coldRef, error) {
	f, err := l.open()
	if err != nil {
		return coldRef{}, err
	}
	ref := coldRef{f, f.size, int32(len(chunk))}
	l.buf = append(l.buf, chunk...)
	f.size += int64(len(chunk))
	f.used += int64(len(chunk))
	l.used += int64(len(chunk))
	if len(l.buf) >= coldBuffer {
		return ref, l.flush()
	}
	return ref, nil
}

// open gives the file that is to be written.
func (l *coldLog) open() (*coldFile, error) {
	if n := len(l.files); n > 0 && l.files[n-1].size < coldFileSize {
		return l.files[n-1], nil
	}
	if err := l.flush(); err != nil {
		return nil, err
	}
	if n := len(l.files); n > 0 && l.files[n-1].used == 0 {
		if err := l.remove(l.files[n-1]); err != nil {
			return nil, err
		}
	}
	s := l.store
	f := &coldFile{name: s.fs.PathJoin(s.dir, fmt.Sprintf("weir-cold-%d", s.number.Add(1)))}
	var err error
	if f.w, err = s.fs.Create(f.name, "weir-cold"); err != nil {
		return nil, err
	}
	if f.r, err = s.fs.Open(f.name, vfs.RandomReadsOption); err != nil {
		return nil, errors.Join(err, f.w.Close())
	}
	l.files, l.at = append(l.files, f), 0
	return f, nil
}

func (l *coldLog) flush() error {
	if len(l.buf) == 0 {
		return nil
	}
	if _, err := l.files[len(l.files)-1].w.Write(l.buf); err != nil {
		return err
	}
	l.at += int64(len(l.buf))
	l.buf = l.buf[:0]
	return nil
}

// read gives a chunk, until the next append or read.
func (l *coldLog) read(ref coldRef) ([]byte, error) {
	if ref.file == l.files[len(l.files)-1] && ref.off >= l.at {
		return l.buf[ref.off-l.at:][:ref.size], nil
	}
	if cap(l.in) < int(ref.size) {
		l.in = make([]byte, 2*ref.size)
	}
	l.in = l.in[:ref.size]
	_, err := ref.file.r.ReadAt(l.in, ref.off)
	return l.in, err
}

// free says that a chunk is of no use any more.
func (l *coldLog) free(ref coldRef) error {
	f := ref.file
	f.used -= int64(ref.size)
	l.used -= int64(ref.size)
	if f.used > 0 || f == l.files[len(l.files)-1] {
		return nil
	}
	return l.remove(f)
}

func (l *coldLog) remove(f *coldFile) error {
	for i, o := range l.files {
		if o == f {
			l.files = append(l.files[:i], l.files[i+1:]...)
			break
		}
	}
	return errors.Join(f.close(), l.store.fs.Remove(f.name))
}

// sparse gives the file, other than the one that is written, of which the least is of use, if the log takes twice what it needs; nil
// otherwise.
func (l *coldLog) sparse() *coldFile {
	var least *coldFile
	size := int64(0)
	for _, f := range l.files {
		size += f.size
	}
	if size <= 2*l.used+4*coldFileSize {
		return nil
	}
	for _, f := range l.files[:len(l.files)-1] {
		if least == nil || f.used < least.used {
			least = f
		}
	}
	return least
}

// close lets the files go. The store's folder is removed by who has made it.
func (l *coldLog) close() error {
	var errs []error
	for _, f := range l.files {
		errs = append(errs, f.close())
	}
	l.files = nil
	return errors.Join(errs...)
}

func (f *coldFile) close() error { return errors.Join(f.w.Close(), f.r.Close()) }
