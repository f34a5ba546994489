package examples

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/weirstream/weir"
	"github.com/weirstream/weir/connectors/shardlog"
	"github.com/weirstream/weir/connectors/shardlog/kinesis"
)

// serveStreams serves an empty log with the stream 'orders', as `weir streams serve` does.
func serveStreams(t *testing.T) (log *shardlog.Log, addr string) {
	t.Helper()
	log, err := shardlog.Open(t.TempDir(), shardlog.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := log.Create(shardlog.Spec{Name: "orders", Shards: 2}); err != nil {
		t.Fatal(err)
	}
	s, err := kinesis.New(log, kinesis.Config{Credentials: map[string]string{"me": "secret"}})
	if err != nil {
		t.Fatal(err)
	}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error)
	go func() { done <- s.Serve(ctx, ln, 10*time.Second) }()
	t.Cleanup(func() {
		cancel()
		if err := errors.Join(<-done, log.Close()); err != nil {
			t.Error(err)
		}
	})
	return log, ln.Addr().String()
}

// Two sessions that share nothing but the endpoint: one follows the stream while the other writes it and
// its shards are split. The totals are those of the rows that were made.
func TestBus(t *testing.T) {
	t.Setenv("AWS_ACCESS_KEY_ID", "me")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "secret")
	log, addr := serveStreams(t)
	script := func(name string) string {
		sql, err := os.ReadFile("bus/" + name)
		if err != nil {
			t.Fatal(err)
		}
		return strings.ReplaceAll(string(sql), "127.0.0.1:4566", addr)
	}
	session := func() *weir.Env {
		env, err := weir.NewEnv()
		if err != nil {
			t.Fatal(err)
		}
		return env
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	totals, err := session().ExecuteSQL(ctx, strings.Replace(script("totals.sql"), "'format' = 'json'", "'format' = 'json', 'source.shard.discovery.interval' = '10 ms'", 1))
	if err != nil {
		t.Fatal(err)
	}
	writer := session()
	orders := func() {
		res, err := writer.ExecuteSQL(t.Context(), script("orders.sql"))
		if err != nil {
			t.Fatal(err)
		}
		if err := res.Job().Wait(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	orders()
	st, err := log.Stream("orders")
	if err != nil {
		t.Fatal(err)
	}
	if err := st.Scale(4); err != nil {
		t.Fatal(err)
	}
	writer = session()
	orders()

	want := map[string]string{}
	res, err := writer.ExecuteSQL(t.Context(), "SELECT customer, COUNT(*) * 2, SUM(cents) * 2, MAX(cents) FROM generator GROUP BY customer")
	if err != nil {
		t.Fatal(err)
	}
	for row, err := range res.Rows() {
		if err != nil {
			t.Fatal(err)
		}
		want[fmt.Sprintf("customer-%v", row.Values[0])] = fmt.Sprintf("%v %v %v", row.Values[1], row.Values[2], row.Values[3])
	}
	got := map[string]string{}
	for row, err := range totals.Rows() {
		if err != nil {
			t.Fatal(err)
		}
		cents := func(i int) string { return strings.Replace(row.Values[i].(weir.Decimal).String(), ".", "", 1) }
		got[row.Values[0].(string)] = fmt.Sprintf("%v %s %s", row.Values[1], cents(2), cents(3))
		if cmp.Equal(got, want) {
			return
		}
		if n := row.Values[1].(int64); n > 500 {
			t.Fatalf("more orders than were made: %v", row)
		}
	}
	t.Error(cmp.Diff(want, got))
}
