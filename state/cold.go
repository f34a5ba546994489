package state

import (
	"encoding/binary"
	"fmt"
	"math"
	"slices"
	"unsafe"

	"github.com/cockroachdb/pebble/v2/vfs"

	"github.com/weirstream/weir/runtime/vec"
)

// cold are the rows of a keyed table that were moved out of memory, on disk in chunks: for each key group some buckets by the hash of their owners' keys,
// each of up to a few hundred rows in one chunk or a few. So that what costs much, reading a chunk and taking it apart, is paid once for
// all of its rows that are wanted, rows are read for many keys at a time: a hash join's partitions rather than an index (DeWitt et al., 1984). A row that
// has been read is gone from here: each owner's rows are in memory or in chunks, so that nothing has to be told of keys that are deleted. Rows of one
// owner stay together, in their order.
//
// A chunk is the low halves of its rows' hashes, 4 bytes each, where rows are due at some time those times, 8 bytes each (see due.go), and then what
// chunk.go says.
type cold struct {
	table  *table
	by     int // columns of the key, from the first on, that say whose row it is
	due    int // the column that says when a row is due, or noColumn
	head   int // bytes a row before the columns of a chunk
	log    coldLog
	groups []coldGroup // by key group

	rows, part, found *vec.Batch // scratch
	hashes, sorted    []uint32
	sel               []int32
	order             []int32
	chunk             []byte
	raw               []byte
	wanted            []uint64 // key group and low half of the hash of each key
	apart             []uint64 // scratch of sortWanted
	places            []int32
}

// coldGroup is a key group. It has 1<<bits buckets; a row's is named by the first bits of the low half of its hash.
type coldGroup struct {
	bits    int
	buckets [][]coldChunk
	rows    int
	soonest int64 // no row is due before it
	changed bool  // since the last checkpoint
}

// coldChunk is a chunk of a bucket: its rows that are still here.
type coldChunk struct {
	ref  coldRef
	n    int32 // rows
	left int32
	here []uint64 // by row; nil: all

	soonest int64 // no row that is here is due before it
}

const (
	// bucketRows is how many rows a bucket has when its group's are split.
	bucketRows = 1 << 10
	// bucketChunks is from how many chunks on those of a bucket are put together.
	bucketChunks = 8
)

// newCold gives what holds rows of a table in a scope; there are none yet.
func newCold(s *Store, scope *Scope, t *table, by, due int) *cold {
	c := readCold(s.fs, s.dir, t, by, due)
	c.log.store, c.log.scope = s, scope
	s.mu.Lock()
	defer s.mu.Unlock()
	s.logs = append(s.logs, &c.log)
	return c
}

// memory is how many bytes it takes of memory: what is known of the chunks, and what has not been written yet.
func (c *cold) memory() int {
	n := cap(c.log.buf) + cap(c.log.in)
	for i := range c.groups {
		g := &c.groups[i]
		n += g.rows / 8 // which are still here
		for _, chunks := range g.buckets {
			n += cap(chunks) * int(unsafe.Sizeof(coldChunk{}))
		}
	}
	return n
}

// readCold is newCold of a folder that nothing is written to.
func readCold(fs vfs.FS, dir string, t *table, by, due int) *cold {
	c := &cold{
		by: by, due: due, head: coldHead(due), table: t, log: coldLog{fs: fs, dir: dir}, groups: make([]coldGroup, t.max),
		rows: vec.NewBatch(t.columns()), part: vec.NewBatch(t.columns()), found: vec.NewBatch(t.columns()),
	}
	for g := range c.groups {
		c.groups[g].buckets, c.groups[g].soonest = make([][]coldChunk, 1), never
	}
	return c
}

// coldHead is how many bytes a row has before the columns of a chunk.
func coldHead(due int) int {
	if due == noColumn {
		return hashLen
	}
	return hashLen + 8
}

func (g *coldGroup) bucket(hash uint32) int { return int(uint64(hash) << g.bits >> 32) }

// put takes rows of one key group in; hashes are those of their keys.
func (c *cold) put(group int, b *vec.Batch, hashes []uint64) error {
	g := &c.groups[group]
	g.changed = true
	c.hashes = c.hashes[:0]
	for _, h := range hashes {
		c.hashes = append(c.hashes, uint32(h))
	}
	if g.rows+b.Len() > bucketRows<<g.bits {
		return c.split(g, b)
	}
	return c.deal(g, 0, len(g.buckets), b, false)
}

// split gives a group more buckets, the rows of one after the other, and takes rows in.
func (c *cold) split(g *coldGroup, b *vec.Batch) error {
	own := slices.Clone(c.hashes)
	more := *g
	for g.rows+b.Len() > bucketRows/4<<more.bits {
		more.bits++
	}
	more.buckets, more.rows = make([][]coldChunk, 1<<more.bits), 0
	n := 1 << (more.bits - g.bits)
	for k := range g.buckets {
		c.rows.Reset()
		c.hashes = c.hashes[:0]
		if err := c.takeOut(g, k, c.rows, &c.hashes); err != nil {
			return err
		}
		if err := c.deal(&more, k*n, n, c.rows, true); err != nil {
			return err
		}
	}
	*g = more
	c.hashes = append(c.hashes[:0], own...)
	return c.deal(g, 0, len(g.buckets), b, false)
}

// takeOut moves the rows of a bucket to a batch.
func (c *cold) takeOut(g *coldGroup, k int, into *vec.Batch, hashes *[]uint32) error {
	for i := range g.buckets[k] {
		x := &g.buckets[k][i]
		if err := c.read(x, nil); err != nil {
			return err
		}
		into.AppendRows(c.part, c.sel)
		for _, row := range c.sel {
			*hashes = append(*hashes, c.hashAt(row))
		}
		g.rows -= int(x.left)
		if err := c.log.free(x.ref); err != nil {
			return err
		}
	}
	g.buckets[k] = g.buckets[k][:0]
	return nil
}

// hashLen is how many bytes of a chunk a hash takes.
const hashLen = 4

func (c *cold) hashAt(row int32) uint32 { return binary.LittleEndian.Uint32(c.raw[hashLen*row:]) }

// deal writes the rows of a batch, whose hashes lie in c.hashes, to those n of the group's buckets, from the first on, to which they belong. Empty says that nothing is in them.
func (c *cold) deal(g *coldGroup, first, n int, b *vec.Batch, empty bool) error {
	at := make([]int32, n+1)
	for _, h := range c.hashes {
		at[g.bucket(h)-first+1]++
	}
	for k := range n {
		at[k+1] += at[k]
	}
	ends := slices.Clone(at)
	c.order = slices.Grow(c.order[:0], b.Len())[:b.Len()]
	for i, h := range c.hashes {
		k := g.bucket(h) - first
		c.order[ends[k]] = int32(i)
		ends[k]++
	}
	for k := first; k < first+n; k++ {
		rows := c.order[at[k-first]:at[k-first+1]]
		if len(rows) == 0 {
			continue
		}
		c.found.Reset()
		c.found.AppendRows(b, rows)
		c.sorted = c.sorted[:0]
		for _, i := range rows {
			c.sorted = append(c.sorted, c.hashes[i])
		}
		if !empty && len(g.buckets[k]) >= bucketChunks-1 {
			if err := c.takeOut(g, k, c.found, &c.sorted); err != nil {
				return err
			}
		}
		if err := c.write(g, k, c.found, c.sorted); err != nil {
			return err
		}
	}
	return nil
}

// coldChunkSize is how many bytes the columns of a chunk of several rows take at most.
const coldChunkSize = coldFileSize / 4

// write appends rows to a bucket: a chunk, or several where many keys have nearly the same hash, or where rows are large.
func (c *cold) write(g *coldGroup, k int, b *vec.Batch, hashes []uint32) error {
	if b.Len() > maxChunk {
		return c.cut(g, k, b, hashes, maxChunk)
	}
	c.chunk = c.chunk[:0]
	for _, h := range hashes {
		c.chunk = binary.LittleEndian.AppendUint32(c.chunk, h)
	}
	soonest := c.appendDue(b)
	g.soonest = min(g.soonest, soonest)
	head := len(c.chunk)
	c.chunk = appendChunk(c.chunk, b.Cols, b.Len())
	switch size := len(c.chunk); {
	case size-head > coldChunkSize && b.Len() > 1:
		return c.cut(g, k, b, hashes, (b.Len()+1)/2)
	case size > math.MaxInt32:
		return fmt.Errorf("moving %s to disk: a row of %d bytes is larger than 2 GiB", c.table, size)
	}
	ref, err := c.log.append(c.chunk, hashLen*b.Len())
	g.buckets[k] = append(g.buckets[k], coldChunk{ref: ref, n: int32(b.Len()), left: int32(b.Len()), soonest: soonest})
	g.rows += b.Len()
	return err
}

// cut writes rows in chunks of so many.
func (c *cold) cut(g *coldGroup, k int, b *vec.Batch, hashes []uint32, rows int) error {
	part := vec.NewBatch(c.table.columns())
	for from := 0; from < b.Len(); from += rows {
		var sel []int32
		for i := from; i < min(from+rows, b.Len()); i++ {
			sel = append(sel, int32(i))
		}
		part.Reset()
		part.AppendRows(b, sel)
		if err := c.write(g, k, part, hashes[from:from+len(sel)]); err != nil {
			return err
		}
	}
	return nil
}

// read reads a chunk: its bytes into raw, its rows that are still here into part, named by sel. A filter leaves out those whose hash is
// not in it; if none is left, part is not read.
func (c *cold) read(x *coldChunk, f *[64]uint64) (err error) {
	if c.raw, err = c.log.read(x.ref); err != nil {
		return err
	}
	c.sel = c.sel[:0]
	for i := range x.n {
		h := c.hashAt(i)
		if !x.has(i) || f != nil && f[h>>6&63]>>(h&63)&1 == 0 {
			continue
		}
		c.sel = append(c.sel, i)
	}
	if len(c.sel) == 0 {
		return nil
	}
	c.part.Reset()
	n, err := readChunk(c.raw[c.head*int(x.n):], c.part.Cols)
	if err == nil && n != int(x.n) {
		err = fmt.Errorf("a chunk of %d rows has %d", x.n, n)
	}
	if err != nil {
		return corrupt("reading "+c.table.String(), err)
	}
	c.part.SetLen(n)
	return nil
}

// take gives the rows of keys, as long as they are here, and forgets them. groups and hashes are those of the keys; find gives for each
// row that may be wanted whether it is (anything but vec.NoGroup). The batch is the callee's for the call.
func (c *cold) take(groups []int, hashes []uint64, find func(cols []*vec.Vector, n int) []uint32, give func(b *vec.Batch) error) error {
	c.wanted = c.wanted[:0]
	for k, h := range hashes {
		c.wanted = append(c.wanted, uint64(groups[k])<<32|h&(1<<32-1))
	}
	c.sortWanted()
	c.found.Reset()
	for at := 0; at < len(c.wanted); {
		group := c.wanted[at] >> 32
		g := &c.groups[group]
		k := g.bucket(uint32(c.wanted[at]))
		var f [64]uint64
		for ; at < len(c.wanted) && c.wanted[at]>>32 == group && g.bucket(uint32(c.wanted[at])) == k; at++ {
			h := c.wanted[at]
			f[h>>6&63] |= 1 << (h & 63)
		}
		if err := c.search(g, k, &f, find); err != nil {
			return err
		}
		if c.found.Len() >= vec.DefaultBatchSize {
			if err := give(c.found); err != nil {
				return err
			}
			c.found.Reset()
		}
	}
	if c.found.Len() == 0 {
		return nil
	}
	return give(c.found)
}

// sortWanted has what is wanted of a bucket stand together: of one key group, as mostly, without comparing.
func (c *cold) sortWanted() {
	if len(c.wanted) == 0 {
		return
	}
	group := c.wanted[0] >> 32
	if slices.ContainsFunc(c.wanted, func(w uint64) bool { return w>>32 != group }) {
		slices.Sort(c.wanted)
		return
	}
	g := &c.groups[group]
	c.places = slices.Grow(c.places[:0], len(g.buckets)+1)[:len(g.buckets)+1]
	clear(c.places)
	for _, w := range c.wanted {
		c.places[g.bucket(uint32(w))+1]++
	}
	for k := range g.buckets {
		c.places[k+1] += c.places[k]
	}
	c.apart = slices.Grow(c.apart[:0], len(c.wanted))[:len(c.wanted)]
	for _, w := range c.wanted {
		at := &c.places[g.bucket(uint32(w))]
		c.apart[*at] = w
		*at++
	}
	c.wanted, c.apart = c.apart, c.wanted
}

// search moves the wanted rows of a bucket to found.
func (c *cold) search(g *coldGroup, k int, f *[64]uint64, find func(cols []*vec.Vector, n int) []uint32) error {
	kept := g.buckets[k][:0]
	for _, x := range g.buckets[k] {
		if err := c.read(&x, f); err != nil {
			return err
		}
		if len(c.sel) > 0 {
			c.rows.Reset()
			c.rows.AppendRows(c.part, c.sel)
			n := 0
			for j, id := range find(c.rows.Cols[:c.by], c.rows.Len()) {
				if id != vec.NoGroup {
					c.sel[n] = c.sel[j]
					n++
				}
			}
			c.sel = c.sel[:n]
			c.found.AppendRows(c.part, c.sel)
			x.forget(c.sel)
			g.rows -= n
			g.changed = g.changed || n > 0
		}
		if x.left > 0 {
			kept = append(kept, x)
			continue
		}
		if err := c.log.free(x.ref); err != nil {
			return err
		}
	}
	clear(g.buckets[k][len(kept):])
	g.buckets[k] = kept
	return nil
}

// has reports whether a row is still here.
func (x *coldChunk) has(row int32) bool { return x.here == nil || x.here[row>>6]>>(row&63)&1 != 0 }

// forget notes that rows are not here any more.
func (x *coldChunk) forget(rows []int32) {
	if len(rows) == 0 {
		return
	}
	if x.here == nil {
		x.here = make([]uint64, vec.WordsFor(int(x.n)))
		for i := range x.here {
			x.here[i] = ^uint64(0)
		}
	}
	for _, i := range rows {
		x.here[i>>6] &^= 1 << (i & 63)
	}
	x.left -= int32(len(rows))
}

// tidy writes what is of use of some files anew, which are removed by it: of sparse ones, and of many that are small.
func (c *cold) tidy() error {
	if !c.log.sparse() {
		return nil
	}
	for i := range c.groups {
		g := &c.groups[i]
		for k := range g.buckets {
			for j := range g.buckets[k] {
				if x := &g.buckets[k][j]; x.ref.file.moving {
					g.changed = true
					if err := c.move(x); err != nil {
						return err
					}
				}
			}
		}
	}
	return nil
}

func (c *cold) move(x *coldChunk) (err error) {
	if c.raw, err = c.log.read(x.ref); err != nil {
		return err
	}
	old := x.ref
	if x.ref, err = c.log.append(c.raw, hashLen*int(x.n)); err != nil {
		return err
	}
	return c.log.free(old)
}
