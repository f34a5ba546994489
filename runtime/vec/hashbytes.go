package vec

import (
	"encoding/binary"
	"math/bits"
)

// hashBytes hashes a string of more than InlineLen bytes: 16 bytes a step. The last step
// takes the string's last bytes, which may overlap those before, so that no load
// is shorter than eight bytes.
func hashBytes(b []byte) uint64 {
	h := uint64(hashSeed) ^ uint64(len(b))
	if len(b) < 16 {
		return mixPair(h, binary.LittleEndian.Uint64(b), binary.LittleEndian.Uint64(b[len(b)-8:]))
	}
	last := b[len(b)-16:]
	for len(b) > 16 {
		h = mixPair(h, binary.LittleEndian.Uint64(b), binary.LittleEndian.Uint64(b[8:]))
		b = b[16:]
	}
	return mixPair(h, binary.LittleEndian.Uint64(last), binary.LittleEndian.Uint64(last[8:]))
}

func mixPair(h, a, b uint64) uint64 {
	hi, lo := bits.Mul64(a^hashLong, b^h)
	return hi ^ lo
}
