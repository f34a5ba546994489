package filesystem

import (
	"encoding/binary"
	"fmt"
	"path/filepath"
	"strconv"

	"github.com/weirstream/weir/connectors"
	"github.com/weirstream/weir/connectors/format/text"
	"github.com/weirstream/weir/runtime/civil"
	"github.com/weirstream/weir/runtime/decimal"
	"github.com/weirstream/weir/runtime/javatext"
	"github.com/weirstream/weir/runtime/vec"
	"github.com/weirstream/weir/sql/diag"
	"github.com/weirstream/weir/sql/types"
)

// router divides a batch's rows by partition.
type router struct {
	columns []int // the places of the partition columns
	names   []string
	folders map[string]*folder // by the values' bytes
	touched []*folder          // in this batch
	key     []byte
}

// folder is a partition and its rows in the current batch.
type folder struct {
	dir  string
	rows []int32
}

func newRouter(cols []connectors.Column, by []string) (*router, error) {
	r := &router{names: by, folders: map[string]*folder{}}
	for _, name := range by {
		at := -1
		for i, c := range cols {
			if c.Name == name {
				at = i
			}
		}
		if at < 0 {
			return nil, fmt.Errorf("the partition column '%s' is not among the columns written", name)
		}
		r.columns = append(r.columns, at)
	}
	return r, nil
}

// maxFolders bounds what the router remembers of partitions that were seen.
const maxFolders = 1 << 16

// route calls write with each partition's folder and rows.
func (r *router) route(b *vec.Batch, write func(dir string, rows []int32) error) error {
	var last *folder
	var lastKey []byte
	b.Each(func(row int) {
		r.key = r.key[:0]
		for _, c := range r.columns {
			r.key = appendKey(r.key, b.Cols[c], row)
		}
		if last == nil || string(r.key) != string(lastKey) {
			last = r.find(b, row)
			lastKey = append(lastKey[:0], r.key...)
		}
		last.rows = append(last.rows, int32(row))
	})
	defer func() {
		for _, f := range r.touched {
			f.rows = f.rows[:0]
		}
		r.touched = r.touched[:0]
		if len(r.folders) > maxFolders {
			clear(r.folders)
		}
	}()
	for _, f := range r.touched {
		if err := write(f.dir, f.rows); err != nil {
			return err
		}
	}
	return nil
}

// find gives the folder of the row whose key is r.key.
func (r *router) find(b *vec.Batch, row int) *folder {
	f := r.folders[string(r.key)]
	if f == nil {
		f = &folder{}
		for k, c := range r.columns {
			value := partitionText(b.Cols[c], row)
			f.dir = filepath.Join(f.dir, escape(r.names[k])+"="+escape(value))
		}
		r.folders[string(r.key)] = f
	}
	if len(f.rows) == 0 {
		r.touched = append(r.touched, f)
	}
	return f
}

// appendKey appends bytes that tell a column's values apart.
func appendKey(key []byte, v *vec.Vector, row int) []byte {
	if v.IsNull(row) {
		return append(key, 0)
	}
	start := len(key)
	key = appendPartition(append(key, 1), v, row)
	return binary.LittleEndian.AppendUint32(key, uint32(len(key)-start))
}

// partitionText gives the value as it stands in a path, before escaping.
func partitionText(v *vec.Vector, row int) string {
	if v.IsNull(row) {
		return nullPartition
	}
	if s := string(appendPartition(nil, v, row)); s != "" {
		return s
	}
	return nullPartition
}

func appendPartition(dst []byte, v *vec.Vector, row int) []byte {
	t := v.Type()
	switch v.Phys() {
	case vec.Bool:
		return strconv.AppendBool(dst, v.Bool(row))
	case vec.Int8:
		return strconv.AppendInt(dst, int64(vec.Values[int8](v)[row]), 10)
	case vec.Int16:
		return strconv.AppendInt(dst, int64(vec.Values[int16](v)[row]), 10)
	case vec.Int32:
		if t.Kind == types.Date {
			return text.AppendDate(dst, int64(vec.Values[int32](v)[row]))
		}
		return strconv.AppendInt(dst, int64(vec.Values[int32](v)[row]), 10)
	case vec.Int64:
		if t.Kind == types.Timestamp {
			return text.AppendTimestamp(dst, vec.Values[int64](v)[row], vec.UnitOf(t.Precision), 'T', civil.Least)
		}
		return strconv.AppendInt(dst, vec.Values[int64](v)[row], 10)
	case vec.Float32:
		return javatext.AppendDouble(dst, float64(vec.Values[float32](v)[row]), 32)
	case vec.Float64:
		return javatext.AppendDouble(dst, vec.Values[float64](v)[row], 64)
	case vec.Decimal:
		return decimal.Append(dst, vec.Values[vec.Dec128](v)[row], t.Scale)
	}
	return append(dst, v.Bytes(row)...)
}

// checkPartition refuses partition columns that a path cannot hold.
func checkPartition(t *connectors.Table, name string) error {
	for _, c := range t.Columns {
		if c.Name != name || c.Metadata != "" {
			continue
		}
		switch k := c.Type.Kind; {
		case k >= types.Boolean && k <= types.VarChar, k == types.Date, k == types.Timestamp:
			return nil
		}
		return diag.Errorf(diag.Span{}, "the table is PARTITIONED BY '%s' of type %s, which a path cannot hold", name, c.Type)
	}
	return diag.Errorf(diag.Span{}, "the table is PARTITIONED BY '%s', but has no such column", name)
}
