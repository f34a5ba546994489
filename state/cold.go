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
// Rows that come are not dealt to buckets at once, where that would make many small chunks: they are a chunk of the group, among those that are fresh, which every
// search of the group looks at. These are dealt out when searching them has taken as long as that will (renting and buying skis: Karlin et al., 1988), or when they are many. So
// rows that nobody asks for, as most are whose keys come no more, are written once.
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
	raw               []byte
	wantedSet         hashSet
	wanted            []uint64 // key group and low half of the hash of each key
	apart             []uint64 // scratch of sortWanted
	places            []int32
}

// coldGroup is a key group. Behind fresh it has 1<<bits buckets; a row's is named by the first bits of the low half of its hash.
type coldGroup struct {
	bits    int
	buckets [][]coldChunk
	rows    int
	paid    int   // what searching the fresh chunks has cost, in rows that could have been dealt out instead
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
	// fresh is the bucket of rows that have not been dealt out, firstBucket that of the least hashes.
	fresh       = 0
	firstBucket = 1
	// bucketRows is how many rows a bucket has when its group's are split.
	bucketRows = 1 << 10
	// bucketChunks is from how many chunks on those of a bucket are put together.
	bucketChunks = 8
	// dealtRows is how many rows for each bucket are dealt out at once.
	dealtRows = 128
	// Fresh rows are dealt out when they are so many, or take so many bytes.
	maxFresh     = 1 << 14
	maxFreshSize = 4 << 20
	// searchCost is what it costs to look at the hashes of a chunk, in rows that are dealt out.
	searchCost = 8
	// wholeChunk is up to how many bytes a chunk is read at once, and not its hashes before.
	wholeChunk = 8 << 10
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
		c.groups[g].buckets, c.groups[g].soonest = make([][]coldChunk, firstBucket+1), never
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

func (g *coldGroup) bucket(hash uint32) int { return firstBucket + int(uint64(hash)<<g.bits>>32) }

// bitsFor is how many bits name the buckets when the group has so many rows.
func (g *coldGroup) bitsFor(rows int) int {
	bits := g.bits
	if rows > bucketRows<<bits {
		for rows > bucketRows/4<<bits {
			bits++
		}
	}
	return bits
}

// put takes rows of one key group in; hashes are the low halves of those of their keys.
func (c *cold) put(group int, b *vec.Batch, hashes []uint32) error {
	g := &c.groups[group]
	g.changed = true
	if b.Len() >= dealtRows<<g.bitsFor(g.rows+b.Len()) {
		return c.dealOut(g, b, hashes)
	}
	if g.dealsNow() {
		if err := c.dealFresh(g); err != nil {
			return err
		}
	}
	return c.write(g, fresh, b, hashes)
}

// fresh counts the rows that have not been dealt out, and the bytes of their chunks.
func (g *coldGroup) fresh() (rows, size int) {
	for i := range g.buckets[fresh] {
		x := &g.buckets[fresh][i]
		rows, size = rows+int(x.left), size+int(x.ref.size)
	}
	return rows, size
}

// dealsNow reports whether the fresh rows are to be dealt out.
func (g *coldGroup) dealsNow() bool {
	rows, size := g.fresh()
	return rows > 0 && (g.paid >= rows || rows >= maxFresh || size >= maxFreshSize)
}

// dealFresh deals the fresh rows out.
func (c *cold) dealFresh(g *coldGroup) error {
	b, hashes := vec.NewBatch(c.table.columns()), []uint32(nil)
	if err := c.takeOut(g, fresh, b, &hashes); err != nil {
		return err
	}
	g.paid = 0
	return c.dealOut(g, b, hashes)
}

// dealOut deals rows to the buckets, of which there are as many as the group needs then.
func (c *cold) dealOut(g *coldGroup, b *vec.Batch, hashes []uint32) error {
	if bits := g.bitsFor(g.rows + b.Len()); bits > g.bits {
		if err := c.split(g, bits); err != nil {
			return err
		}
	}
	return c.deal(g, firstBucket, len(g.buckets)-firstBucket, b, hashes, false)
}

// split gives a group more buckets, and has these take over the rows of one after the other.
func (c *cold) split(g *coldGroup, bits int) error {
	more := *g
	more.bits, more.buckets = bits, make([][]coldChunk, firstBucket+1<<bits)
	more.buckets[fresh] = g.buckets[fresh]
	n := 1 << (bits - g.bits)
	for k := firstBucket; k < len(g.buckets); k++ {
		c.rows.Reset()
		c.hashes = c.hashes[:0]
		before := g.rows
		if err := c.takeOut(g, k, c.rows, &c.hashes); err != nil {
			return err
		}
		more.rows -= before - g.rows
		if err := c.deal(&more, firstBucket+(k-firstBucket)*n, n, c.rows, c.hashes, true); err != nil {
			return err
		}
	}
	*g = more
	return nil
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
	clear(g.buckets[k])
	g.buckets[k] = g.buckets[k][:0]
	return nil
}

// hashLen is how many bytes of a chunk a hash takes.
const hashLen = 4

func (c *cold) hashAt(row int32) uint32 { return binary.LittleEndian.Uint32(c.raw[hashLen*row:]) }

// deal writes the rows of a batch to those n of the group's buckets, from the first on, to which they belong. Empty says that nothing is in them.
func (c *cold) deal(g *coldGroup, first, n int, b *vec.Batch, hashes []uint32, empty bool) error {
	if b.Len() == 0 {
		return nil
	}
	if n == 1 && (empty || len(g.buckets[first]) < bucketChunks-1) {
		return c.write(g, first, b, hashes)
	}
	at := make([]int32, n+1)
	for _, h := range hashes {
		at[g.bucket(h)-first+1]++
	}
	for k := range n {
		at[k+1] += at[k]
	}
	ends := slices.Clone(at)
	c.order = slices.Grow(c.order[:0], b.Len())[:b.Len()]
	for i, h := range hashes {
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
			c.sorted = append(c.sorted, hashes[i])
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
	buf, err := c.log.begin()
	if err != nil {
		return err
	}
	from := len(buf)
	for _, h := range hashes {
		buf = binary.LittleEndian.AppendUint32(buf, h)
	}
	buf, soonest := c.appendDue(buf, b)
	g.soonest = min(g.soonest, soonest)
	head := len(buf)
	buf = appendChunk(buf, b.Cols, b.Len())
	switch size := len(buf) - from; {
	case len(buf)-head > coldChunkSize && b.Len() > 1:
		return c.cut(g, k, b, hashes, (b.Len()+1)/2)
	case size > math.MaxInt32:
		return fmt.Errorf("moving %s to disk: a row of %d bytes is larger than 2 GiB", c.table, size)
	}
	ref, err := c.log.commit(buf, from, hashLen*b.Len())
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
