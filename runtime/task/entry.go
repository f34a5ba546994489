package task

import (
	"fmt"

	"github.com/weirstream/weir/runtime/metrics"
)

// entry is where the rows of one exchange enter a task. It merges what the senders say.
type entry struct {
	out     outlet
	senders *merger
	open    int // senders that have not ended
	stopped bool
	stats   *metrics.Operator
}

// handle passes on what came on a lane.
func (t *task) handle(l *lane, e element) error {
	en := t.entries[l.source]
	switch e.kind {
	case rowsElement:
		en.stats.RowsIn.Add(int64(e.batch.Rows()))
		en.stats.Batches.Add(1)
		err := en.out.Emit(e.batch)
		l.recycle(e.batch)
		return err
	case watermarkElement:
		return en.raised(en.senders.advance(l.sender, e.value))
	case idleElement, activeElement:
		return en.raised(en.senders.setIdle(l.sender, e.kind == idleElement))
	case barrierElement:
		if t.inbox.hold(l) {
			return t.passBarrier(e.value)
		}
		t.request.id = e.value
		return nil
	case endElement, stopElement:
		if err := en.end(l.sender, e.kind == endElement); err != nil {
			return err
		}
		if t.inbox.close(l) {
			return t.passBarrier(t.request.id)
		}
		return nil
	}
	return fmt.Errorf("internal error: element of kind %d on a lane", e.kind)
}

// passBarrier passes a barrier on that has come from all senders.
func (t *task) passBarrier(id int64) error {
	for _, en := range t.entries {
		if en.open == 0 {
			continue
		}
		if err := en.out.barrier(id); err != nil {
			return err
		}
	}
	t.acknowledge(id)
	return nil
}

func (en *entry) raised(grown bool) error {
	if err := en.out.activity(en.senders.idle, false); err != nil {
		return err
	}
	if grown {
		en.stats.Watermark.Store(en.senders.wm)
		if err := en.out.EmitWatermark(en.senders.wm); err != nil {
			return err
		}
	}
	return en.out.activity(en.senders.idle, true)
}

// end notes that a sender has no more. Drained is false where it was stopped: then it goes on holding event time back, as
// an input of a node does.
func (en *entry) end(sender int, drained bool) error {
	en.open--
	en.stopped = en.stopped || !drained
	if drained && (en.open > 0 || !en.stopped) {
		if err := en.raised(en.senders.end(sender)); err != nil {
			return err
		}
	}
	if en.open > 0 {
		return nil
	}
	return en.out.end(!en.stopped)
}
