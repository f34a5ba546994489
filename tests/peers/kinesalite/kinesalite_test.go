package kinesalite

import (
	"bufio"
	"context"
	"io"
	"strings"
	"testing"
	"time"
)

// The server that does nothing answers a client's calls on a kept connection with its bytes, whatever the requests' size.
func TestNull(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	in, out := io.Pipe()
	done := make(chan error, 1)
	go func() { done <- Null(ctx, strings.NewReader(`{"SequenceNumber":"1"}`), out) }()
	line, err := bufio.NewReader(in).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	addr := strings.TrimSpace(strings.TrimPrefix(line, "listening on "))
	client := newClient(addr, nil)
	records, _, err := workloads[1].run(ctx, client, nil, time.Nanosecond)
	if err != nil || records < int64(workloads[1].clients) {
		t.Fatalf("%d records, error %v", records, err)
	}
	answer, err := workloads[1].answer(ctx, &side{server: &server{addr: addr}})
	if err != nil || string(answer) != `{"SequenceNumber":"1"}` {
		t.Errorf("it answered %q, error %v", answer, err)
	}
	if _, err := workloads[0].do(ctx, client, nil); err == nil {
		t.Error("an answer without the records' results was taken for a good one")
	}
	cancel()
	if err := <-done; err != nil {
		t.Error(err)
	}
}

func TestOptions(t *testing.T) {
	for _, args := range []string{"-for 0s", "-rounds 0", "-latency -1", "-call Put"} {
		if _, err := parseOptions(strings.Fields(args)); err == nil {
			t.Errorf("%s was taken", args)
		}
	}
	if o, err := parseOptions(nil); err != nil || o.only != "" {
		t.Errorf("%+v, %v", o, err)
	}
}

func TestQuantiles(t *testing.T) {
	var times []time.Duration
	for i := range 1000 {
		times = append(times, time.Duration(1000-i)*time.Millisecond)
	}
	if got := quantiles(times); got != "501.00 | 901.00 | 991.00 | 1000.00" {
		t.Error(got)
	}
}
