package segment

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
)

const (
	scanChunk  = 1 << 20
	sectorSize = 512
)

// scan walks the frames of a segment from pos to size and calls visit with each
// header and its place. It stops at the first frame that does not verify, and
// returns its place, the offset expected there and the reason; nil at a clean end.
func scan(r io.ReaderAt, pos, size int64, expect uint64, visit func(pos int64, h frameHeader)) (int64, uint64, error) {
	var buf []byte
	base := pos // buf holds [base, base+len(buf))
	for pos < size {
		h, body, err := checkFrame(buf[pos-base:])
		if errors.Is(err, errShort) && base+int64(len(buf)) < size {
			if buf, err = refill(r, buf, pos, size); err != nil {
				return pos, expect, err
			}
			base = pos
			continue
		}
		if err != nil {
			return pos, expect, err
		}
		if h.first != expect {
			return pos, expect, fmt.Errorf("frame starts at offset %d, expected %d", h.first, expect)
		}
		visit(pos, h)
		expect = h.first + uint64(h.count)
		pos += frameHeaderSize + int64(len(body))
	}
	return pos, expect, nil
}

// refill reads the bytes from pos on: a chunk, or the whole frame that starts there if it is larger.
func refill(r io.ReaderAt, buf []byte, pos, size int64) ([]byte, error) {
	want := int64(scanChunk)
	if left := size - pos; left >= frameHeaderSize {
		var head [frameHeaderSize]byte
		if _, err := r.ReadAt(head[:], pos); err != nil {
			return buf[:0], fmt.Errorf("reading a frame's header at %d: %w", pos, err)
		}
		if h, err := parseHeader(head[:]); err == nil {
			want = max(want, h.size())
		}
	}
	want = min(want, size-pos)
	if int64(cap(buf)) < want {
		buf = make([]byte, want)
	}
	buf = buf[:want]
	if _, err := r.ReadAt(buf, pos); err != nil {
		return buf[:0], fmt.Errorf("reading %d bytes at %d: %w", want, pos, err)
	}
	return buf, nil
}

// tornTail reports whether the bytes from pos to the end, where the frame of
// offset expect should be, can be what an interrupted write leaves: a frame cut
// short, or one with a sector that never reached the disk (zeros). Anything else
// is damage to bytes that were once whole, perhaps acknowledged: never cut.
func tornTail(f *os.File, pos, size int64, expect uint64, reason error) (bool, error) {
	isDamage := errors.Is(reason, errHeaderCRC) || errors.Is(reason, errBodyCRC)
	if !isDamage && !errors.Is(reason, errShort) {
		return false, nil
	}
	tail := make([]byte, size-pos)
	if _, err := f.ReadAt(tail, pos); err != nil {
		return false, fmt.Errorf("looking at the tail of %s: %w", f.Name(), err)
	}
	if provesDurable(tail, expect) {
		return false, nil
	}
	return errors.Is(reason, errShort) || hasZeroSector(tail, pos), nil
}

// provesDurable looks behind a bad frame for a sound header that says that the
// bad frame's offsets had been synced before it was written.
func provesDurable(tail []byte, expect uint64) bool {
	for at := 1; at+frameHeaderSize <= len(tail); at++ {
		if h, err := parseHeader(tail[at:]); err == nil && h.group > expect {
			return true
		}
	}
	return false
}

// hasZeroSector looks for a disk sector of zeros in the bytes that start at pos.
// The first and the last sector are partial; a few zeros there may be data, so a
// header's length is asked for.
func hasZeroSector(tail []byte, pos int64) bool {
	zero := make([]byte, sectorSize)
	for len(tail) > 0 {
		n := min(int64(len(tail)), sectorSize-pos%sectorSize)
		if n >= frameHeaderSize && bytes.Equal(tail[:n], zero[:n]) {
			return true
		}
		tail, pos = tail[n:], pos+n
	}
	return false
}
