package checkpoint

import (
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"os"
	"strings"

	"github.com/cockroachdb/pebble/v2/vfs"
)

// table is that of Castagnoli's polynomial, which processors compute themselves.
var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// Checksum gives a file's length and its CRC-32C as eight hexadecimal digits.
func Checksum(fs vfs.FS, path string) (size int64, sum string, err error) {
	f, err := fs.Open(path, vfs.SequentialReadsOption)
	if err != nil {
		return 0, "", err
	}
	size, sum, err = copySum(io.Discard, f)
	return size, sum, errors.Join(err, f.Close())
}

// copySum copies what there is, and gives its length and checksum.
func copySum(to io.Writer, from io.Reader) (size int64, sum string, err error) {
	h := crc32.New(castagnoli)
	size, err = io.CopyBuffer(io.MultiWriter(h, to), from, make([]byte, 1<<20))
	return size, fmt.Sprintf("%08x", h.Sum32()), err
}

// readFile reads a small file whole.
func readFile(fs vfs.FS, path string) ([]byte, error) {
	f, err := fs.Open(path)
	if err != nil {
		return nil, err
	}
	text, err := io.ReadAll(f)
	return text, errors.Join(err, f.Close())
}

// writeFile makes a file under a temporary name, syncs it, gives it its name, and syncs the folder: after
// a crash at any point the file is there whole or not at all.
func writeFile(fs vfs.FS, path string, text []byte) error {
	tmp := path + ".tmp"
	f, err := fs.Create(tmp, vfs.WriteCategoryUnspecified)
	if err != nil {
		return err
	}
	_, err = f.Write(text)
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return err
	}
	if err := fs.Rename(tmp, path); err != nil {
		return err
	}
	return syncDir(fs, fs.PathDir(path))
}

// syncDir makes the names in a folder durable.
func syncDir(fs vfs.FS, dir string) error {
	d, err := fs.OpenDir(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// copyFile copies a file, by a hard link where the file system can.
func copyFile(fs vfs.FS, from, to string) error {
	if err := fs.Link(from, to); err == nil {
		return nil
	}
	in, err := fs.Open(from, vfs.SequentialReadsOption)
	if err != nil {
		return err
	}
	out, err := fs.Create(to, vfs.WriteCategoryUnspecified)
	if err != nil {
		return errors.Join(err, in.Close())
	}
	_, err = io.CopyBuffer(onlyWriter{out}, in, make([]byte, 1<<20))
	if err == nil {
		err = out.Sync()
	}
	return errors.Join(err, out.Close(), in.Close())
}

// onlyWriter keeps io.Copy from asking for more than Write.
type onlyWriter struct{ io.Writer }

// under joins a name with slashes to a folder.
func under(fs vfs.FS, dir, name string) string {
	return fs.PathJoin(append([]string{dir}, strings.Split(name, "/")...)...)
}

// missing reports whether an error says that a file is not there.
func missing(err error) bool { return errors.Is(err, os.ErrNotExist) }
