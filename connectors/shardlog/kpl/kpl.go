// Package kpl packs and unpacks the aggregated records of the Kinesis Producer
// Library: many user records in one Kinesis record.
//
// Deaggregate is what readers call on every record; Aggregate is for producers that want to
// put more records into a shard than its limit of 1,000 a second. The format is AWS's
// "KPL Aggregated Record Format": a magic number, a protocol buffer message, its MD5.
package kpl

import (
	"bytes"
	"crypto/md5"
	"errors"

	"google.golang.org/protobuf/encoding/protowire"
)

// Record is one user record. All records of an aggregate have the sequence number of the
// Kinesis record that held them; their place in it tells them apart.
type Record struct {
	Key     string
	HashKey string // explicit hash key in decimal, "" when there is none
	Data    []byte
}

var magic = []byte{0xF3, 0x89, 0x9A, 0xC2}

// The field numbers of AggregatedRecord and of its Record.
const (
	keyTable  = 1
	hashTable = 2
	records   = 3

	keyIndex  = 1
	hashIndex = 2
	data      = 3
)

var errMalformed = errors.New("malformed aggregate")

// Deaggregate appends the user records that a Kinesis record holds to dst. ok is false,
// and dst as it was, when the record is a plain one: no magic number, a checksum that does not match, or
// a message that cannot be read. Data is borrowed from b.
func Deaggregate(dst []Record, b []byte) (_ []Record, ok bool) {
	if len(b) < len(magic)+md5.Size || !bytes.HasPrefix(b, magic) {
		return dst, false
	}
	message, sum := b[len(magic):len(b)-md5.Size], b[len(b)-md5.Size:]
	if want := md5.Sum(message); !bytes.Equal(want[:], sum) {
		return dst, false
	}
	out, err := parse(dst, message)
	if err != nil {
		return dst, false
	}
	return out, true
}

// parse reads an AggregatedRecord. The tables may come behind the records that use them.
func parse(dst []Record, message []byte) ([]Record, error) {
	var keys, hashes []string
	err := eachField(message, func(num protowire.Number, _ uint64, b []byte) error {
		switch {
		case num == keyTable && b != nil:
			keys = append(keys, string(b))
		case num == hashTable && b != nil:
			hashes = append(hashes, string(b))
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	err = eachField(message, func(num protowire.Number, _ uint64, b []byte) error {
		if num != records || b == nil {
			return nil
		}
		r, err := parseRecord(b, keys, hashes)
		dst = append(dst, r)
		return err
	})
	return dst, err
}

func parseRecord(b []byte, keys, hashes []string) (Record, error) {
	var r Record
	hasKey := false
	err := eachField(b, func(num protowire.Number, n uint64, b []byte) error {
		switch {
		case num == keyIndex && b == nil:
			if n >= uint64(len(keys)) {
				return errMalformed
			}
			r.Key, hasKey = keys[n], true
		case num == hashIndex && b == nil:
			if n >= uint64(len(hashes)) {
				return errMalformed
			}
			r.HashKey = hashes[n]
		case num == data && b != nil:
			r.Data = b
		}
		return nil
	})
	if err == nil && !hasKey {
		err = errMalformed
	}
	return r, err
}

// eachField calls f with the varint or the bytes of every field; b is not nil for bytes. Others are
// passed over.
func eachField(message []byte, f func(num protowire.Number, n uint64, b []byte) error) error {
	for len(message) > 0 {
		num, kind, size := protowire.ConsumeTag(message)
		if size < 0 {
			return errMalformed
		}
		message = message[size:]
		var n uint64
		var b []byte
		switch kind {
		case protowire.VarintType:
			n, size = protowire.ConsumeVarint(message)
		case protowire.BytesType:
			b, size = protowire.ConsumeBytes(message)
		default:
			num, size = 0, protowire.ConsumeFieldValue(num, kind, message)
		}
		if size < 0 {
			return errMalformed
		}
		message = message[size:]
		if num == 0 {
			continue
		}
		if err := f(num, n, b); err != nil {
			return err
		}
	}
	return nil
}

// Aggregate packs records into one. Give the result the partition key of the first record.
func Aggregate(list []Record) []byte {
	b := append([]byte{}, magic...)
	keys, hashes := map[string]uint64{}, map[string]uint64{}
	for _, r := range list {
		b = intern(b, keyTable, keys, r.Key)
		if r.HashKey != "" {
			b = intern(b, hashTable, hashes, r.HashKey)
		}
	}
	for _, r := range list {
		var m []byte
		m = protowire.AppendVarint(protowire.AppendTag(m, keyIndex, protowire.VarintType), keys[r.Key])
		if r.HashKey != "" {
			m = protowire.AppendVarint(protowire.AppendTag(m, hashIndex, protowire.VarintType), hashes[r.HashKey])
		}
		m = protowire.AppendBytes(protowire.AppendTag(m, data, protowire.BytesType), r.Data)
		b = protowire.AppendBytes(protowire.AppendTag(b, records, protowire.BytesType), m)
	}
	sum := md5.Sum(b[len(magic):])
	return append(b, sum[:]...)
}

// intern writes a table's entry the first time that a text is seen.
func intern(b []byte, table protowire.Number, seen map[string]uint64, s string) []byte {
	if _, ok := seen[s]; ok {
		return b
	}
	seen[s] = uint64(len(seen))
	return protowire.AppendString(protowire.AppendTag(b, table, protowire.BytesType), s)
}
