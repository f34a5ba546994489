package parquet

import (
	"fmt"
	"io"

	"github.com/apache/arrow-go/v18/parquet"
	"github.com/apache/arrow-go/v18/parquet/file"

	"github.com/weirstream/weir/connectors/format"
	"github.com/weirstream/weir/runtime/vec"
)

// reader reads a range of a file's rows.
type reader struct {
	name   string
	file   *file.Reader
	nodes  []*node // one a column
	leaves []leaf
	skims  []leaf

	row, to  int64 // of the file
	group    int   // the open row group
	groupEnd int64 // the row at which it ends; row == groupEnd where none is open
}

// openFile reads a file's metadata.
func openFile(in format.BulkInput) (f *file.Reader, err error) {
	defer guard("opening", in.Name, &err)
	props := parquet.NewReaderProperties(nil)
	props.BufferedStreamEnabled = true // memory for pages, not for whole row groups
	props.BufferSize = 1 << 18
	f, err = file.NewParquetReader(io.NewSectionReader(in.R, 0, in.Size), file.WithReadProps(props))
	if err != nil {
		return nil, fmt.Errorf("opening Parquet file %s: %w", in.Name, err)
	}
	rows := int64(0)
	for i := range f.NumRowGroups() {
		n := f.MetaData().RowGroup(i).NumRows()
		if n < 0 {
			return nil, fmt.Errorf("opening Parquet file %s: row group %d has %d rows", in.Name, i, n)
		}
		rows += n
	}
	if rows != f.NumRows() {
		return nil, fmt.Errorf("opening Parquet file %s: its row groups have %d rows, it should have %d", in.Name, rows, f.NumRows())
	}
	return f, nil
}

// blocks gives the first row of every row group.
func blocks(in format.BulkInput) ([]int64, error) {
	f, err := openFile(in)
	if err != nil {
		return nil, err
	}
	starts := make([]int64, 0, f.NumRowGroups())
	row := int64(0)
	for i := range f.NumRowGroups() {
		if n := f.MetaData().RowGroup(i).NumRows(); n > 0 {
			starts = append(starts, row)
			row += n
		}
	}
	if len(starts) == 0 {
		starts = append(starts, 0)
	}
	return starts, f.Close()
}

func openReader(req format.BulkRequest, s *settings) (r *reader, err error) {
	defer guard("opening", req.Input.Name, &err)
	f, err := openFile(req.Input)
	if err != nil {
		return nil, err
	}
	res := &resolver{settings: s, schema: f.MetaData().Schema}
	nodes, err := res.columns(req.Columns)
	if err != nil {
		return nil, fmt.Errorf("opening Parquet file %s: %w", req.Input.Name, err)
	}
	r = &reader{name: req.Input.Name, file: f, nodes: nodes, leaves: res.leaves, skims: res.skims, row: req.From, to: f.NumRows()}
	if req.To >= 0 {
		r.to = min(r.to, req.To)
	}
	if req.From < 0 || req.From > f.NumRows() {
		return nil, fmt.Errorf("opening Parquet file %s: row %d is asked for, it has %d", req.Input.Name, req.From, f.NumRows())
	}
	if err := r.enter(req); err != nil {
		return nil, fmt.Errorf("opening Parquet file %s: %w", req.Input.Name, err)
	}
	return r, nil
}

// enter goes to the row group that the first row is in, and to that row.
func (r *reader) enter(req format.BulkRequest) error {
	start := int64(0)
	for r.group < r.file.NumRowGroups() {
		end := start + r.file.MetaData().RowGroup(r.group).NumRows()
		if end > r.row {
			break
		}
		start = end
		r.group++
	}
	skip := r.row - start
	r.row, r.groupEnd = start, start
	if skip == 0 || r.row >= r.to {
		return nil
	}
	var schema vec.Schema
	for _, c := range req.Columns {
		schema = append(schema, vec.Field{Name: c.Name, Type: c.Type})
	}
	for dropped := vec.NewBatch(schema); skip > 0; dropped.Reset() {
		if err := r.read(dropped, int(min(skip, vec.DefaultBatchSize))); err != nil {
			return err
		}
		skip -= int64(dropped.Len())
	}
	return nil
}

// Read appends rows of one row group.
func (r *reader) Read(b *vec.Batch, limit int) (err error) {
	defer guard("reading", r.name, &err)
	if r.row >= r.to {
		return io.EOF
	}
	if err := r.read(b, limit); err != nil {
		return fmt.Errorf("reading Parquet file %s at row %d: %w", r.name, r.row, err)
	}
	return nil
}

func (r *reader) read(b *vec.Batch, limit int) error {
	for r.row == r.groupEnd {
		if err := r.openGroup(); err != nil {
			return err
		}
	}
	n := int(min(int64(limit), r.groupEnd-r.row, r.to-r.row))
	for _, l := range r.leaves {
		if err := l.load(n); err != nil {
			return err
		}
	}
	for _, l := range r.skims {
		if err := l.skim(); err != nil {
			return err
		}
	}
	for i, node := range r.nodes {
		if err := node.appendTo(b.Cols[i], n); err != nil {
			return err
		}
	}
	b.SetLen(b.Len() + n)
	r.row += int64(n)
	return nil
}

// openGroup opens the next row group; it may be empty.
func (r *reader) openGroup() error {
	if r.group >= r.file.NumRowGroups() {
		return errShort
	}
	g := r.file.RowGroup(r.group)
	for _, l := range r.leaves {
		c, err := g.Column(l.index())
		if err != nil {
			return err
		}
		if err := l.open(c); err != nil {
			return err
		}
	}
	r.group++
	r.groupEnd += g.NumRows()
	return nil
}

func (r *reader) Row() int64 { return r.row }

// Close releases the pages.
func (r *reader) Close() (err error) {
	defer guard("closing", r.name, &err)
	for _, l := range r.leaves {
		if cerr := l.close(); cerr != nil && err == nil {
			err = cerr
		}
	}
	if cerr := r.file.Close(); cerr != nil && err == nil {
		err = cerr
	}
	return err
}
