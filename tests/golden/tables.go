package golden

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/weirstream/weir"
	"github.com/weirstream/weir/connectors"
	"github.com/weirstream/weir/connectors/format"
	"github.com/weirstream/weir/connectors/format/json"
	"github.com/weirstream/weir/runtime/vec"
	"github.com/weirstream/weir/sql/types"
)

// Connectors that stand in for a table's own: inputs read a case's rows, outputs record
// what a job writes.
const (
	inputConnector  = "golden-input"
	outputConnector = "golden-output"
)

// inputs is the connector of input sections. The option "table" names the table.
func inputs(c *Case, r *run) *connectors.Connector {
	return &connectors.Connector{
		Name: inputConnector,
		Doc:  "The rows of an input section.",
		Options: []connectors.Option{
			{Key: "table", Type: connectors.StringOption, Required: true, Doc: "the sections' table"},
			{Key: "changelog", Type: connectors.BoolOption, Doc: "whether there are rows other than inserts"},
		},
		Source: func(t *connectors.Table) (connectors.Source, error) {
			for _, s := range c.sections("input") {
				if s.Arg != t.Options.Get("table") {
					continue
				}
				if err := s.namesColumns(t.Columns); err != nil {
					return nil, err
				}
			}
			table := t.Options.Get("table")
			rows, err := c.input(table)
			if err != nil {
				return nil, err
			}
			decoding, err := json.Format().Decoding(format.Config{Options: connectors.NewOptions(nil, nil), Columns: t.Columns, Zone: t.Zone})
			if err != nil {
				return nil, err
			}
			changes := connectors.InsertOnly
			if t.Options.Has("changelog") {
				changes = connectors.Retract
			}
			if upserts(rows) && len(t.PrimaryKey) > 0 {
				changes = connectors.Upsert
			}
			return &inputSource{table: table, rows: rows, run: r, decoding: decoding, changes: changes}, nil
		},
	}
}

// upserts reports whether rows are changes by key: +U comes without -U. A table with a primary key reads them as such.
func upserts(rows []inputRow) bool {
	has := func(kind string) bool {
		return slices.ContainsFunc(rows, func(r inputRow) bool { return r.kind == kind })
	}
	return has("+U") && !has("-U")
}

// input gives a table's rows.
func (c *Case) input(table string) (rows []inputRow, err error) {
	for _, s := range c.sections("input") {
		if s.Arg != table {
			continue
		}
		more, err := s.inputRows()
		if err != nil {
			return nil, err
		}
		rows = append(rows, more...)
	}
	return rows, nil
}

// inputSource is one split: the rows in order.
type inputSource struct {
	table    string
	rows     []inputRow
	run      *run
	decoding *format.Decoding
	changes  connectors.ChangeSet
}

func (s *inputSource) Bounded() bool                 { return true }
func (s *inputSource) Changes() connectors.ChangeSet { return s.changes }
func (s *inputSource) DiscoverEvery() time.Duration  { return 0 }
func (s *inputSource) Concurrent() bool              { return false }

func (s *inputSource) Splits(context.Context) ([]connectors.Split, error) {
	s.run.begin(s)
	return []connectors.Split{{ID: "rows"}}, nil
}

func (s *inputSource) Open(_ context.Context, r connectors.ReadRequest) (connectors.Reader, error) {
	next := 0
	if r.Position != nil {
		var err error
		if next, err = strconv.Atoi(string(r.Position)); err != nil {
			return nil, fmt.Errorf("restoring the input's position: %w", err)
		}
	}
	if o := s.run.order; o != nil {
		o.waits(r.Wake)
	}
	decoder, err := s.decoding.NewDecoder(format.DecodeRequest{Columns: r.Columns})
	return &inputReader{source: s, decoder: decoder, next: next}, err
}

type inputReader struct {
	source  *inputSource
	decoder format.Decoder
	next    int
}

func (r *inputReader) Read(b *vec.Batch, limit int) error {
	end, over := r.source.run.until(r.source, r.next)
	if r.next == end {
		switch {
		case !over:
		case r.source.run.last:
			return io.EOF
		default:
			r.source.run.reached(r.source)
		}
		return connectors.ErrNoData
	}
	for ; limit > 0 && r.next < end; limit-- {
		row := r.source.rows[r.next]
		kind, err := changeKind(row.kind)
		if err == nil {
			err = r.decoder.DecodeMessage(row.json, b)
		}
		if err != nil {
			return fmt.Errorf("line %d: %w", row.line, err)
		}
		if kind != vec.Insert || b.Kinds != nil {
			b.EnsureKinds()[b.Len()-1] = kind
		}
		r.next++
	}
	return nil
}

func (r *inputReader) Position() []byte { return []byte(strconv.Itoa(r.next)) }
func (r *inputReader) Close() error     { return nil }

func changeKind(s string) (vec.ChangeKind, error) {
	for k := vec.Insert; k <= vec.Delete; k++ {
		if k.String() == s {
			return k, nil
		}
	}
	return 0, fmt.Errorf("'%s' is no change kind: use +I, -U, +U or -D", s)
}

// changelog is what a query or a sink gave.
type changelog struct {
	mu      sync.Mutex
	columns []string // "name TYPE"
	rows    []changeRow
	format  *weir.Formatter
	// upsertKey are the key columns of a sink that has a primary key.
	upsertKey []int
}

type changeRow struct {
	kind  vec.ChangeKind
	cells []string
}

func (l *changelog) setColumns(names []string, typs []types.Type) {
	l.columns = l.columns[:0]
	for i, n := range names {
		l.columns = append(l.columns, n+" "+typs[i].String())
	}
}

// add records a batch.
func (l *changelog) add(b *vec.Batch) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	for k := range b.Rows() {
		i := k
		if b.Sel != nil {
			i = int(b.Sel[k])
		}
		row := changeRow{kind: b.Kind(i), cells: make([]string, len(b.Cols))}
		for c, v := range b.Cols {
			text, err := l.format.Text(v, i)
			if err != nil {
				return err
			}
			row.cells[c] = text
			if !v.IsNull(i) && (text == "" || v.Type().IsString()) {
				row.cells[c] = quoteCell(text)
			}
		}
		l.rows = append(l.rows, row)
	}
	return nil
}

// outputs is the connector of recorded sinks; the option "table" names the log.
func outputs(logs map[string]*changelog) *connectors.Connector {
	return &connectors.Connector{
		Name:    outputConnector,
		Doc:     "Records what a job writes.",
		Options: []connectors.Option{{Key: "table", Type: connectors.StringOption, Required: true, Doc: "the section's table"}},
		Sink: func(t *connectors.Table) (connectors.Sink, error) {
			log := logs[t.Options.Get("table")]
			names := make([]string, len(t.Columns))
			typs := make([]types.Type, len(t.Columns))
			log.upsertKey, log.format = nil, weir.NewFormatter(t.Zone)
			for i, c := range t.Columns {
				names[i], typs[i] = c.Name, c.Type
				for _, k := range t.PrimaryKey {
					if k == c.Name {
						log.upsertKey = append(log.upsertKey, i)
					}
				}
			}
			log.setColumns(names, typs)
			return &outputSink{log}, nil
		},
	}
}

type outputSink struct{ log *changelog }

func (s *outputSink) Accepts() connectors.ChangeSet {
	if s.log.upsertKey != nil {
		return connectors.Upsert
	}
	return connectors.Retract
}
func (s *outputSink) Guarantee() connectors.Guarantee        { return connectors.NoGuarantee }
func (s *outputSink) Commit(context.Context, [][]byte) error { return nil }

func (s *outputSink) Open(context.Context, connectors.WriteRequest) (connectors.Writer, error) {
	return &outputWriter{s.log}, nil
}

type outputWriter struct{ log *changelog }

func (w *outputWriter) Write(b *vec.Batch) error       { return w.log.add(b) }
func (w *outputWriter) Prepare(bool) ([][]byte, error) { return nil, nil }
func (w *outputWriter) Close() error                   { return nil }
