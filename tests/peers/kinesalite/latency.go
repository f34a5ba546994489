package kinesalite

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"time"
)

// latencyBlock is how many puts, and then syncs, are measured in a row: both must meet the same moments of the disk.
const latencyBlock = 100

// latencies measures single puts into Weir, one after the other, beside syncs of a file in the same file
// system that grows by as much, and prints both.
func (c *comparison) latencies(ctx context.Context, dir string, out io.Writer) (err error) {
	client := newClient(c.weir.addr, nil)
	if _, err := workloads[1].newStream(ctx, client); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, deleteStream(context.WithoutCancel(ctx), client)) }()
	f, err := os.Create(filepath.Join(dir, "plain"))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	line := make([]byte, recordSize+50)
	var puts, syncs []time.Duration
	for len(puts) < c.latency {
		for range latencyBlock {
			began := time.Now()
			if _, err := putRecord(ctx, client, nil); err != nil {
				return err
			}
			puts = append(puts, time.Since(began))
		}
		for range latencyBlock {
			began := time.Now()
			if _, err := f.Write(line); err != nil {
				return err
			}
			if err := f.Sync(); err != nil {
				return err
			}
			syncs = append(syncs, time.Since(began))
		}
	}
	_, err = fmt.Fprintf(out, "\nOne client, one after the other, %d of each, in ms:\n\n| | p50 | p90 | p99 | p99.9 |\n|---|---|---|---|---|\n| PutRecord | %s |\n| write and fsync of a plain file | %s |\n\np99 of a put is %.1f times a sync's median, and %.1f times its p99 (bar: 3).\n",
		len(puts), quantiles(puts), quantiles(syncs), ratio(quantile(puts, 0.99), quantile(syncs, 0.5)), ratio(quantile(puts, 0.99), quantile(syncs, 0.99)))
	return err
}

// quantiles sorts the times and gives the four columns.
func quantiles(times []time.Duration) string {
	slices.Sort(times)
	ms := func(q float64) float64 { return float64(quantile(times, q).Microseconds()) / 1000 }
	return fmt.Sprintf("%.2f | %.2f | %.2f | %.2f", ms(0.5), ms(0.9), ms(0.99), ms(0.999))
}

// quantile is of sorted times.
func quantile(sorted []time.Duration, q float64) time.Duration {
	return sorted[min(int(q*float64(len(sorted))), len(sorted)-1)]
}

func ratio(a, b time.Duration) float64 { return float64(a) / float64(b) }
