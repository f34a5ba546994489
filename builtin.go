package weir

import (
	"io"
	"os"
	"slices"
	"sync/atomic"

	"github.com/weirstream/weir/connectors"
	"github.com/weirstream/weir/connectors/blackhole"
	"github.com/weirstream/weir/connectors/datagen"
	"github.com/weirstream/weir/connectors/filesystem"
	"github.com/weirstream/weir/connectors/format"
	"github.com/weirstream/weir/connectors/format/cdc"
	"github.com/weirstream/weir/connectors/format/csv"
	"github.com/weirstream/weir/connectors/format/json"
	"github.com/weirstream/weir/connectors/format/parquet"
	"github.com/weirstream/weir/connectors/format/raw"
	"github.com/weirstream/weir/connectors/nexmark"
	"github.com/weirstream/weir/connectors/print"
	"github.com/weirstream/weir/connectors/stream"
	"github.com/weirstream/weir/planner"
	"github.com/weirstream/weir/runtime/agg"
	"github.com/weirstream/weir/udf"
)

// formats lists the formats that connectors may use.
func formats() format.List {
	return append(format.List{json.Format(), csv.Format(), raw.Format(), parquet.Format()}, cdc.Formats()...)
}

// builtinConnectors lists the connectors that come with Weir.
func builtinConnectors(in io.Reader, out, err io.Writer, logs *stream.Logs) []connectors.Connector {
	return []connectors.Connector{
		filesystem.Connector(formats(), in), datagen.Connector(), nexmark.Connector(),
		print.Connector(out, err), blackhole.Connector(new(atomic.Int64)),
		stream.ShardLog(formats(), logs), stream.Kinesis(formats()),
	}
}

// Connectors lists the connectors that come with Weir, with their options.
func Connectors() []connectors.Connector {
	return builtinConnectors(os.Stdin, os.Stdout, os.Stderr, &stream.Logs{})
}

// Functions lists the scalar functions that come with Weir, sorted by name.
func Functions() []*udf.Func {
	reg := udf.Builtins()
	seen := map[*udf.Func]bool{}
	var out []*udf.Func
	for _, name := range reg.Names() {
		if f := reg.Lookup(name); !seen[f] {
			seen[f] = true
			out = append(out, f)
		}
	}
	return out
}

// plannerEnv gives the planner what exists in this session.
func (e *Env) plannerEnv() planner.Env {
	functions := udf.Builtins()
	for _, f := range e.cfg.functions {
		functions.Add(guarded(f))
	}
	var conns []*connectors.Connector
	for _, c := range builtinConnectors(e.cfg.stdin, e.cfg.stdout, e.cfg.stderr, e.cfg.logs) {
		conns = append(conns, &c)
	}
	conns = append(conns, e.goTablesConnector())
	return planner.Env{
		Functions: functions, Aggregates: agg.Builtins(), Connectors: slices.Concat(conns, e.cfg.connectors),
		BaseDir: e.cfg.baseDir, Parallelism: e.cfg.parallelism, BatchSize: e.cfg.batchSize,
	}
}
