package shardlog

import (
	"slices"
	"sync"

	"github.com/weirstream/weir/connectors/shardlog/internal/segment"
)

// maxSpare is how large a buffer a shard keeps for its next commit. Larger ones are shared by all shards.
const maxSpare = 1 << 20

// buffers are those of large commits that have gone to the disk: growing a new one costs as much as encoding the records.
type buffers struct{ pool sync.Pool } // *[]byte

// room gives buf with room for n bytes more.
func (b *buffers) room(buf []byte, n int) []byte {
	if cap(buf)-len(buf) >= n {
		return buf
	}
	if len(buf)+n > maxSpare {
		if large, ok := b.pool.Get().(*[]byte); ok && cap(*large) >= len(buf)+n {
			return append((*large)[:0], buf...)
		}
	}
	return slices.Grow(buf, n)
}

// keep takes a large buffer back.
func (b *buffers) keep(buf []byte) {
	if cap(buf) > maxSpare {
		b.pool.Put(&buf)
	}
}

// frameSize bounds the bytes of the frame of these records.
func frameSize(puts []Put, pick []int32) int {
	n := segment.FrameOverhead
	for _, i := range pick {
		n += len(puts[i].Key) + len(puts[i].Data) + segment.RecordOverhead
	}
	return n
}
