package weir

import (
	"context"
	"fmt"
	"reflect"
	"strings"

	"github.com/weirstream/weir/connectors"
	"github.com/weirstream/weir/sql/types"
)

// goConnector is the connector of tables that Go code brings along. Their WITH options hold
// only a key into Env.goTables.
const goConnector = "go"

// goTable is one such table; source or sink is set.
type goTable struct {
	source connectors.Source
	sink   connectors.Sink
}

// TableOption refines a table made from Go values.
type TableOption func(*goTableSpec)

type goTableSpec struct {
	watermark  string
	primaryKey []string
	columns    []string // computed columns, as SQL
}

// WithWatermark makes a column the table's event time: its watermark is the SQL
// expression, for example WithWatermark("ts", "ts - INTERVAL '5' SECOND").
func WithWatermark(column, expr string) TableOption {
	return func(s *goTableSpec) { s.watermark = "WATERMARK FOR " + types.QuoteIdent(column) + " AS " + expr }
}

// WithComputedColumn adds a column that is computed from the others, for example
// WithComputedColumn("proc", "PROCTIME()").
func WithComputedColumn(name, expr string) TableOption {
	return func(s *goTableSpec) { s.columns = append(s.columns, types.QuoteIdent(name)+" AS "+expr) }
}

// WithPrimaryKey declares the columns that identify a row: a sink with a primary key takes
// upserts and deletes.
func WithPrimaryKey(columns ...string) TableOption {
	return func(s *goTableSpec) { s.primaryKey = columns }
}

// FromSlice makes a bounded table of rows. T is a struct; its exported fields are the
// columns, named as the tag `weir:"name"` says, or else by the field's name with its first
// letter in lower case. Field types map as follows, pointers to them admit NULL:
//
//	bool BOOLEAN, int8 TINYINT, int16 SMALLINT, int32 INT, int and int64 BIGINT,
//	float32 FLOAT, float64 DOUBLE, string STRING, []byte BYTES,
//	time.Time TIMESTAMP_LTZ(3), time.Duration INTERVAL DAY TO SECOND
//
// The tag `weir:"name,TIMESTAMP(3)"` asks for another type of the same Go value.
func FromSlice[T any](e *Env, name string, rows []T, opts ...TableOption) error {
	rec, err := recordOf(reflect.TypeFor[T]())
	if err != nil {
		return fmt.Errorf("making table %s: %w", name, err)
	}
	return e.addGoTable(name, rec, goTable{source: &sliceSource[T]{rows: rows, rec: rec}}, opts)
}

// FromChannel makes a table of the rows that come out of a channel; it is unbounded until
// the channel is closed. A job reads the channel only as fast as it works. See FromSlice for T.
func FromChannel[T any](e *Env, name string, rows <-chan T, opts ...TableOption) error {
	rec, err := recordOf(reflect.TypeFor[T]())
	if err != nil {
		return fmt.Errorf("making table %s: %w", name, err)
	}
	return e.addGoTable(name, rec, goTable{source: &channelSource[T]{rows: rows, rec: rec}}, opts)
}

// Change is a row of a changelog as a struct.
type Change[T any] struct {
	Kind ChangeKind
	Row  T
}

// ToChannel makes a table that can be inserted into: its rows go to the channel, which is not
// closed. A job waits while the channel is full. See FromSlice for T.
func ToChannel[T any](e *Env, name string, rows chan<- Change[T], opts ...TableOption) error {
	rec, err := recordOf(reflect.TypeFor[T]())
	if err != nil {
		return fmt.Errorf("making table %s: %w", name, err)
	}
	spec := newGoTableSpec(opts)
	return e.addGoTable(name, rec, goTable{sink: &channelSink[T]{rows: rows, rec: rec, upsert: len(spec.primaryKey) > 0}}, opts)
}

func newGoTableSpec(opts []TableOption) goTableSpec {
	var spec goTableSpec
	for _, o := range opts {
		o(&spec)
	}
	return spec
}

// addGoTable defines the table by SQL, so that it is checked and bound as any other.
func (e *Env) addGoTable(name string, rec *record, t goTable, opts []TableOption) error {
	key := fmt.Sprint(len(e.goTables))
	e.goTables[key] = t
	spec := newGoTableSpec(opts)
	var parts []string
	for _, f := range rec.fields {
		parts = append(parts, types.QuoteIdent(f.name)+" "+f.typ.String())
	}
	parts = append(parts, spec.columns...)
	if spec.watermark != "" {
		parts = append(parts, spec.watermark)
	}
	if len(spec.primaryKey) > 0 {
		quoted := make([]string, len(spec.primaryKey))
		for i, c := range spec.primaryKey {
			quoted[i] = types.QuoteIdent(c)
		}
		parts = append(parts, "PRIMARY KEY ("+strings.Join(quoted, ", ")+") NOT ENFORCED")
	}
	sql := fmt.Sprintf("CREATE TEMPORARY TABLE %s (%s) WITH ('connector' = '%s', 'table' = '%s')", types.QuoteIdent(name), strings.Join(parts, ", "), goConnector, key)
	_, err := e.ExecuteSQL(context.Background(), sql)
	return err
}

// goTablesConnector finds the tables of addGoTable.
func (e *Env) goTablesConnector() *connectors.Connector {
	find := func(t *connectors.Table) goTable { return e.goTables[t.Options.Get("table")] }
	return &connectors.Connector{
		Name:    goConnector,
		Doc:     "Tables of the Go program that embeds Weir.",
		Options: []connectors.Option{{Key: "table", Type: connectors.StringOption, Required: true, Doc: "set by FromSlice, FromChannel and ToChannel"}},
		Source: func(t *connectors.Table) (connectors.Source, error) {
			if s := find(t).source; s != nil {
				return s, nil
			}
			return nil, fmt.Errorf("the table %s can only be written", t.Name)
		},
		Sink: func(t *connectors.Table) (connectors.Sink, error) {
			if s := find(t).sink; s != nil {
				return s, nil
			}
			return nil, fmt.Errorf("the table %s can only be read", t.Name)
		},
	}
}
