package segment

import (
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"os"
	"path/filepath"
)

// tail is a note about the end of the last segment, written when it is closed.
// It is only believed while the file's size is the one it tells: appends only
// ever make a file longer, so an equal size means equal content. Losing it costs a scan.
type tail struct {
	first       uint64
	size        int64
	next        uint64
	lastArrived int64
}

const (
	tailName = "tail"
	tailSize = 36
)

func parent(dir string) string { return filepath.Dir(filepath.Clean(dir)) }

func writeTail(dir string, t tail) error {
	b := make([]byte, 0, tailSize)
	b = binary.LittleEndian.AppendUint64(b, t.first)
	b = binary.LittleEndian.AppendUint64(b, uint64(t.size))
	b = binary.LittleEndian.AppendUint64(b, t.next)
	b = binary.LittleEndian.AppendUint64(b, uint64(t.lastArrived))
	b = binary.LittleEndian.AppendUint32(b, crc32.Checksum(b, castagnoli))
	if err := os.WriteFile(filepath.Join(dir, tailName), b, 0o644); err != nil {
		return fmt.Errorf("writing the note of a shard's tail: %w", err)
	}
	return nil
}

func readTail(dir string) (tail, bool) {
	b, err := os.ReadFile(filepath.Join(dir, tailName))
	if err != nil || len(b) != tailSize {
		return tail{}, false // no note: the caller scans
	}
	if crc32.Checksum(b[:tailSize-4], castagnoli) != binary.LittleEndian.Uint32(b[tailSize-4:]) {
		return tail{}, false
	}
	t := tail{
		first:       binary.LittleEndian.Uint64(b),
		size:        int64(binary.LittleEndian.Uint64(b[8:])),
		next:        binary.LittleEndian.Uint64(b[16:]),
		lastArrived: int64(binary.LittleEndian.Uint64(b[24:])),
	}
	return t, t.next >= t.first
}
