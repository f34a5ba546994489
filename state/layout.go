package state

import (
	"encoding/binary"
	"math"
	"slices"

	"github.com/weirstream/weir/runtime/vec"
)

// Keys of the database:
//
//	00 'F'                                               the format, as JSON
//	00 'N'                                               the next number for parts and chunks
//	00 'T' table(4)                                      a table's Descriptor, as JSON
//	00 'C' table(4) group(2)                             where the rows of a keyed table lie that were moved out of memory (colddir.go)
//	00 'I' operator 00 name 00 subtask(4)                a value that is not keyed (Scope.Int)
//	01 table(4) group(2) key                             a row of a keyed table
//	01 table(4) span(8) group(2) part(8) chunk(8) kind   rows of a table by span; the kind is 0 for rows, 1 for keys of rows that are gone
//
// What begins with 02 is like 01, but belongs to no checkpoint: it is removed at a restore.
//
// Numbers are big-endian, so that a table, a range of key groups, and a span each are one range.

// formatVersion is the newest format of a database, movedVersion that of one with rows beside it (00 'C'); others have format 1. Format 2 had rows beside
// it without checksums, format 3 had all of them dealt to buckets.
const (
	formatVersion   = 4
	movedVersion    = 4
	unsummedVersion = 2
	dealtVersion    = 3
)

const scratchArea = 2

var (
	formatKey = []byte{0, 'F'}
	numberKey = []byte{0, 'N'}
)

func tableKey(table uint32) []byte { return binary.BigEndian.AppendUint32([]byte{0, 'T'}, table) }

// dirPrefix is what the keys of a table's directories begin with.
func dirPrefix(table uint32) []byte { return binary.BigEndian.AppendUint32([]byte{0, 'C'}, table) }

func dirKey(p dirPlace) []byte { return appendGroup(dirPrefix(p.table), p.group) }

func intPrefix(operator, name string) []byte {
	return append(append(append(append([]byte{0, 'I'}, operator...), 0), name...), 0)
}

func intKey(operator, name string, subtask int) []byte {
	return binary.BigEndian.AppendUint32(intPrefix(operator, name), uint32(subtask))
}

// tablePrefix is what all keys of a table's rows begin with.
func tablePrefix(dst []byte, table uint32) []byte {
	return binary.BigEndian.AppendUint32(append(dst, 1), table)
}

func appendGroup(dst []byte, g int) []byte { return binary.BigEndian.AppendUint16(dst, uint16(g)) }

func appendSpan(dst []byte, span int64) []byte {
	return binary.BigEndian.AppendUint64(dst, uint64(span)^1<<63)
}

func readSpan(key []byte) int64 { return int64(binary.BigEndian.Uint64(key) ^ 1<<63) }

const (
	prefixLen = 5
	spanLen   = 8
	groupLen  = 2
	chunkLen  = prefixLen + spanLen + groupLen + 8 + 8 + 1
)

const (
	chunkRows byte = 0
	chunkGone byte = 1
)

// chunkKey is the key of a chunk.
func chunkKey(dst []byte, table uint32, span int64, group int, part, chunk uint64, kind byte) []byte {
	dst = appendGroup(appendSpan(tablePrefix(dst, table), span), group)
	dst = binary.BigEndian.AppendUint64(dst, part)
	return append(binary.BigEndian.AppendUint64(dst, chunk), kind)
}

// partKey is what all chunks of a part in a group begin with.
func partKey(table uint32, span int64, group int, part uint64, scratch bool) []byte {
	key := appendGroup(appendSpan(tablePrefix(nil, table), span), group)
	if scratch {
		key[0] = scratchArea
	}
	return binary.BigEndian.AppendUint64(key, part)
}

// successor is the first key behind all that begin with prefix.
func successor(prefix []byte) []byte {
	end := append([]byte{}, prefix...)
	for i := len(end) - 1; i >= 0; i-- {
		if end[i]++; end[i] != 0 {
			return end[:i+1]
		}
	}
	return nil
}

// lastSpan is a span behind all others.
const lastSpan = math.MaxInt64

// Groups is a range of key groups: From inclusive, To exclusive.
type Groups struct{ From, To int }

// GroupsOf gives the range that a subtask owns, as exchanges deal the groups out: the subtask of group g is
// g * parallelism / max.
func GroupsOf(subtask, parallelism, max int) Groups {
	first := func(s int) int { return (s*max + parallelism - 1) / parallelism }
	return Groups{first(subtask), first(subtask + 1)}
}

// router gives rows their key groups.
type router struct {
	route, max int
	hashes     []uint64
	groups     []int
}

// of gives the key group of each of n rows.
func (r *router) of(cols []*vec.Vector, n int) []int { return r.ofRows(cols, nil, n) }

// ofRows gives the key group of each of n rows, named by sel.
func (r *router) ofRows(cols []*vec.Vector, sel []int32, n int) []int {
	if r.route == 0 {
		r.groups = slices.Grow(r.groups[:0], n)[:n]
		clear(r.groups)
		return r.groups
	}
	r.hashes = slices.Grow(r.hashes[:0], n)[:n]
	vec.HashRows(cols[:r.route], sel, r.hashes)
	return r.grouped(r.hashes)
}

// grouped gives the key groups of rows by the hashes of the columns that are routed by.
func (r *router) grouped(hashes []uint64) []int {
	r.groups = slices.Grow(r.groups[:0], len(hashes))[:len(hashes)]
	for k, h := range hashes {
		r.groups[k] = vec.KeyGroup(h, r.max)
	}
	return r.groups
}
