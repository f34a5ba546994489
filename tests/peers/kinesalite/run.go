// Package kinesalite measures `weir streams serve` beside kinesalite 3.3.3, Node's emulator of Kinesis, and beside
// a server that does nothing, in turns. Enter at Run.
//
// Each server is a process of its own; the clients are goroutines of this one that share a Go SDK client, set up in the same
// way for all three. The server that does nothing answers every request with the bytes that Weir answered
// first: no server can be faster for this client, so its rate bounds what the comparison can show.
package kinesalite

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"time"
)

// ErrMissing says that this machine lacks what kinesalite needs.
var ErrMissing = errors.New("cannot run kinesalite here")

// options are those of the command.
type options struct {
	each    time.Duration
	rounds  int
	latency int
	only    string
	clients int
}

func parseOptions(args []string) (*options, error) {
	o := &options{}
	f := flag.NewFlagSet("kinesis", flag.ContinueOnError)
	f.DurationVar(&o.each, "for", 3*time.Second, "how long a server is measured in a round")
	f.IntVar(&o.rounds, "rounds", 3, "rounds; the middle rate counts")
	f.IntVar(&o.latency, "latency", 4000, "puts whose times are measured one by one, and syncs of the disk; 0 leaves both out")
	f.StringVar(&o.only, "call", "", "only this call: PutRecords, PutRecord or GetRecords")
	f.IntVar(&o.clients, "clients", 0, "clients of each call, in place of what the table says")
	if err := f.Parse(args); err != nil {
		return nil, err
	}
	if o.each <= 0 || o.rounds < 1 || o.latency < 0 || o.clients < 0 {
		return nil, errors.New("-for and -rounds must be greater than 0, -latency and -clients at least 0")
	}
	if o.only != "" && !slices.ContainsFunc(workloads, func(w workload) bool { return w.call == o.only }) {
		return nil, fmt.Errorf("-call: there is no %q", o.only)
	}
	return o, nil
}

// Run measures, and prints tables to out.
func Run(ctx context.Context, args []string, out, log io.Writer) (err error) {
	o, err := parseOptions(args)
	if err != nil {
		return err
	}
	// The client's live heap is small, and the collector would run a hundred times a second.
	defer debug.SetGCPercent(debug.SetGCPercent(400))
	cache, err := os.UserCacheDir()
	if err != nil {
		return fmt.Errorf("%w: %w", ErrMissing, err)
	}
	in := installation{dir: filepath.Join(cache, "weir", "kinesalite-"+version)}
	if err := in.make(ctx, log); err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "weir-kinesis-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	weir, err := startWeir(ctx, dir)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, weir.stop()) }()
	peer, err := in.start(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, peer.stop()) }()
	c := &comparison{options: o, weir: weir, peer: peer}
	if err := c.rates(ctx, out); err != nil {
		return err
	}
	if o.latency == 0 {
		return nil
	}
	return c.latencies(ctx, dir, out)
}
