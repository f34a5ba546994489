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
	if _, err := readFormat(db); err != nil {
		return nil, err
	}
	tables, err := readTables(db)
	if err != nil {
		return nil, err
	}
	var out []Content
	for _, t := range tables {
		c := Content{Descriptor: t.Descriptor, Sample: vec.NewBatch(t.columns())}
		if err := c.read(db, t, sample); err != nil {
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
		c.Rows += int64(n)
		rows := []int32{}
		for i := range min(n, sample-c.Sample.Len()) {
			rows = append(rows, int32(i))
		}
		c.Sample.AppendRows(b, rows)
		return nil
	})
}
