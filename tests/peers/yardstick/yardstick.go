// Package yardstick runs Nexmark's queries in Weir and in Flink over the same events, in
// turns, and compares what they cost and what they give. Enter at Run.
//
// For each query both engines first run it over a small input with its changelog printed:
// the folded results must have the same hash. Then each runs it into a blackhole: Flink a
// warm-up, a run over next to nothing, which is what starting a job costs, and the measured
// run; Weir, each time a process of its own, the last two. Figures leave that start-up
// out on both sides.
package yardstick

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/weirstream/weir/tests/bench/nexmark"
	"github.com/weirstream/weir/tests/peers/flink"
)

// options are those of the command.
type options struct {
	events, verify         int64
	queries, feeds, states []string
	workers                []int
	miniBatch, duckdb      bool
	cold                   bool
	rounds                 int
	limit, checkpoint      time.Duration
	heap, managed, memory  string
}

func parseOptions(args []string) (*options, error) {
	o := &options{}
	f := flag.NewFlagSet("yardstick", flag.ContinueOnError)
	f.Int64Var(&o.events, "events", 5_000_000, "events of a measured run: 1 in 50 a person, 3 an auction, 46 bids")
	f.Int64Var(&o.verify, "verify", 100_000, "events of the run whose results are compared")
	queries := f.String("queries", "", "such as q0,q1,tumble; all by default")
	feeds := f.String("feeds", "ndjson,generator", "where events come from")
	workers := f.String("workers", "1", "parallelism, and Flink's slots, such as 1,2")
	states := f.String("state", "hashmap", "Flink's state backends: hashmap,rocksdb")
	f.BoolVar(&o.miniBatch, "mini-batch", false, "let Flink merge updates: table.exec.mini-batch, 2 s, 50000 rows, two-phase aggregation")
	f.DurationVar(&o.checkpoint, "checkpoint", 0, "take checkpoints that often, such as 10s, on the local disk; none by default")
	f.BoolVar(&o.duckdb, "duckdb", true, "run DuckDB on the NDJSON too, where Python has it")
	f.BoolVar(&o.cold, "cold", true, "measure how long each engine takes from the start of its process to the end of a first job")
	f.IntVar(&o.rounds, "rounds", 1, "how often each engine makes a measured run, in turns: what the least of an engine's runs took counts")
	f.DurationVar(&o.limit, "limit", 3*time.Minute, "how long a run in Flink may take")
	f.StringVar(&o.heap, "heap", "4g", "the heap of Flink's JVM")
	f.StringVar(&o.managed, "managed", "512mb", "Flink's memory for RocksDB, of all slots")
	f.StringVar(&o.memory, "memory", "", "bound the memory of state in both, such as 128mb: Weir's --memory, and -managed")
	if err := f.Parse(args); err != nil {
		return nil, err
	}
	if o.memory != "" {
		o.managed = o.memory
	}
	if o.checkpoint < 0 || o.checkpoint%time.Millisecond != 0 {
		return nil, fmt.Errorf("-checkpoint: %s is no number of milliseconds", o.checkpoint)
	}
	if o.rounds < 1 {
		return nil, fmt.Errorf("-rounds: %d is no number of rounds", o.rounds)
	}
	o.feeds, o.states = strings.Split(*feeds, ","), strings.Split(*states, ",")
	if *queries != "" {
		o.queries = strings.Split(*queries, ",")
	}
	for _, w := range strings.Split(*workers, ",") {
		n, err := strconv.Atoi(w)
		if err != nil || n < 1 {
			return nil, fmt.Errorf("-workers: %q is no number of workers", w)
		}
		o.workers = append(o.workers, n)
	}
	for _, feed := range o.feeds {
		if feed != ndjson && feed != generator {
			return nil, fmt.Errorf("-feeds: there is no %q, only ndjson and generator", feed)
		}
	}
	for _, state := range o.states {
		if state != "hashmap" && state != "rocksdb" {
			return nil, fmt.Errorf("-state: there is no %q, only hashmap and rocksdb", state)
		}
	}
	return o, nil
}

// bench is the command under way.
type bench struct {
	*options
	weir    *weir
	flink   *flinkEngine
	queries []nexmark.Query
	out     io.Writer
	table   table
}

// Run measures, and prints a table to out and progress to log.
func Run(ctx context.Context, args []string, out, log io.Writer) (err error) {
	o, err := parseOptions(args)
	if err != nil {
		return err
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		return err
	}
	in, err := flink.Install(ctx, log)
	if err != nil {
		return err
	}
	b := &bench{options: o, out: out}
	if b.queries, err = chosen(o.queries); err != nil {
		return err
	}
	dir := filepath.Join(cache, "weir", "yardstick")
	if b.weir, err = buildWeir(ctx, dir); err != nil {
		return err
	}
	if b.cold {
		if err := b.start(ctx, in); err != nil {
			return err
		}
	}
	for _, workers := range o.workers {
		b.flink = &flinkEngine{in: in, options: flink.Options{Slots: workers, Memory: o.heap, Managed: o.managed}, limit: o.limit, checkpoints: filepath.Join(dir, "flink-checkpoints")}
		err := b.measureAll(ctx, setting{workers: workers, dir: dir}, log)
		if err = errors.Join(err, b.flink.close()); err != nil {
			return err
		}
	}
	b.table.print(out)
	return b.table.failure()
}

// chosen gives the queries of these names; all for none.
func chosen(names []string) ([]nexmark.Query, error) {
	all, err := nexmark.Queries()
	if err != nil || len(names) == 0 {
		return all, err
	}
	var out []nexmark.Query
	for _, name := range names {
		i := slices.IndexFunc(all, func(q nexmark.Query) bool { return q.Name == name })
		if i < 0 {
			return nil, fmt.Errorf("-queries: there is no %q", name)
		}
		out = append(out, all[i])
	}
	return out, nil
}

// measureAll measures with one number of workers.
func (b *bench) measureAll(ctx context.Context, s setting, log io.Writer) error {
	for _, s.feed = range b.feeds {
		for _, q := range b.queries {
			for _, s.state = range b.states {
				r, err := b.measure(ctx, q, s)
				if err != nil {
					return fmt.Errorf("%s, %s: %w", q.Name, s.feed, err)
				}
				b.table.rows = append(b.table.rows, r)
				fmt.Fprintln(log, r)
			}
		}
	}
	return nil
}

// measure runs a query in both engines. Where one of them cannot, the row says so.
func (b *bench) measure(ctx context.Context, q nexmark.Query, s setting) (row, error) {
	r := row{query: q.Name, setting: s, mini: b.miniBatch, checkpoint: b.checkpoint, memory: b.memory}
	if refused, err := b.compare(ctx, q, s, &r); refused || err != nil {
		return r, err
	}
	small, err := b.jobs(ctx, q, s, b.events/10)
	if err != nil {
		return r, err
	}
	none, err := b.jobs(ctx, q, s, roundOfEvents)
	if err != nil {
		return r, err
	}
	full, err := b.jobs(ctx, q, s, b.events)
	if err != nil {
		return r, err
	}
	r.rows = rowsRead(q, b.events)
	if _, err := b.flink.run(ctx, small); err != nil { // warms it up
		return r.inFlink(err)
	}
	if r.flinkStart, err = b.flink.run(ctx, none); err != nil {
		return r.inFlink(err)
	}
	if r.weirStart, err = b.weir.run(ctx, none); err != nil {
		return r, err
	}
	for round := range b.rounds {
		theirs, err := b.flink.run(ctx, full)
		if err != nil {
			return r.inFlink(err)
		}
		ours, err := b.weir.run(ctx, full)
		if err != nil {
			return r, err
		}
		if round == 0 {
			r.flink, r.weir = theirs, ours
			continue
		}
		r.flink, r.weir = r.flink.least(theirs), r.weir.least(ours)
	}
	if b.duckdb && s.feed == ndjson && s.workers == 1 && !r.mini && r.checkpoint == 0 {
		r.duck, err = runDuckDB(ctx, q, s.files(b.events))
	}
	return r, err
}

// compare runs a query over few events and compares the results. refused says that an engine does
// not run it.
func (b *bench) compare(ctx context.Context, q nexmark.Query, s setting, r *row) (refused bool, err error) {
	j, err := b.jobs(ctx, q, s, b.verify)
	if err != nil {
		return false, err
	}
	j.checkpoint = 0
	ours, message, err := b.weir.result(ctx, j)
	if err != nil {
		return false, err
	}
	if message != "" {
		r.note = "cannot run yet: " + message
		return true, nil
	}
	theirs, message, err := b.flink.result(ctx, j)
	if err != nil {
		return false, err
	}
	if message != "" {
		r.note = "Flink cannot run it: " + message
		return true, nil
	}
	r.result, r.differs = ours, q.Verify && (ours.hash != theirs.hash || ours.rows != theirs.rows)
	if !q.Verify {
		r.result.hash = 0
	}
	if r.differs {
		r.note = fmt.Sprintf("DIFFERENT RESULTS: Weir %s, Flink %s", ours, theirs)
	}
	return false, nil
}

// start measures each engine from the start of its process to the end of a first small job.
func (b *bench) start(ctx context.Context, in flink.Installation) error {
	s := setting{workers: 1, feed: generator, state: "hashmap"}
	q, err := chosen([]string{"tumble"})
	if err != nil {
		return err
	}
	j, err := b.jobs(ctx, q[0], s, roundOfEvents)
	if err != nil {
		return err
	}
	j.checkpoint = 0
	if b.table.weirStart, err = b.weir.run(ctx, j); err != nil {
		return err
	}
	cold := &flinkEngine{in: in, options: flink.Options{Slots: 1, Memory: b.heap, Managed: b.managed}, limit: b.limit, checkpoints: filepath.Join(b.weir.dir, "flink-checkpoints")}
	begin := time.Now()
	b.table.flinkStart, err = cold.run(ctx, j)
	b.table.flinkStart.wall = time.Since(begin)
	return errors.Join(err, cold.close())
}
