package kinesis

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// The buckets of a histogram count what took no longer, so that each holds the ones before.
func TestLatencyHistogram(t *testing.T) {
	var a actionMetrics
	for _, took := range []time.Duration{0, time.Millisecond, time.Millisecond + 1, 30 * time.Second} {
		a.observe(took)
	}
	var b strings.Builder
	a.write(&b, "X")
	for bound, n := range map[string]int{"0.0005": 1, "0.001": 2, "0.0025": 3, "5": 3, "+Inf": 4} {
		if want := fmt.Sprintf("weir_kinesis_request_seconds_bucket{action=\"X\",le=%q} %d\n", bound, n); !strings.Contains(b.String(), want) {
			t.Errorf("no %s in\n%s", want, b.String())
		}
	}
	if want := "weir_kinesis_request_seconds_count{action=\"X\"} 4\n"; !strings.Contains(b.String(), want) {
		t.Errorf("no %s in\n%s", want, b.String())
	}
}
