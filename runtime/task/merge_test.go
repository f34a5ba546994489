package task

import (
	"fmt"
	"strings"
	"testing"

	"github.com/weirstream/weir/runtime/op"
)

// TestMerger runs scripts of events on two inputs: a5 is a watermark of input a, a! is idle,
// a? active, a$ its end. Each event is followed by the merged watermark.
func TestMerger(t *testing.T) {
	for name, script := range map[string]string{
		"minimum":                           "a5:- b3:3 b9:5 a7:7",
		"never back":                        "a5:- b5:5 a3:5",
		"idle input left out":               "a5:- b!:5 a8:8",
		"idle input counts when caught up":  "a5:- b!:5 b?:5 a8:8 b6:8 a12:12 b13:12 a20:13",
		"active again and ahead":            "a5:- b9:5 b!:5 a7:7 b?:7 a20:9",
		"last active goes idle: flush":      "a5:- b9:5 b!:5 a!:9",
		"flush, then all behind":            "a5:- b9:5 b!:5 a!:9 a?:9 a7:9 a11:11",
		"end counts as the maximum":         "a5:- b$:5 a6:6 a$:max",
		"maximum watermark is an end":       "a5:- bmax:5 a6:6 amax:max",
		"end does not flush its maximum":    "a5:- bmax:5 a!:5 a?:5 a8:8",
		"idle while the other has ended":    "a$:- b4:4 b!:4 b?:4 b9:9 b$:max",
		"idle from the start":               "a!:- b2:2 b!:2",
		"both idle without any watermark":   "a!:- b!:- a?:- a3:3",
		"ended when idle":                   "a!:- a$:- b4:4",
		"watermark while idle only counted": "a5:- b!:5 b7:5 b?:5 a9:7",
	} {
		t.Run(name, func(t *testing.T) {
			m := newMerger(2)
			for step := range strings.FieldsSeq(script) {
				event, want, _ := strings.Cut(step, ":")
				before := m.wm
				grown := apply(m, int(event[0]-'a'), event[1:])
				if got := show(m.wm); got != want || grown != (m.wm != before) {
					t.Fatalf("after %s: %s (grown %v), want %s", event, got, grown, want)
				}
			}
		})
	}
}

func apply(m *merger, in int, event string) bool {
	switch event {
	case "!":
		return m.setIdle(in, true)
	case "?":
		return m.setIdle(in, false)
	case "$":
		return m.end(in)
	case "max":
		return m.advance(in, op.MaxWatermark)
	}
	var wm int64
	if _, err := fmt.Sscan(event, &wm); err != nil {
		panic(err)
	}
	return m.advance(in, wm)
}

func show(wm int64) string {
	switch wm {
	case op.MinWatermark:
		return "-"
	case op.MaxWatermark:
		return "max"
	}
	return fmt.Sprint(wm)
}

// TestMergerRestored begins with a checkpoint's watermark: when the inputs have reached it, it is passed on once.
func TestMergerRestored(t *testing.T) {
	for name, script := range map[string]string{
		"reached":               "a5 b5+ a5 b7 a6+",
		"passed":                "a7 b6+ a8",
		"one behind":            "a5 b3 b4 b5+ b6",
		"one ends":              "a$ b5+ b5",
		"one is idle":           "a! b5+ a? a4 a6",
		"all are idle":          "a! b!+ b? b5",
		"both end":              "a$ b$+",
		"from the end, reached": "a5 b$+ a6+",
	} {
		t.Run(name, func(t *testing.T) {
			m := newMerger(2)
			m.floor(5)
			for event := range strings.FieldsSeq(script) {
				event, want := strings.CutSuffix(event, "+")
				if grown := apply(m, int(event[0]-'a'), event[1:]); grown != want {
					t.Fatalf("after %s: grown %v, at %s", event, grown, show(m.wm))
				}
			}
		})
	}
}

func TestMergerComesAndGoes(t *testing.T) {
	m := newMerger(0)
	a, b := m.add(), m.add()
	m.advance(a, 100)
	m.advance(b, 50)
	if grown := m.remove(b); !grown || m.wm != 100 {
		t.Fatalf("after removing the one behind: %d", m.wm)
	}
	if c := m.add(); c != b {
		t.Errorf("place %d is not used again", b)
	}
	if m.advance(b, 60) || m.wm != 100 {
		t.Errorf("a new input took the result back to %d", m.wm)
	}
	m.remove(a)
	m.remove(b)
	if !m.idle || m.wm != 100 {
		t.Errorf("without inputs: idle %v at %d", m.idle, m.wm)
	}
}
