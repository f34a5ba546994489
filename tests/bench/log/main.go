// Command log measures the shard log against the disk: appends and reads beside a plain file with the same syncs, the time
// from a put to a row of a running job, and what many streams, many shards and much retention cost.
//
//	go run ./tests/bench/log                  everything
//	go run ./tests/bench/log -run latency     one of append, read, latency, streams, shards, retention
//
// Figures that belong together are measured in turns, in one run. Enter at measurements.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/weirstream/weir/connectors/shardlog"
)

// measurements are what there is to measure, each in a folder of its own.
var measurements = []struct {
	name string
	run  func(ctx context.Context, o options, dir string) error
}{
	{"append", appends},
	{"read", reads},
	{"latency", latency},
	{"streams", streams},
	{"shards", shards},
	{"retention", retention},
}

type options struct {
	run    string
	dir    string
	rate   int
	length time.Duration
}

func main() {
	var o options
	flag.StringVar(&o.run, "run", "", "only this measurement")
	flag.StringVar(&o.dir, "dir", "", "a folder on the disk to measure; the system's temporary folder by default")
	flag.IntVar(&o.rate, "rate", 10_000, "latency: records a second")
	flag.DurationVar(&o.length, "for", 15*time.Second, "latency: how long")
	flag.Parse()
	if err := run(context.Background(), o); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, o options) error {
	found := false
	for _, m := range measurements {
		if o.run != "" && o.run != m.name {
			continue
		}
		found = true
		fmt.Printf("\n%s\n\n", m.name)
		if err := inFolder(o.dir, func(dir string) error { return m.run(ctx, o, dir) }); err != nil {
			return fmt.Errorf("%s: %w", m.name, err)
		}
	}
	if !found {
		return fmt.Errorf("-run: there is no %q", o.run)
	}
	return nil
}

// inFolder runs f in a new folder below parent, and removes it.
func inFolder(parent string, f func(dir string) error) (err error) {
	dir, err := os.MkdirTemp(parent, "weir-log-")
	if err != nil {
		return err
	}
	defer func() {
		if rerr := os.RemoveAll(dir); err == nil {
			err = rerr
		}
	}()
	return f(dir)
}

// withLog runs f with the log in a folder.
func withLog(dir string, o shardlog.Options, f func(*shardlog.Log) error) (err error) {
	l, err := shardlog.Open(dir, o)
	if err != nil {
		return err
	}
	defer func() {
		if cerr := l.Close(); err == nil {
			err = cerr
		}
	}()
	return f(l)
}

// withStream is withLog with a new stream.
func withStream(dir string, shards int, o shardlog.Options, f func(*shardlog.Stream) error) error {
	return withLog(filepath.Join(dir, "log"), o, func(l *shardlog.Log) error {
		st, err := l.Create(shardlog.Spec{Name: "bench", Shards: shards})
		if err != nil {
			return err
		}
		return f(st)
	})
}

const recordSize = 200

// batch makes n records with keys of their own.
func batch(n int) []shardlog.Put {
	puts := make([]shardlog.Put, n)
	for i := range puts {
		puts[i] = shardlog.Put{Key: fmt.Sprint("key-", i), Data: make([]byte, recordSize)}
	}
	return puts
}

// times are durations of single calls.
type times []time.Duration

// at gives the quantile q in milliseconds.
func (t times) at(q float64) float64 {
	if len(t) == 0 {
		return 0
	}
	slices.Sort(t)
	return float64(t[min(int(q*float64(len(t))), len(t)-1)].Microseconds()) / 1000
}
