package clock

import (
	"context"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

var start = time.UnixMilli(1_000)

func TestManualFiresInOrder(t *testing.T) {
	m := NewManual(start)
	fired := make(chan time.Time, 8)
	late, early, never := m.After(3*time.Second), m.After(time.Second), m.After(5*time.Second)
	m.Advance(4 * time.Second)
	for _, c := range []<-chan time.Time{early, late} {
		fired <- <-c
	}
	if d := cmp.Diff([]time.Time{start.Add(time.Second), start.Add(3 * time.Second)}, []time.Time{<-fired, <-fired}); d != "" {
		t.Error(d)
	}
	if m.Timers() != 1 || !m.Now().Equal(start.Add(4*time.Second)) {
		t.Errorf("%d timers at %v", m.Timers(), m.Now())
	}
	m.Advance(time.Second)
	if at := <-never; !at.Equal(start.Add(5 * time.Second)) {
		t.Errorf("fired at %v", at)
	}
}

func TestManualAtOnce(t *testing.T) {
	m := NewManual(start)
	if at := <-m.After(0); !at.Equal(start) {
		t.Errorf("fired at %v", at)
	}
}

func TestAwaitTimers(t *testing.T) {
	m := NewManual(start)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error)
	go func() { done <- m.AwaitTimers(ctx, 2) }()
	m.After(time.Second)
	m.After(time.Second)
	if err := <-done; err != nil {
		t.Error(err)
	}
	go func() { done <- m.AwaitTimers(ctx, 3) }()
	cancel()
	if err := <-done; err == nil {
		t.Error("waited for a timer that nobody set")
	}
}
