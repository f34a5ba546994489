package segment

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

const (
	fileHeaderSize = 32
	fileMagic      = "WEIRSEG1"
	fileSuffix     = ".seg"
)

// ErrCorrupt marks damage that is not a torn tail: the store must not be used
// before somebody has looked at it. The error names the file and the byte.
var ErrCorrupt = errors.New("shard log is damaged")

func corrupt(path string, at int64, err error) error {
	return fmt.Errorf("%w: %s at byte %d: %w", ErrCorrupt, path, at, err)
}

func fileName(first uint64) string { return fmt.Sprintf("%020d%s", first, fileSuffix) }

// parseFileName returns the first offset that a segment's name tells.
func parseFileName(name string) (uint64, bool) {
	digits, ok := strings.CutSuffix(name, fileSuffix)
	if !ok || len(digits) != 20 {
		return 0, false
	}
	first, err := strconv.ParseUint(digits, 10, 64)
	return first, err == nil
}

func fileHeader(first, identity uint64) []byte {
	h := make([]byte, 0, fileHeaderSize)
	h = append(h, fileMagic...)
	h = binary.LittleEndian.AppendUint64(h, first)
	h = binary.LittleEndian.AppendUint64(h, identity)
	h = binary.LittleEndian.AppendUint32(h, 0)
	return binary.LittleEndian.AppendUint32(h, crc32.Checksum(h, castagnoli))
}

// createFile makes a segment that is durable before the first frame goes in, so
// that an acknowledged frame can never sit in a file that a crash unlinks.
func createFile(dir string, first, identity uint64, durable bool) (*os.File, error) {
	f, err := os.OpenFile(filepath.Join(dir, fileName(first)), os.O_RDWR|os.O_CREATE|os.O_TRUNC, 0o644)
	if err != nil {
		return nil, fmt.Errorf("creating a segment: %w", err)
	}
	if _, err := f.Write(fileHeader(first, identity)); err != nil {
		return nil, errors.Join(fmt.Errorf("writing a segment's header: %w", err), f.Close())
	}
	if !durable {
		return f, nil
	}
	if err := f.Sync(); err != nil {
		return nil, errors.Join(fmt.Errorf("syncing a new segment: %w", err), f.Close())
	}
	if err := SyncDir(dir); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}

// SyncDir makes the names in a folder durable.
func SyncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return fmt.Errorf("syncing the folder %s: %w", dir, err)
	}
	if err := errors.Join(d.Sync(), d.Close()); err != nil {
		return fmt.Errorf("syncing the folder %s: %w", dir, err)
	}
	return nil
}

// checkFileHeader reads and verifies the header of an open segment.
func checkFileHeader(f *os.File, first, identity uint64) error {
	var h [fileHeaderSize]byte
	n, err := f.ReadAt(h[:], 0)
	if n < fileHeaderSize {
		if err != nil && !errors.Is(err, io.EOF) {
			return fmt.Errorf("reading the header of %s: %w", f.Name(), err)
		}
		return errTornHeader
	}
	if bytes.Equal(h[:], make([]byte, fileHeaderSize)) {
		return errTornHeader
	}
	if bytes.Equal(h[:], fileHeader(first, identity)) {
		return nil
	}
	if string(h[:8]) == fileMagic && crc32.Checksum(h[:28], castagnoli) == binary.LittleEndian.Uint32(h[28:]) {
		return corrupt(f.Name(), 0, errors.New("the file belongs to another shard or another place in this one"))
	}
	return corrupt(f.Name(), 0, errors.New("file header does not match its checksum"))
}

// errTornHeader: the process died between creating a segment and writing its header.
var errTornHeader = errors.New("segment header was never written")
