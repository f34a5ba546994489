package parquet

import (
	"fmt"
	"io"

	"github.com/apache/arrow-go/v18/parquet"
	"github.com/apache/arrow-go/v18/parquet/file"
	"github.com/apache/arrow-go/v18/parquet/schema"

	"github.com/weirstream/weir/connectors"
	"github.com/weirstream/weir/runtime/vec"
	"github.com/weirstream/weir/sql/types"
)

// columnWriter writes one leaf column of the file.
type columnWriter struct {
	shredder
	column int // of the batch
	encode encode
}

// columnWriters gives the writers of a column's leaves, in the order of the file's columns.
func (s *settings) columnWriters(column int, name string, t types.Type) []*columnWriter {
	var out []*columnWriter
	walkLeaves(t, shredder{name: name}, func(sh shredder, leaf types.Type) {
		out = append(out, &columnWriter{shredder: sh, column: column, encode: s.encoder(leaf)})
	})
	return out
}

// walkLeaves calls leaf with the path to each leaf of a type.
func walkLeaves(t types.Type, sh shredder, leaf func(shredder, types.Type)) {
	here := step{optional: !t.NotNull}
	if here.optional {
		sh.maxDef++
	}
	down := func(kind stepKind, child int, t types.Type) {
		next := sh
		here.kind, here.child = kind, child
		if kind == listStep {
			next.maxDef++
			next.maxRep++
			here.rep = next.maxRep
		}
		next.path = append(append([]step(nil), sh.path...), here)
		walkLeaves(t, next, leaf)
	}
	switch t.Kind {
	case types.Row, types.Structured:
		for i, f := range t.Fields {
			down(rowStep, i, f.Type)
		}
	case types.Array:
		down(listStep, 0, *t.Elem)
	case types.Map, types.Multiset:
		key, value := pairTypes(t)
		down(listStep, 0, key.WithoutNull())
		down(listStep, 1, value)
	default:
		sh.path = append(append([]step(nil), sh.path...), here)
		leaf(sh, t)
	}
}

// writer writes a file, a row group at a time, which it keeps in memory, encoded.
type writer struct {
	*settings
	file    *file.Writer
	group   file.BufferedRowGroupWriter // nil where none is open
	columns []*columnWriter
}

func newWriter(w io.Writer, root *schema.GroupNode, cols []connectors.Column, s *settings) (*writer, error) {
	props := parquet.NewWriterProperties(
		parquet.WithCreatedBy("weir"), parquet.WithCompression(s.codec), parquet.WithDictionaryDefault(s.dictionary),
		parquet.WithDataPageSize(s.pageSize), parquet.WithMaxRowGroupLength(1<<62))
	f, err := file.NewParquetWriterWithError(noClose{w}, root, file.WithWriterProps(props))
	if err != nil {
		return nil, fmt.Errorf("beginning a Parquet file: %w", err)
	}
	out := &writer{settings: s, file: f}
	for i, c := range cols {
		out.columns = append(out.columns, s.columnWriters(i, c.Name, c.Type)...)
	}
	return out, nil
}

// noClose keeps arrow-go from closing what is not its own.
type noClose struct{ io.Writer }

func (w *writer) Write(b *vec.Batch, sel []int32) (err error) {
	defer guard("writing", "", &err)
	if sel == nil {
		sel = b.Sel
	}
	if sel != nil && len(sel) == 0 || b.Len() == 0 {
		return nil
	}
	if w.group == nil {
		if w.group, err = w.file.AppendBufferedRowGroupChecked(); err != nil {
			return fmt.Errorf("beginning a row group: %w", err)
		}
	}
	for i, c := range w.columns {
		if err := w.writeColumn(i, c, b, sel); err != nil {
			return err
		}
	}
	size, err := w.groupSize()
	if err != nil || size < w.blockSize {
		return err
	}
	return w.endGroup()
}

func (w *writer) writeColumn(i int, c *columnWriter, b *vec.Batch, sel []int32) error {
	v := b.Cols[c.column]
	if err := c.run(v, sel, b.Len()); err != nil {
		return err
	}
	cw, err := w.group.Column(i)
	if err != nil {
		return fmt.Errorf("writing column '%s': %w", c.name, err)
	}
	var def, rep []int16
	if c.maxDef > 0 {
		def = c.def
	}
	if c.maxRep > 0 {
		rep = c.rep
	}
	if err := c.encode(cw, c.leafVector(v), c.at, def, rep); err != nil {
		return fmt.Errorf("writing column '%s': %w", c.name, err)
	}
	return nil
}

// groupSize gives about how many bytes the open row group has: its pages, and what is not in
// pages yet.
func (w *writer) groupSize() (int64, error) {
	if w.group == nil {
		return 0, nil
	}
	size := w.group.TotalBytesWritten()
	for i := range w.columns {
		c, err := w.group.Column(i)
		if err != nil {
			return 0, err
		}
		size += c.CurrentEncoder().EstimatedDataEncodedSize()
	}
	return size, nil
}

func (w *writer) endGroup() error {
	g := w.group
	w.group = nil
	if err := g.Close(); err != nil {
		return fmt.Errorf("ending a row group: %w", err)
	}
	return nil
}

func (w *writer) Size() int64 {
	size, err := w.groupSize()
	if err != nil { // of a column that does not exist, which Write would have reported
		return w.file.TotalBytesWritten()
	}
	return w.file.TotalBytesWritten() + size
}

// Close writes the last row group and the footer.
func (w *writer) Close() (err error) {
	defer guard("ending", "", &err)
	if w.group != nil {
		if err := w.endGroup(); err != nil {
			return err
		}
	}
	if err := w.file.Close(); err != nil {
		return fmt.Errorf("ending a Parquet file: %w", err)
	}
	return nil
}
