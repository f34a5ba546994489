package state

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"math/bits"
	"slices"

	"github.com/cockroachdb/pebble/v2"
	"github.com/cockroachdb/pebble/v2/vfs"

	"github.com/weirstream/weir/runtime/vec"
)

// A directory says where the rows of a key group lie that were moved to disk (see cold): it is what the database, and with it a checkpoint, has of them. It
// is made at a barrier and written beside the job. All are unsigned varints:
//
//	columns of the key that say whose a row is; the column that says when a row is due and 1 more, or 0; buckets as a power of two, without that of fresh rows
//	for each bucket, that of fresh rows before the others: chunks; for each of these: number of the file, place, bytes, checksum; rows, and the checksum of their hashes; rows that are left; when the first
//	is due, if they are
//	where some are gone: a bitmap of those that are left, in words of 8 bytes
type directory struct {
	by, due int
	bits    int
	buckets [][]dirChunk
	rows    int
}

// dirChunk is a chunk of a directory, with the number of its file.
type dirChunk struct {
	coldChunk // without its file
	number    uint64
}

// maxBuckets bounds the buckets of a key group, as a power of two: a bucket is named by bits of half a hash.
const maxBuckets = 31

// appendDirectory appends the directory of a key group, and gives the numbers of its files.
func (c *cold) appendDirectory(dst []byte, g *coldGroup) (_ []byte, files []uint64) {
	dst = binary.AppendUvarint(dst, uint64(c.by))
	dst = binary.AppendUvarint(dst, uint64(c.due+1))
	dst = binary.AppendUvarint(dst, uint64(g.bits))
	for _, bucket := range g.buckets {
		dst = binary.AppendUvarint(dst, uint64(len(bucket)))
		for i := range bucket {
			x := &bucket[i]
			if !slices.Contains(files, x.ref.file.number) {
				files = append(files, x.ref.file.number)
			}
			for _, n := range []uint64{x.ref.file.number, uint64(x.ref.off), uint64(x.ref.size), uint64(x.ref.sum), uint64(x.n), uint64(x.ref.head), uint64(x.left)} {
				dst = binary.AppendUvarint(dst, n)
			}
			if c.due != noColumn {
				dst = binary.AppendUvarint(dst, uint64(x.soonest))
			}
			if x.left < x.n {
				dst = appendWords(dst, x.here, int(x.n))
			}
		}
	}
	return dst, files
}

// decodeDirectory reads what appendDirectory wrote.
func decodeDirectory(src []byte) (*directory, error) {
	d := &directory{}
	err := d.decode(&dirReader{src: src})
	if err != nil {
		return nil, corrupt("reading where moved rows are", err)
	}
	return d, nil
}

// dirReader reads numbers, of which none is read after an error.
type dirReader struct {
	src []byte
	err error
}

func (r *dirReader) next(most uint64) uint64 {
	if r.err != nil {
		return 0
	}
	x, n := binary.Uvarint(r.src)
	switch {
	case n <= 0:
		r.err = errShort
	case x > most:
		r.err = fmt.Errorf("%d where there may be %d", x, most)
	default:
		r.src = r.src[n:]
		return x
	}
	return 0
}

func (d *directory) decode(r *dirReader) error {
	const columns = 1 << 16
	d.by, d.due = int(r.next(columns)), int(r.next(columns))-1
	d.bits = int(r.next(maxBuckets))
	if r.err != nil {
		return r.err
	}
	if uint64(1)<<d.bits > uint64(len(r.src)) {
		return errShort
	}
	d.buckets = make([][]dirChunk, firstBucket+1<<d.bits)
	for k := range d.buckets {
		for range r.next(uint64(len(r.src))) {
			x, err := d.decodeChunk(r)
			if err != nil {
				return err
			}
			d.buckets[k] = append(d.buckets[k], x)
			d.rows += int(x.left)
		}
	}
	if r.err == nil && len(r.src) > 0 {
		return errors.New("it is longer than what it lists")
	}
	return r.err
}

func (d *directory) decodeChunk(r *dirReader) (x dirChunk, err error) {
	x.number, x.ref.off = r.next(1<<63), int32(r.next(1<<31-1))
	x.ref.size, x.ref.sum = int32(r.next(1<<31-1)), uint32(r.next(math.MaxUint32))
	x.n, x.ref.head = int32(r.next(maxChunk)), uint32(r.next(math.MaxUint32))
	x.left, x.soonest = int32(r.next(uint64(x.n))), never
	if d.due != noColumn {
		x.soonest = int64(r.next(1<<64 - 1))
	}
	if r.err != nil {
		return x, r.err
	}
	if x.left == 0 || int(x.ref.size) < d.head()*int(x.n) {
		return x, fmt.Errorf("a chunk of %d rows, %d of them left, in %d bytes", x.n, x.left, x.ref.size)
	}
	if x.left == x.n {
		return x, nil
	}
	words := vec.WordsFor(int(x.n))
	if len(r.src) < 8*words {
		return x, errShort
	}
	left := 0
	for i := range words {
		x.here = append(x.here, binary.LittleEndian.Uint64(r.src[8*i:]))
		left += bits.OnesCount64(x.here[i])
	}
	if r.src = r.src[8*words:]; left != int(x.left) || vec.CountBits(x.here, int(x.n)) != left {
		return x, fmt.Errorf("%d rows are left of a chunk, not %d", left, x.left)
	}
	return x, nil
}

// head is how many bytes a row has before the columns of a chunk.
func (d *directory) head() int { return coldHead(d.due) }

// bytes gives how many chunks take.
func (d *directory) bytes() (n int64) {
	for _, bucket := range d.buckets {
		for i := range bucket {
			n += int64(bucket[i].ref.size)
		}
	}
	return n
}

// numbers are those of the files.
func (d *directory) numbers() (files []uint64) {
	for _, bucket := range d.buckets {
		for i := range bucket {
			if n := bucket[i].number; !slices.Contains(files, n) {
				files = append(files, n)
			}
		}
	}
	return files
}

// freeze gives the directories of the key groups that have changed. What they name is on disk, but may not be synced.
func (c *cold) freeze() (dirs []frozenDir, err error) {
	if err := c.log.end(); err != nil {
		return nil, err
	}
	for k := range c.groups {
		g := &c.groups[k]
		if !g.changed {
			continue
		}
		g.changed = false
		d := frozenDir{dirPlace: dirPlace{c.table.number, k}}
		if g.rows > 0 {
			d.value, d.files = c.appendDirectory(nil, g)
		}
		dirs = append(dirs, d)
	}
	return dirs, nil
}

// readDirectory reads the directory of a key group of a table.
func readDirectory(db pebble.Reader, p dirPlace) (*directory, error) {
	value, closer, err := db.Get(dirKey(p))
	if err != nil {
		return nil, damaged(err)
	}
	d, err := decodeDirectory(value)
	return d, errors.Join(err, closer.Close())
}

// takeGroup has the rows of a directory be here.
func (c *cold) takeGroup(group int, d *directory) error {
	if group >= len(c.groups) || d.by != c.by || d.due != c.due {
		return fmt.Errorf("what was moved to disk of key group %d is by %d columns, and due by the column %d, not %d and %d: %w", group, d.by, d.due, c.by, c.due, ErrMismatch)
	}
	g := &c.groups[group]
	g.bits, g.rows, g.buckets = d.bits, d.rows, make([][]coldChunk, len(d.buckets))
	for b, bucket := range d.buckets {
		for _, x := range bucket {
			f, err := c.log.restored(x.number)
			if err != nil {
				return err
			}
			if int64(x.ref.off) > f.size-int64(x.ref.size) {
				return corrupt("reading what was moved to disk", fmt.Errorf("%s has %d bytes, too few for a chunk of %d at %d", coldName(x.number), f.size, x.ref.size, x.ref.off))
			}
			x.ref.file = f
			c.log.take(x.ref)
			g.buckets[b] = append(g.buckets[b], x.coldChunk)
			g.soonest = min(g.soonest, x.soonest)
		}
	}
	return nil
}

// hashesOf gives the hashes of the rows of a key group that are here: as much of them as chunks know.
func (c *cold) hashesOf(group int, give func(hash uint32)) error {
	for _, bucket := range c.groups[group].buckets {
		for i := range bucket {
			x := &bucket[i]
			var err error
			if c.raw, err = c.log.readHead(x.ref, hashLen*int(x.n)); err != nil {
				return err
			}
			for row := range x.n {
				if x.has(row) {
					give(c.hashAt(row))
				}
			}
		}
	}
	return nil
}

// rowsOf gives the rows of a directory, of which the files lie in a folder. The batch is the callee's for the call.
func (d *directory) rowsOf(fs vfs.FS, dir string, t *table, group int, give func(b *vec.Batch) error) (err error) {
	c := readCold(fs, dir, t, d.by, d.due)
	defer func() { err = errors.Join(err, c.log.close()) }()
	if err := c.takeGroup(group, d); err != nil {
		return err
	}
	for _, bucket := range c.groups[group].buckets {
		for i := range bucket {
			if err := c.read(&bucket[i], nil); err != nil {
				return err
			}
			c.found.Reset()
			c.found.AppendRows(c.part, c.sel)
			if err := give(c.found); err != nil {
				return err
			}
		}
	}
	return nil
}
