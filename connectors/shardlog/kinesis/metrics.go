package kinesis

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// metrics counts requests; serveGet writes them in Prometheus' text format.
type metrics struct {
	byAction      map[string]*actionMetrics // fixed once made
	subscriptions atomic.Int64

	mu     sync.Mutex
	errors map[[2]string]uint64 // by action and exception
}

type actionMetrics struct {
	requests atomic.Uint64
	nanos    atomic.Uint64
	within   [len(latencies)]atomic.Uint64 // requests that took no longer than the latency and longer than the one before
}

// latencies are the bounds of the histogram of requests.
var latencies = [...]time.Duration{
	500 * time.Microsecond, time.Millisecond, 2500 * time.Microsecond, 5 * time.Millisecond, 10 * time.Millisecond, 25 * time.Millisecond,
	50 * time.Millisecond, 100 * time.Millisecond, 250 * time.Millisecond, 500 * time.Millisecond, time.Second, 5 * time.Second,
}

func (a *actionMetrics) observe(took time.Duration) {
	a.requests.Add(1)
	a.nanos.Add(uint64(took))
	for i, bound := range latencies {
		if took <= bound {
			a.within[i].Add(1)
			return
		}
	}
}

// write adds the action's histogram to b.
func (a *actionMetrics) write(b *strings.Builder, name string) {
	requests, sum := a.requests.Load(), uint64(0)
	for i, bound := range latencies {
		sum += a.within[i].Load()
		fmt.Fprintf(b, "weir_kinesis_request_seconds_bucket{action=%q,le=\"%g\"} %d\n", name, bound.Seconds(), min(sum, requests))
	}
	fmt.Fprintf(b, "weir_kinesis_request_seconds_bucket{action=%q,le=\"+Inf\"} %d\n", name, requests)
	fmt.Fprintf(b, "weir_kinesis_request_seconds_sum{action=%q} %g\n", name, float64(a.nanos.Load())/1e9)
	fmt.Fprintf(b, "weir_kinesis_request_seconds_count{action=%q} %d\n", name, requests)
}

func (m *metrics) init(actions map[string]action) {
	m.byAction = map[string]*actionMetrics{"": {}}
	for name := range actions {
		m.byAction[name] = &actionMetrics{}
	}
	m.errors = map[[2]string]uint64{}
}

// observe counts a request; name is "" for one that reached no action.
func (m *metrics) observe(name string, err error, took time.Duration) {
	m.byAction[name].observe(took)
	if err == nil {
		return
	}
	kind := "Transport"
	var api *APIError
	if errors.As(err, &api) {
		kind = api.Type
	}
	m.mu.Lock()
	m.errors[[2]string{name, kind}]++
	m.mu.Unlock()
}

// serveGet answers /health and /metrics, which no AWS client asks for.
func (s *Server) serveGet(w http.ResponseWriter, r *http.Request) bool {
	switch r.URL.Path {
	case "/health":
		if s.stopping.Err() != nil {
			http.Error(w, "stopping", http.StatusServiceUnavailable)
			return true
		}
		s.page(w, "ok\n")
	case "/metrics":
		s.page(w, s.exposition())
	default:
		return false
	}
	return true
}

func (s *Server) page(w http.ResponseWriter, body string) {
	w.Header().Set("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
	if _, err := io.WriteString(w, body); err != nil {
		s.metrics.observe("", err, 0)
	}
}

// exposition is the state of all counters in Prometheus' text format 0.0.4.
func (s *Server) exposition() string {
	var b strings.Builder
	head := func(name, kind, help string) {
		fmt.Fprintf(&b, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, kind)
	}
	names := make([]string, 0, len(s.metrics.byAction))
	for name, a := range s.metrics.byAction {
		if a.requests.Load() > 0 {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	head("weir_kinesis_request_seconds", "histogram", "Time to answer a request, by action.")
	for _, name := range names {
		s.metrics.byAction[name].write(&b, name)
	}
	head("weir_kinesis_errors_total", "counter", "Requests that were refused or failed, by action and exception.")
	s.metrics.mu.Lock()
	keys := make([][2]string, 0, len(s.metrics.errors))
	for k := range s.metrics.errors {
		keys = append(keys, k)
	}
	slices.SortFunc(keys, func(a, b [2]string) int { return strings.Compare(a[0]+a[1], b[0]+b[1]) })
	for _, k := range keys {
		fmt.Fprintf(&b, "weir_kinesis_errors_total{action=%q,exception=%q} %d\n", k[0], k[1], s.metrics.errors[k])
	}
	s.metrics.mu.Unlock()
	stats := s.log.Stats()
	for _, g := range []struct {
		name, kind, help string
		value            uint64
	}{
		{"weir_kinesis_subscriptions", "gauge", "SubscribeToShard streams that are open.", uint64(s.metrics.subscriptions.Load())},
		{"weir_shardlog_streams", "gauge", "Streams in the log.", uint64(stats.Streams)},
		{"weir_shardlog_records_total", "counter", "Records appended since the log was opened.", stats.Records},
		{"weir_shardlog_bytes_total", "counter", "Bytes written to files of records since the log was opened.", stats.Bytes},
		{"weir_shardlog_commits_total", "counter", "Group commits since the log was opened.", stats.Commits},
	} {
		head(g.name, g.kind, g.help)
		fmt.Fprintf(&b, "%s %d\n", g.name, g.value)
	}
	return b.String()
}
