package segment

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
)

const (
	frameHeaderSize = 36
	// MaxBody bounds one frame's body. It is above the largest batch that a
	// Kinesis client may send (10 MiB and the keys' lengths), and low enough that a damaged
	// length never asks for a mad allocation.
	MaxBody = 64 << 20

	// FrameOverhead is what a frame takes beside its records.
	FrameOverhead = frameHeaderSize
	// RecordOverhead is the most that a record takes beside its key and data: their lengths.
	RecordOverhead = 2 * binary.MaxVarintLen32
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// Frame is one decoded frame: Count records at offsets First, First+1, ....
type Frame struct {
	First   uint64
	Count   int
	Arrived int64 // unix milliseconds, shared by all records of the frame
	Body    []byte
}

// End is the offset behind the frame's last record.
func (f Frame) End() uint64 { return f.First + uint64(f.Count) }

// FrameWriter appends one frame to a buffer record by record.
type FrameWriter struct {
	buf   []byte
	start int
	count int
}

// BeginFrame starts a frame at the end of buf.
func BeginFrame(buf []byte) FrameWriter {
	start := len(buf)
	var header [frameHeaderSize]byte
	return FrameWriter{buf: append(buf, header[:]...), start: start}
}

// Add appends one record. The bytes are copied.
func (w *FrameWriter) Add(key string, data []byte) {
	w.buf = binary.AppendUvarint(w.buf, uint64(len(key)))
	w.buf = binary.AppendUvarint(w.buf, uint64(len(data)))
	w.buf = append(w.buf, key...)
	w.buf = append(w.buf, data...)
	w.count++
}

// End seals the frame and returns the buffer. The group is the offset at which the
// write that this frame belongs to begins. A frame without records, or with
// a body above MaxBody, is the caller's mistake and leaves buf as it was.
func (w *FrameWriter) End(first, group uint64, arrived int64) ([]byte, error) {
	body := w.buf[w.start+frameHeaderSize:]
	if w.count == 0 || len(body) > MaxBody {
		return w.buf[:w.start], fmt.Errorf("frame of %d records and %d bytes: want 1 record or more and at most %d bytes", w.count, len(body), MaxBody)
	}
	h := w.buf[w.start : w.start+frameHeaderSize]
	binary.LittleEndian.PutUint32(h[4:], uint32(len(body)))
	binary.LittleEndian.PutUint64(h[8:], first)
	binary.LittleEndian.PutUint32(h[16:], uint32(w.count))
	binary.LittleEndian.PutUint32(h[20:], crc32.Checksum(body, castagnoli))
	binary.LittleEndian.PutUint64(h[24:], uint64(arrived))
	binary.LittleEndian.PutUint32(h[32:], uint32(first-group))
	binary.LittleEndian.PutUint32(h, crc32.Checksum(h[4:], castagnoli))
	return w.buf, nil
}

var (
	errShort      = errors.New("frame is not complete")
	errHeaderCRC  = errors.New("frame header does not match its checksum")
	errBodyCRC    = errors.New("frame body does not match its checksum")
	errBodyLayout = errors.New("frame body does not hold the records that its header says")
)

// frameHeader is the fixed part of a frame.
type frameHeader struct {
	first   uint64
	count   int
	arrived int64
	body    int
	bodyCRC uint32
	group   uint64 // first offset of the write that the frame was part of
}

func (h frameHeader) size() int64 { return frameHeaderSize + int64(h.body) }

// parseHeader decodes the header at the start of b; errShort when b ends before it does.
func parseHeader(b []byte) (frameHeader, error) {
	if len(b) < frameHeaderSize {
		return frameHeader{}, errShort
	}
	if crc32.Checksum(b[4:frameHeaderSize], castagnoli) != binary.LittleEndian.Uint32(b) {
		return frameHeader{}, errHeaderCRC
	}
	h := frameHeader{
		first:   binary.LittleEndian.Uint64(b[8:]),
		count:   int(binary.LittleEndian.Uint32(b[16:])),
		arrived: int64(binary.LittleEndian.Uint64(b[24:])),
		body:    int(binary.LittleEndian.Uint32(b[4:])),
		bodyCRC: binary.LittleEndian.Uint32(b[20:]),
	}
	h.group = h.first - uint64(binary.LittleEndian.Uint32(b[32:]))
	// Two bytes are the least a record takes; more records than that are not in the body.
	if h.body > MaxBody || h.count == 0 || h.count > h.body/2 || h.first+uint64(h.count) < h.first {
		return frameHeader{}, errHeaderCRC
	}
	return h, nil
}

// checkFrame decodes the frame at the start of b and checks both checksums.
func checkFrame(b []byte) (frameHeader, []byte, error) {
	h, err := parseHeader(b)
	if err != nil {
		return frameHeader{}, nil, err
	}
	if int64(len(b)) < h.size() {
		return frameHeader{}, nil, errShort
	}
	body := b[frameHeaderSize:h.size()]
	if crc32.Checksum(body, castagnoli) != h.bodyCRC {
		return frameHeader{}, nil, errBodyCRC
	}
	return h, body, nil
}

// NextRecord takes the first record off body. Key and data point into body.
func NextRecord(body []byte) (key, data, rest []byte, err error) {
	// Almost every record has a key below 128 bytes and data below 16 KiB.
	if len(body) >= 3 && body[0] < 0x80 && body[1] >= 0x80 && body[2] < 0x80 {
		k := int(body[0])
		end := 3 + k + int(body[1]&0x7f) + int(body[2])<<7
		if end <= len(body) {
			return body[3 : 3+k : 3+k], body[3+k : end : end], body[end:], nil
		}
		return nil, nil, nil, errBodyLayout
	}
	k, n := binary.Uvarint(body)
	if n <= 0 {
		return nil, nil, nil, errBodyLayout
	}
	d, m := binary.Uvarint(body[n:])
	if m <= 0 {
		return nil, nil, nil, errBodyLayout
	}
	body = body[n+m:]
	if k > uint64(len(body)) || d > uint64(len(body))-k {
		return nil, nil, nil, errBodyLayout
	}
	return body[:k:k], body[k : k+d : k+d], body[k+d:], nil
}
