package kinesis

import (
	"encoding/binary"
	"hash/crc32"
)

// The frames of application/vnd.amazon.eventstream: lengths and checksums around
// typed headers and a payload, all numbers big-endian.

// header is a header of type string.
type header struct{ name, value string }

const stringHeader = 7

// appendEvent appends one frame to b.
func appendEvent(b []byte, headers []header, payload []byte) []byte {
	start := len(b)
	b = append(b, make([]byte, 12)...)
	for _, h := range headers {
		b = append(b, byte(len(h.name)))
		b = append(b, h.name...)
		b = append(b, stringHeader)
		b = binary.BigEndian.AppendUint16(b, uint16(len(h.value)))
		b = append(b, h.value...)
	}
	headersLen := len(b) - start - 12
	b = append(b, payload...)
	frame := b[start:]
	binary.BigEndian.PutUint32(frame, uint32(len(frame)+4))
	binary.BigEndian.PutUint32(frame[4:], uint32(headersLen))
	binary.BigEndian.PutUint32(frame[8:], crc32.ChecksumIEEE(frame[:8]))
	return binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE(frame))
}
