package state

import (
	"fmt"

	"github.com/cockroachdb/pebble/v2"
	"github.com/cockroachdb/pebble/v2/vfs"

	"github.com/weirstream/weir/runtime/vec"
)

// Content is what a table of a checkpoint holds.
type Content struct {
	Descriptor
	Rows   int64      // entries; of a table by span those of all chunks, of which later ones may replace earlier ones
	Bytes  int64      // of keys and values, before compression
	Sample *vec.Batch // the first rows: key columns, then value columns
}

// Inspect reads a checkpoint's database without changing it: every table, with up to sample of its rows. It decodes all that
// is there, so that damage is found.
func Inspect(fs vfs.FS, dir string, sample int) (_ []Content, err error) {
	if fs == nil {
		fs = vfs.Default
	}
	o := options(fs, true, newFailure(dir))
	o.ReadOnly = true
	db, err := pebble.Open(dir, o)
	if err != nil {
		return nil, fmt.Errorf("opening the state %s: %w", dir, damaged(err))
	}
	defer func() {
		if late := db.Close(); err == nil {
			err = late
		}
	}()
	f, err := readFormat(db)
	if err != nil {
		return nil, err
	}
	tables, err := readTables(db)
	if err != nil {
		return nil, err
	}
	var out []Content
	for _, t := range tables {
		c := Content{Descriptor: t.Descriptor, Sample: vec.NewBatch(t.columns())}
		t.max = f.Groups
		if err := c.read(db, t, sample); err != nil {
			return nil, err
		}
		if err := c.readMoved(db, fs, dir, t, sample); err != nil {
			return nil, err
		}
		out = append(out, c)
	}
	return out, nil
}

// read counts and samples a table's rows.
func (c *Content) read(db pebble.Reader, t *table, sample int) error {
	b := vec.NewBatch(t.columns())
	return each(db, tablePrefix(nil, t.number), func(key, value []byte) error {
		c.Bytes += int64(len(key) + len(value))
		if t.Kind == BySpan && len(key) == chunkLen && key[chunkLen-1] == chunkGone {
			return nil
		}
		b.Reset()
		n, err := 1, error(nil)
		switch {
		case t.Kind == Keyed && len(key) >= prefixLen+groupLen:
			err = readEntry(key[prefixLen+groupLen:], value, b.Cols, len(t.Key))
		case t.Kind == BySpan && len(key) == chunkLen:
			n, err = readChunk(value, b.Cols)
		default:
			err = fmt.Errorf("a key of %d bytes", len(key))
		}
		if err != nil {
			return corrupt("reading "+t.String(), err)
		}
		b.SetLen(n)
		c.add(b, sample)
		return nil
	})
}

// readMoved counts and samples the rows of a table that were moved to disk.
func (c *Content) readMoved(db pebble.Reader, fs vfs.FS, dir string, t *table, sample int) error {
	return each(db, dirPrefix(t.number), func(key, value []byte) error {
		place, err := readDirKey(key)
		if err != nil {
			return err
		}
		if place.group >= t.max {
			return corrupt("reading "+t.String(), fmt.Errorf("there is no key group %d", place.group))
		}
		d, err := decodeDirectory(value)
		if err != nil {
			return err
		}
		c.Bytes += int64(len(key)+len(value)) + d.bytes()
		return d.rowsOf(fs, dir, t, place.group, func(b *vec.Batch) error {
			c.add(b, sample)
			return nil
		})
	})
}

// add counts rows, and keeps some as a sample.
func (c *Content) add(b *vec.Batch, sample int) {
	c.Rows += int64(b.Len())
	rows := []int32{}
	for i := range min(b.Len(), sample-c.Sample.Len()) {
		rows = append(rows, int32(i))
	}
	c.Sample.AppendRows(b, rows)
}
