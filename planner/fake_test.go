package planner

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/weirstream/weir/connectors"
	"github.com/weirstream/weir/sql/types"
)

// fake is a connector for plans that are never run. The options 'changes' and 'accepts'
// (append, retract, upsert) say what its tables give and take.
func fake() *connectors.Connector {
	return &connectors.Connector{
		Name: "fake", NestedProjection: true,
		Options: []connectors.Option{
			{Key: "path", Type: connectors.StringOption, Required: true, Doc: "where it is"},
			{Key: "changes", Type: connectors.EnumOption, Values: []string{"append", "retract", "upsert"}},
			{Key: "accepts", Type: connectors.EnumOption, Values: []string{"append", "retract", "upsert"}},
			{Key: "rows", Type: connectors.IntOption},
			{Key: "fields.#.kind", Type: connectors.StringOption},
			{Key: "properties.*", Type: connectors.StringOption},
		},
		Metadata: []connectors.Metadata{
			{Key: "offset", Type: types.New(types.BigInt).WithoutNull()},
			{Key: "timestamp", Type: types.TimestampLTZOf(3).WithoutNull(), Writable: true},
		},
		Source: func(t *connectors.Table) (connectors.Source, error) { return fakeSource{changes(t, "changes")}, nil },
		Sink:   func(t *connectors.Table) (connectors.Sink, error) { return fakeSink{changes(t, "accepts")}, nil },
	}
}

// readOnly can only be read.
func readOnly() *connectors.Connector {
	return &connectors.Connector{
		Name:   "readonly",
		Source: func(*connectors.Table) (connectors.Source, error) { return fakeSource{connectors.InsertOnly}, nil },
	}
}

func changes(t *connectors.Table, key string) connectors.ChangeSet {
	switch strings.ToLower(t.Options.Get(key)) {
	case "retract":
		return connectors.Retract
	case "upsert":
		return connectors.Upsert
	}
	return connectors.InsertOnly
}

var errNotRun = errors.New("a fake is not run")

type fakeSource struct{ changes connectors.ChangeSet }

func (fakeSource) Bounded() bool                                      { return true }
func (s fakeSource) Changes() connectors.ChangeSet                    { return s.changes }
func (fakeSource) Splits(context.Context) ([]connectors.Split, error) { return nil, nil }
func (fakeSource) DiscoverEvery() time.Duration                       { return 0 }
func (fakeSource) Concurrent() bool                                   { return false }
func (fakeSource) Open(context.Context, connectors.ReadRequest) (connectors.Reader, error) {
	return nil, errNotRun
}

type fakeSink struct{ accepts connectors.ChangeSet }

func (s fakeSink) Accepts() connectors.ChangeSet        { return s.accepts }
func (fakeSink) Guarantee() connectors.Guarantee        { return connectors.NoGuarantee }
func (fakeSink) Commit(context.Context, [][]byte) error { return nil }
func (fakeSink) Open(context.Context, connectors.WriteRequest) (connectors.Writer, error) {
	return nil, errNotRun
}
