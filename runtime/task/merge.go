package task

import "github.com/weirstream/weir/runtime/op"

// merger merges the watermarks of several inputs: senders of an exchange, inputs of an
// operator, splits of a source task. The rules are those of Flink's
// StatusWatermarkValve:
//
//   - the result is the minimum over the inputs that are active, and never goes back;
//   - an input that was idle and is behind the result counts again once it has caught up;
//   - when the last active input goes idle, the maximum seen so far is the result;
//   - an input that has ended, or has given the maximum watermark, holds nothing back, and
//     counts as idle. When the last one ends the result is the maximum watermark.
type merger struct {
	inputs []mergeInput
	wm     int64 // the result so far
	seen   int64 // the highest watermark that any input gave, ends apart
	idle   bool  // no input is active
	told   bool  // whoever asks has been told of the result: not of that of a checkpoint
}

type mergeInput struct {
	wm      int64
	idle    bool
	behind  bool // was idle, has not caught up
	ended   bool
	removed bool // the place is free
}

func newMerger(inputs int) *merger {
	m := &merger{wm: op.MinWatermark, seen: op.MinWatermark, idle: inputs == 0, told: true}
	for range inputs {
		m.inputs = append(m.inputs, mergeInput{wm: op.MinWatermark})
	}
	return m
}

// floor begins with the watermark that a checkpoint had. It counts as grown once more when the inputs have reached it: what
// comes behind has not seen it yet.
func (m *merger) floor(wm int64) { m.wm, m.seen, m.told = wm, wm, false }

// add makes place for one more input and gives its number.
func (m *merger) add() int {
	m.idle = false
	for i := range m.inputs {
		if m.inputs[i].removed {
			m.inputs[i] = mergeInput{wm: op.MinWatermark}
			return i
		}
	}
	m.inputs = append(m.inputs, mergeInput{wm: op.MinWatermark})
	return len(m.inputs) - 1
}

// remove forgets an input: it holds nothing back any more, and its place may be used again.
// It reports whether the result has grown.
func (m *merger) remove(i int) bool {
	m.inputs[i] = mergeInput{ended: true, removed: true}
	return m.settle()
}

// advance sets the watermark of input i and reports whether the result has grown. The maximum
// watermark ends the input.
func (m *merger) advance(i int, wm int64) bool {
	in := &m.inputs[i]
	if wm <= in.wm || in.ended {
		return false
	}
	if wm == op.MaxWatermark {
		return m.end(i)
	}
	wasMin := in.wm <= m.wm
	in.wm = wm
	m.seen = max(m.seen, wm)
	if in.behind {
		if wm < m.wm {
			return false
		}
		in.behind, wasMin = false, true
	}
	return wasMin && !in.idle && m.raise()
}

// setIdle makes input i idle or active again and reports whether the result has grown.
func (m *merger) setIdle(i int, idle bool) bool {
	in := &m.inputs[i]
	if in.ended || in.idle == idle {
		return false
	}
	in.idle = idle
	if !idle {
		in.behind = in.wm < m.wm
		m.idle = false
		return !in.behind && m.raise()
	}
	in.behind = false
	return m.settle()
}

// end says that input i gives no more and holds nothing back. It reports whether the result has
// grown: to the maximum watermark, when it was the last.
func (m *merger) end(i int) bool {
	m.inputs[i].ended = true
	for j := range m.inputs {
		if !m.inputs[j].ended {
			return m.settle()
		}
	}
	m.idle = false
	grown := m.wm < op.MaxWatermark
	m.wm = op.MaxWatermark
	return grown
}

// settle finds the result after an input has stopped counting.
func (m *merger) settle() bool {
	for i := range m.inputs {
		if in := &m.inputs[i]; !in.ended && !in.idle {
			return m.raise()
		}
	}
	m.idle = true
	return m.lift(m.seen)
}

// raise lifts the result to the minimum over the inputs that count.
func (m *merger) raise() bool {
	low, some := int64(op.MaxWatermark), false
	for i := range m.inputs {
		in := &m.inputs[i]
		if in.ended || in.idle || in.behind {
			continue
		}
		if in.wm < m.wm || in.wm == m.wm && m.told {
			return false
		}
		low, some = min(low, in.wm), true
	}
	return some && m.lift(low)
}

func (m *merger) lift(wm int64) bool {
	if wm < m.wm || wm == m.wm && m.told {
		return false
	}
	m.wm, m.told = wm, true
	return true
}
