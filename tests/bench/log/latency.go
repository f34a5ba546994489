package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"sync"
	"time"

	"github.com/weirstream/weir"
	"github.com/weirstream/weir/connectors/shardlog"
	"github.com/weirstream/weir/connectors/stream"
)

const filter = `
CREATE TABLE readings (sent BIGINT, sensor STRING, degrees DOUBLE) WITH (
  'connector' = 'shardlog', 'path' = 'log', 'stream' = 'readings', 'format' = 'json'
);
SELECT sent, sensor, degrees FROM readings WHERE degrees > 20`

// latency puts records at a steady rate, ten at a time, into a stream that a running job reads, filters and gives to this program.
// Times count from the moment at which a put was due, whether the puts before it were done or not.
func latency(ctx context.Context, o options, dir string) (err error) {
	logs := new(stream.Logs)
	l, release, err := logs.Open(filepath.Join(dir, "log"))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, release()) }()
	st, err := l.Create(shardlog.Spec{Name: "readings"})
	if err != nil {
		return err
	}
	env, err := weir.NewEnv(weir.WithBaseDir(dir), weir.WithShardLogs(logs))
	if err != nil {
		return err
	}
	res, err := env.ExecuteSQL(ctx, filter)
	if err != nil {
		return err
	}
	p := producer{stream: st, begun: time.Now(), interval: time.Second * perPut / time.Duration(o.rate)}
	puts := int(o.length / p.interval)
	produced := make(chan error, 1)
	go func() { produced <- p.produce(ctx, puts) }()
	var results times
	for row, err := range res.Rows() {
		if err != nil {
			return err
		}
		results = append(results, time.Since(p.begun)-time.Duration(row.Values[0].(int64)))
		if len(results) == puts*perPut/2 {
			break
		}
	}
	if err := <-produced; err != nil {
		return err
	}
	fmt.Printf("%d records a second for %v, every second one passes the filter\n\n%-22s %8s %8s %8s\n", o.rate, o.length, "ms", "p50", "p99", "p99.9")
	fmt.Printf("%-22s %8.2f %8.2f %8.2f\n", "put", p.done.at(0.5), p.done.at(0.99), p.done.at(0.999))
	fmt.Printf("%-22s %8.2f %8.2f %8.2f\n", "put to row", results.at(0.5), results.at(0.99), results.at(0.999))
	fmt.Printf("%-22s %8.2f %8.2f %8.2f   bar of p99: 10\n", "more", results.at(0.5)-p.done.at(0.5), results.at(0.99)-p.done.at(0.99), results.at(0.999)-p.done.at(0.999))
	return nil
}

// perPut is how many records a put has.
const perPut = 10

// producer puts records at a steady rate.
type producer struct {
	stream   *shardlog.Stream
	begun    time.Time
	interval time.Duration

	mu   sync.Mutex
	done times
	err  error
}

func (p *producer) produce(ctx context.Context, puts int) error {
	var work sync.WaitGroup
	for i := range puts {
		due := time.Duration(i) * p.interval
		time.Sleep(due - time.Since(p.begun))
		work.Go(func() { p.put(ctx, due) })
	}
	work.Wait()
	return p.err
}

// put puts records that say when they were due.
func (p *producer) put(ctx context.Context, due time.Duration) {
	puts := make([]shardlog.Put, perPut)
	for i := range puts {
		puts[i] = shardlog.Put{
			Key:  fmt.Sprint("sensor-", i),
			Data: fmt.Appendf(nil, `{"sent":%d,"sensor":"sensor-%d","degrees":%d.5,"note":"%0120d"}`, due.Nanoseconds(), i, 20-i%2*10, 0),
		}
	}
	_, err := p.stream.Append(ctx, puts)
	took := time.Since(p.begun) - due
	p.mu.Lock()
	defer p.mu.Unlock()
	p.done = append(p.done, took)
	p.err = errors.Join(p.err, err)
}
