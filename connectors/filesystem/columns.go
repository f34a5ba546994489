package filesystem

import (
	"fmt"
	"path/filepath"
	"time"

	"github.com/weirstream/weir/connectors"
	"github.com/weirstream/weir/connectors/format"
	"github.com/weirstream/weir/runtime/vec"
	"github.com/weirstream/weir/sql/diag"
)

// columns puts a batch together of what the decoder reads and what is the same for every
// row of a file.
type columns struct {
	payload  []connectors.Column // for the decoder
	at       []int               // the payload's places in the batch
	constant []constant
	inner    vec.Batch // the payload's vectors of the batch being filled
	zeros    []int32
}

// constant is a partition or metadata column.
type constant struct {
	at    int
	value *vec.Vector // of one row
}

func (s *source) columns(f file, want []connectors.Column) (*columns, error) {
	c := &columns{}
	for i, col := range want {
		if asked, ok := format.OfFormat(col); ok && !isPartition(s.table, col.Name) {
			c.payload, c.at = append(c.payload, asked), append(c.at, i)
			continue
		}
		var value any
		var err error
		if col.Metadata != "" {
			value, err = metadataValue(f, col.Metadata)
		} else {
			value, err = s.partition(f, col)
		}
		if err != nil {
			return nil, err
		}
		v, err := vec.Of(col.Type, value)
		if err != nil {
			return nil, fmt.Errorf("column '%s': %w", col.Name, err)
		}
		c.constant = append(c.constant, constant{i, v})
	}
	c.inner.Cols = make([]*vec.Vector, len(c.payload))
	return c, nil
}

func metadataValue(f file, key string) (any, error) {
	switch key {
	case metaPath:
		if f.path == stdinPath {
			return f.path, nil
		}
		abs, err := filepath.Abs(f.path)
		return filepath.ToSlash(abs), err
	case metaName:
		return filepath.Base(f.path), nil
	case metaSize:
		return f.size, nil
	case metaMtime:
		t := f.mtime
		if t.IsZero() {
			t = time.Unix(0, 0)
		}
		return t.UnixMilli(), nil
	}
	return nil, fmt.Errorf("there is no metadata '%s'", key)
}

func (s *source) partition(f file, col connectors.Column) (any, error) {
	txt, ok := partitionValue(f.path, col.Name)
	if !ok {
		return nil, diag.Errorf(s.where.span, "the path of '%s' has no folder '%s=…', but the table is PARTITIONED BY '%s'", f.path, col.Name, col.Name)
	}
	v, err := parsePartition(txt, col.Type)
	if err != nil {
		return nil, diag.Errorf(s.where.span, "partition '%s=%s' of '%s' is not of type %s: %w", col.Name, txt, f.path, col.Type, err)
	}
	if v == nil && !col.Type.Nullable() {
		return nil, diag.Errorf(s.where.span, "partition '%s=%s' of '%s' is NULL, but the column is NOT NULL", col.Name, txt, f.path)
	}
	return v, nil
}

// begin gives the batch of the payload alone.
func (c *columns) begin(b *vec.Batch) *vec.Batch {
	for k, i := range c.at {
		c.inner.Cols[k] = b.Cols[i]
	}
	c.inner.Kinds, c.inner.Sel = b.Kinds, nil
	c.inner.SetLen(b.Len())
	return &c.inner
}

// end takes over what was read into the payload and fills in the constants.
func (c *columns) end(b *vec.Batch) {
	n := c.inner.Len() - b.Len()
	b.Kinds = c.inner.Kinds
	b.SetLen(c.inner.Len())
	if n == 0 || len(c.constant) == 0 {
		return
	}
	if len(c.zeros) < n {
		c.zeros = make([]int32, max(n, vec.DefaultBatchSize))
	}
	for _, k := range c.constant {
		fill(b.Cols[k.at], k.value, c.zeros[:n])
	}
}

// fill appends the one value of from as often as zeros has entries; a string's bytes are
// shared.
func fill(v, from *vec.Vector, zeros []int32) {
	if v.Phys() != vec.View || from.IsNull(0) {
		v.AppendRows(from, zeros)
		return
	}
	s := from.Bytes(0)
	view := vec.StringView{}
	if len(s) <= vec.InlineLen {
		view = vec.MakeInline(s)
	} else {
		view = vec.MakeView(s, v.AddLasting(s), 0)
	}
	n := v.Len()
	v.Resize(n + len(zeros))
	rest := vec.Values[vec.StringView](v)[n:]
	for i := range rest {
		rest[i] = view
	}
}
