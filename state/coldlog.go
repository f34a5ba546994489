package state

import (
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"os"
	"slices"

	"github.com/cockroachdb/pebble/v2/vfs"
)

// coldLog is where chunks of rows lie that were moved out of memory: files that are only appended to, and removed when nothing in them
// is of use any more. A checkpoint takes them over as they are: at a barrier the file that is written is ended, and the next chunk begins another.
type coldLog struct {
	fs    vfs.FS
	dir   string
	store *Store // nil: the log is only read
	scope *Scope // whose log it is; nil: nobody's
	files []*coldFile
	cur   *coldFile // the one that is written, the last; nil: none is
	buf   []byte    // its bytes from at on that have not been written
	at    int64
	in    []byte // what was read last
	used  int64  // bytes that are of use, in all files
}

// coldFile is a file of the log.
type coldFile struct {
	number uint64
	w, r   vfs.File // w is nil once the file is ended
	size   int64
	used   int64
	sum    uint32 // of what has been written
	moving bool   // what is of use is being written anew
}

// coldRef says where a chunk lies, and what its bytes are. The checksums (CRC-32C) lie apart from them, with the database's directories: a chunk that was read from
// another place, or that never came to the disk, is found as well.
type coldRef struct {
	file *coldFile
	off  int32 // a file takes no further chunk behind coldFileSize
	size int32
	sum  uint32 // of the chunk
	head uint32 // of the hashes that it begins with
}

const (
	coldFileSize = 32 << 20
	coldBuffer   = 1 << 18
	// Of files that a barrier has ended before they had smallFile bytes, so many are put together.
	smallFile  = coldFileSize / 8
	smallFiles = 8
)

// coldSuffix is what the names of the files end with.
const coldSuffix = ".cold"

func coldName(number uint64) string { return fmt.Sprintf("weir-cold-%d%s", number, coldSuffix) }

func (l *coldLog) path(number uint64) string { return l.fs.PathJoin(l.dir, coldName(number)) }

// append writes a chunk, whose hashes take so many bytes, at the end.
func (l *coldLog) append(chunk []byte, hashes int) (coldRef, error) {
	buf, err := l.begin()
	if err != nil {
		return coldRef{}, err
	}
	return l.commit(append(buf, chunk...), len(buf), hashes)
}

// begin gives the buffer, to which the caller appends a chunk and then calls commit; or does not, where it makes another one.
func (l *coldLog) begin() ([]byte, error) {
	err := l.open()
	return l.buf, err
}

// commit takes the buffer back with a chunk from some byte on, whose hashes take so many bytes.
func (l *coldLog) commit(buf []byte, from, hashes int) (coldRef, error) {
	f, chunk := l.cur, buf[from:]
	ref := coldRef{file: f, off: int32(f.size), size: int32(len(chunk)), head: crc32.Checksum(chunk[:hashes], castagnoli)}
	ref.sum = crc32.Update(ref.head, castagnoli, chunk[hashes:])
	l.buf = buf
	f.size += int64(len(chunk))
	f.used += int64(len(chunk))
	l.used += int64(len(chunk))
	if len(l.buf) >= coldBuffer {
		return ref, l.flush()
	}
	return ref, nil
}

// open has a file be there that is to be written.
func (l *coldLog) open() error {
	if l.cur != nil && l.cur.size < coldFileSize {
		return nil
	}
	if err := l.end(); err != nil {
		return err
	}
	f := &coldFile{number: l.store.number.Add(1)}
	var err error
	if f.w, err = l.fs.Create(l.path(f.number), "weir-cold"); err != nil {
		return err
	}
	if f.r, err = l.fs.Open(l.path(f.number), vfs.RandomReadsOption); err != nil {
		return errors.Join(err, f.w.Close())
	}
	l.files, l.cur, l.at = append(l.files, f), f, 0
	return nil
}

func (l *coldLog) flush() error {
	if len(l.buf) == 0 {
		return nil
	}
	if !l.store.scratch { // before it is written, which may change the buffer
		l.cur.sum = crc32.Update(l.cur.sum, castagnoli, l.buf)
	}
	n, err := l.cur.w.Write(l.buf)
	if err != nil {
		return err
	}
	l.at += int64(n)
	if l.buf = l.buf[:0]; cap(l.buf) > 4*coldBuffer { // of a large chunk
		l.buf = nil
	}
	return nil
}

// end ends the file that is written, if there is one.
func (l *coldLog) end() error {
	f := l.cur
	if f == nil {
		return nil
	}
	if err := l.flush(); err != nil {
		return err
	}
	err := f.w.Close()
	f.w, l.cur = nil, nil
	l.store.files.ended(File{Name: coldName(f.number), Size: f.size, Sum: f.sum})
	if f.used == 0 {
		err = errors.Join(err, l.remove(f))
	}
	return err
}

// restored gives a file that there is already.
func (l *coldLog) restored(number uint64) (*coldFile, error) {
	for _, f := range l.files {
		if f.number == number {
			return f, nil
		}
	}
	f := &coldFile{number: number}
	var err error
	if f.r, err = l.fs.Open(l.path(number), vfs.RandomReadsOption); err != nil {
		if errors.Is(err, os.ErrNotExist) {
			return nil, corrupt("opening what was moved to disk", fmt.Errorf("%s is missing", coldName(number)))
		}
		return nil, err
	}
	info, err := f.r.Stat()
	if err != nil {
		return nil, errors.Join(err, f.r.Close())
	}
	f.size = info.Size()
	l.files = append(l.files, f)
	return f, nil
}

// take counts a chunk of a file that there is already.
func (l *coldLog) take(ref coldRef) {
	ref.file.used += int64(ref.size)
	l.used += int64(ref.size)
}

// read gives a chunk, until the next append or read.
func (l *coldLog) read(ref coldRef) ([]byte, error) { return l.readSome(ref, int(ref.size), ref.sum) }

// readHead gives the hashes of a chunk, so many bytes, until the next append or read.
func (l *coldLog) readHead(ref coldRef, n int) ([]byte, error) { return l.readSome(ref, n, ref.head) }

// readSome gives the first n bytes of a chunk, which have a checksum. What comes from the disk is held against it.
func (l *coldLog) readSome(ref coldRef, n int, sum uint32) ([]byte, error) {
	off := int64(ref.off)
	if ref.file == l.cur && off >= l.at {
		return l.buf[off-l.at:][:n], nil
	}
	if cap(l.in) < n {
		l.in = make([]byte, 2*n)
	}
	l.in = l.in[:n]
	if _, err := ref.file.r.ReadAt(l.in, off); err != nil {
		if !errors.Is(err, io.EOF) {
			return nil, err
		}
		return nil, l.damage(ref, errors.New("the file is truncated"))
	}
	if got := crc32.Checksum(l.in, castagnoli); got != sum {
		return nil, l.damage(ref, fmt.Errorf("the checksum of %d bytes is %08x, not %08x: the disk gives other bytes than were written", n, got, sum))
	}
	return l.in, nil
}

// damage says where a chunk lies that is not what was written, and what can be done.
func (l *coldLog) damage(ref coldRef, err error) error {
	return corrupt("reading what was moved to disk", fmt.Errorf("'%s', the chunk of %d bytes at byte %d: %w; go on from the newest checkpoint, or without one begin anew", l.path(ref.file.number), ref.size, ref.off, err))
}

// free says that a chunk is of no use any more.
func (l *coldLog) free(ref coldRef) error {
	f := ref.file
	f.used -= int64(ref.size)
	l.used -= int64(ref.size)
	if f.used > 0 || f == l.cur {
		return nil
	}
	return l.remove(f)
}

func (l *coldLog) remove(f *coldFile) error {
	l.files = slices.DeleteFunc(l.files, func(o *coldFile) bool { return o == f })
	return errors.Join(f.close(), l.store.files.bury(f.number, l.scope == nil || l.scope.writable()))
}

// sparse marks files of which what is of use is to be written anew, if there are some: those of which the least is of use, if the log takes twice what it
// needs, and small ones, if they are many.
func (l *coldLog) sparse() bool {
	var ended, small []*coldFile
	size := int64(0)
	for _, f := range l.files {
		size += f.size
		if f == l.cur {
			continue
		}
		ended = append(ended, f)
		if f.size < smallFile {
			small = append(small, f)
		}
	}
	slices.SortFunc(ended, func(a, b *coldFile) int { return int(a.used - b.used) })
	any := false
	for _, f := range ended {
		if size <= 2*l.used+4*coldFileSize {
			break
		}
		size -= f.size - f.used
		f.moving, any = true, true
	}
	if len(small) >= smallFiles {
		for _, f := range small {
			f.moving, any = true, true
		}
	}
	return any
}

// close lets the files go. The store's folder is removed by who has made it.
func (l *coldLog) close() error {
	var errs []error
	for _, f := range l.files {
		errs = append(errs, f.close())
	}
	l.files, l.cur = nil, nil
	return errors.Join(errs...)
}

func (f *coldFile) close() error {
	if f.w == nil {
		return f.r.Close()
	}
	return errors.Join(f.w.Close(), f.r.Close())
}
