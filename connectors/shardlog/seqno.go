package shardlog

import (
	"errors"
	"fmt"
	"math/bits"
)

// SequenceNumber is the place of a record in its shard, as Kinesis writes it: a
// 186-bit number whose 47 hexadecimal digits hold the fields below. Numbers of one
// shard grow with Index, which is the shard's own offset, so a number resumes exactly.
type SequenceNumber struct {
	Created uint64 // unix seconds at which the shard was created, 36 bits
	Index   uint64 // offset in the shard; 0 is before the first record
	Time    uint64 // unix seconds at which the record arrived, 36 bits
	Shard   uint32 // index of the shard, 31 bits
}

// ShardEnd is the index in the sequence number that ends a closed shard.
const ShardEnd = 1<<63 - 1

const mask36 = 1<<36 - 1

// sequence number layout, most significant first:
// 2 (2 bits) | created 36 | low nibble of shard 4 | index 64 | zero 8 | time 36 | shard 32 | version 4.

// limbs returns the number as three words, most significant first.
func (n SequenceNumber) limbs() (hi, mid, lo uint64) {
	lo = 2 | uint64(n.Shard)<<4 | n.Time<<36
	mid = (n.Time&mask36)>>28 | n.Index<<16
	hi = n.Index>>48 | uint64(n.Shard&0xf)<<16 | (n.Created&mask36)<<20 | 2<<56
	return hi, mid, lo
}

// Append appends the decimal digits to b.
func (n SequenceNumber) Append(b []byte) []byte {
	const word = 1e19 // the largest power of ten in 64 bits
	hi, mid, lo := n.limbs()
	// The number is below 2^186 < 1e57: three words of 19 digits. hi is below 2^58, so that all quotients fit.
	mid, r := bits.Div64(hi, mid, word)
	lo, last := bits.Div64(r, lo, word)
	first, middle := bits.Div64(mid, lo, word)
	var digits [57]byte
	putDigits(digits[:19], first)
	putDigits(digits[19:38], middle)
	putDigits(digits[38:], last)
	at := 0
	for at < len(digits)-1 && digits[at] == '0' {
		at++
	}
	return append(b, digits[at:]...)
}

// pairs are the numbers 00 to 99.
const pairs = "00010203040506070809101112131415161718192021222324252627282930313233343536373839404142434445464748495051525354555657585960616263646566676869707172737475767778798081828384858687888990919293949596979899"

// putDigits writes n with zeros in front.
func putDigits(b []byte, n uint64) {
	at := len(b)
	for ; at >= 2; at -= 2 {
		pair := n % 100 * 2
		n /= 100
		b[at-2], b[at-1] = pairs[pair], pairs[pair+1]
	}
	if at == 1 {
		b[0] = byte('0' + n)
	}
}

// String is the decimal form that clients see.
func (n SequenceNumber) String() string { return string(n.Append(make([]byte, 0, 56))) }

// ErrSequenceNumber marks a text that no shard of any version wrote.
var ErrSequenceNumber = errors.New("not a sequence number")

// maxSequenceDigits bounds the input of ParseSequenceNumber, as AWS does.
const maxSequenceDigits = 129

// ParseSequenceNumber reads the decimal form. Numbers of the older versions 0 and 1,
// which this log never makes, parse to an error that is ErrForeignSequence.
func ParseSequenceNumber(s string) (SequenceNumber, error) {
	hi, mid, lo, err := parseDecimal(s)
	if err != nil {
		return SequenceNumber{}, err
	}
	if hi>>56 != 2 || lo&0xf != 2 {
		if version := lo & 0xf; hi == 0 || hi>>56 != 2 || version < 2 {
			return SequenceNumber{}, fmt.Errorf("%w: %s", ErrForeignSequence, s)
		}
		return SequenceNumber{}, fmt.Errorf("%w: %s has an unknown version", ErrSequenceNumber, s)
	}
	n := SequenceNumber{
		Created: hi >> 20 & mask36,
		Index:   hi<<48 | mid>>16,
		Time:    (mid<<28 | lo>>36) & mask36,
		Shard:   uint32(lo >> 4),
	}
	if n.Index > ShardEnd || n.Shard > 1<<31-1 {
		return SequenceNumber{}, fmt.Errorf("%w: %s", ErrSequenceNumber, s)
	}
	return n, nil
}

// ErrForeignSequence marks a number that is well-formed but that this log did not make.
var ErrForeignSequence = errors.New("sequence number of another stream")

func parseDecimal(s string) (hi, mid, lo uint64, err error) {
	if s == "" || len(s) > maxSequenceDigits || (s[0] == '0' && len(s) > 1) {
		return 0, 0, 0, fmt.Errorf("%w: %.40q", ErrSequenceNumber, s)
	}
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return 0, 0, 0, fmt.Errorf("%w: %.40q", ErrSequenceNumber, s)
		}
		var c0, c1, c2, over uint64
		c0, lo = bits.Mul64(lo, 10)
		c1, mid = bits.Mul64(mid, 10)
		c2, hi = bits.Mul64(hi, 10)
		lo, over = bits.Add64(lo, uint64(s[i]-'0'), 0)
		mid, over = bits.Add64(mid, c0, over)
		hi, over = bits.Add64(hi, c1, over)
		if c2+over != 0 {
			return 0, 0, 0, fmt.Errorf("%w: %.40q is too large", ErrSequenceNumber, s)
		}
	}
	return hi, mid, lo, nil
}

// Compare orders the numbers of one shard; it returns -1, 0 or 1.
func (n SequenceNumber) Compare(o SequenceNumber) int {
	a, b, c := n.limbs()
	x, y, z := o.limbs()
	for _, p := range [3][2]uint64{{a, x}, {b, y}, {c, z}} {
		if p[0] != p[1] {
			if p[0] < p[1] {
				return -1
			}
			return 1
		}
	}
	return 0
}
