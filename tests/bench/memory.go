package main

import (
	"context"
	"fmt"
	"io"
	"math"
	"runtime"
	"strconv"
	"strings"
	"time"

	"github.com/weirstream/weir"
	"github.com/weirstream/weir/connectors"
	"github.com/weirstream/weir/runtime/vec"
	"github.com/weirstream/weir/runtime/vec/pages"
)

// memorySizes are numbers of keys, between which tables double their size: figures are the mean over them. memoryBase is what
// is taken off.
var memorySizes = []int{100_000, 126_000, 159_000}

const memoryBase = 1000

// measureMemory prints for each operator the bytes that are alive when all rows have come, by key.
func measureMemory(ctx context.Context, run string) error {
	fmt.Printf("%-44s %14s %24s\n", "operator", "bytes a key", "each further row of it")
	for _, c := range memoryCases {
		if !strings.Contains(c.name, run) {
			continue
		}
		one, err := c.bytesPerKey(ctx, 1)
		if err != nil {
			return fmt.Errorf("%s: %w", c.name, err)
		}
		if c.rows == 1 {
			fmt.Printf("%-44s %14d\n", c.name, int64(math.Round(one)))
			continue
		}
		all, err := c.bytesPerKey(ctx, c.rows)
		if err != nil {
			return fmt.Errorf("%s: %w", c.name, err)
		}
		fmt.Printf("%-44s %14d %24d\n", c.name, int64(math.Round(one)), int64(math.Round((all-one)/float64(c.rows-1))))
	}
	return nil
}

// bytesPerKey is what a key with some rows takes.
func (c memoryCase) bytesPerKey(ctx context.Context, rows int) (mean float64, err error) {
	base, err := c.bytes(ctx, memoryBase, rows)
	if err != nil {
		return 0, err
	}
	for _, keys := range memorySizes {
		all, err := c.bytes(ctx, keys, rows)
		if err != nil {
			return 0, err
		}
		mean += float64(all-base) / float64(keys-memoryBase) / float64(len(memorySizes))
	}
	return mean, nil
}

// bytes gives the bytes alive in the process when rows rows of each key have come.
func (c memoryCase) bytes(ctx context.Context, keys, rows int) (int64, error) {
	h := &held{keys: keys, rows: rows, every: c.every}
	sum, upserts := &checksum{}, &upsertSink{}
	env, err := weir.NewEnv(weir.WithParallelism(1), weir.WithConnector(h.connector("held", connectors.InsertOnly)),
		weir.WithConnector(h.connector("held-upserts", connectors.Upsert)), weir.WithConnector(sum.connector()), weir.WithConnector(upserts.connector()))
	if err != nil {
		return 0, err
	}
	sql := heldTables + "CREATE TABLE sums (" + c.out + ") WITH ('connector' = 'checksum');\nINSERT INTO sums " + c.query
	if c.sink != "" {
		sql = heldTables + c.sink + "\nINSERT INTO upserts " + c.query
	}
	res, err := env.ExecuteSQL(ctx, sql)
	if err != nil {
		return 0, err
	}
	if err := res.Job().Wait(ctx); err != nil {
		return 0, err
	}
	return h.alive, nil
}

// held is a table of random keys, each with as many rows as the others, one after the other, that says how much memory is in use
// when its end is read.
type held struct {
	keys, rows int
	every      int64 // milliseconds in which each key comes once
	alive      int64
}

const heldColumns = "(k BIGINT, v BIGINT, t TIMESTAMP(3), WATERMARK FOR t AS t%s) WITH ('connector' = 'held');\n"

// heldTables are rows whose watermark follows them (r), whose watermark never comes (w), and changes by key (u).
var heldTables = "CREATE TABLE r " + fmt.Sprintf(heldColumns, "") + "CREATE TABLE w " + fmt.Sprintf(heldColumns, " - INTERVAL '30' DAY") +
	"CREATE TABLE u (k BIGINT, v BIGINT, t TIMESTAMP(3), PRIMARY KEY (k) NOT ENFORCED) WITH ('connector' = 'held-upserts');\n"

func (h *held) connector(name string, changes connectors.ChangeSet) *connectors.Connector {
	return &connectors.Connector{Name: name, Source: func(*connectors.Table) (connectors.Source, error) { return heldSource{h, changes}, nil }}
}

type heldSource struct {
	*held
	changes connectors.ChangeSet
}

func (s heldSource) Bounded() bool                 { return true }
func (s heldSource) Changes() connectors.ChangeSet { return s.changes }
func (s heldSource) DiscoverEvery() time.Duration  { return 0 }
func (s heldSource) Concurrent() bool              { return false }
func (s heldSource) Splits(context.Context) ([]connectors.Split, error) {
	return []connectors.Split{{ID: "0"}}, nil
}

func (s heldSource) Open(_ context.Context, req connectors.ReadRequest) (connectors.Reader, error) {
	return &heldReader{held: s.held, columns: req.Columns}, nil
}

type heldReader struct {
	*held
	columns []connectors.Column
	next    int
}

func (r *heldReader) Read(b *vec.Batch, limit int) error {
	if r.next >= r.keys*r.rows {
		r.alive = alive()
		return io.EOF
	}
	end := min(r.next+limit, r.keys*r.rows)
	for i := r.next; i < end; i++ {
		for c, col := range r.columns {
			x := baseTime - baseTime%86_400_000 + int64(i)*r.every/int64(r.keys)
			switch col.Name {
			case "k":
				x = int64(random(uint64(i % r.keys)))
			case "v":
				x = int64(random(uint64(i)))
			}
			vec.Append(b.Cols[c], x)
		}
	}
	b.SetLen(b.Len() + end - r.next)
	r.next = end
	return nil
}

// alive gives the bytes of objects that are in use, and of memory beside the heap, once operators in other goroutines have taken what was sent to them.
func alive() int64 {
	time.Sleep(50 * time.Millisecond)
	runtime.GC()
	runtime.GC() // the first moves what sync.Pools hold aside, the second frees it

	// Blocks go behind a collection.
	for held := int64(-1); held != pages.Held(); time.Sleep(10 * time.Millisecond) {
		held = pages.Held()
		runtime.GC()
	}
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc) + pages.Held()
}

func (r *heldReader) Position() []byte { return []byte(strconv.Itoa(r.next)) }
func (r *heldReader) Close() error     { return nil }

// upsertSink is a checksum that takes changes by key.
type upsertSink struct{ checksum }

func (s *upsertSink) connector() *connectors.Connector {
	return &connectors.Connector{Name: "upserts", Sink: func(*connectors.Table) (connectors.Sink, error) { return s, nil }}
}

func (s *upsertSink) Accepts() connectors.ChangeSet { return connectors.Upsert }
