package task

import "github.com/weirstream/weir/runtime/vec"

// port takes what flows along one edge of a chain, in order, on the task's goroutine.
// It is an input of an operator, a sink's writer, or the sending end of an exchange.
type port interface {
	// rows takes a batch, borrowed for the call.
	rows(b *vec.Batch) error
	// watermark has grown to wm.
	watermark(wm int64) error
	// idle says that nothing is to be expected and the watermark holds nobody back, or that this is
	// over.
	idle(idle bool) error
	// barrier separates the rows of one checkpoint from the next.
	barrier(id int64) error
	// end is the last call. Drained is false where the job was told to stop before the input had
	// ended: nothing is flushed then.
	end(drained bool) error
}

// outlet passes on to several ports what a member of a chain gives. As an op.Output it is
// what operators emit to; it keeps watermarks from repeating.
type outlet struct {
	to   []port
	wm   int64
	idle bool
}

// Emit passes a batch on.
func (o *outlet) Emit(b *vec.Batch) error {
	if b.Rows() == 0 {
		return nil
	}
	for _, p := range o.to {
		if err := lend(p, b); err != nil {
			return err
		}
	}
	return nil
}

// EmitWatermark passes a watermark on if it has grown.
func (o *outlet) EmitWatermark(wm int64) error {
	if wm <= o.wm {
		return nil
	}
	o.wm = wm
	for _, p := range o.to {
		if err := p.watermark(wm); err != nil {
			return err
		}
	}
	return nil
}

// activity tells the consumers about idleness if it is what is asked for and news to them.
// Who becomes active says so before anything else, who becomes idle afterwards.
func (o *outlet) activity(idle, asked bool) error {
	if idle != asked || idle == o.idle {
		return nil
	}
	o.idle = idle
	for _, p := range o.to {
		if err := p.idle(idle); err != nil {
			return err
		}
	}
	return nil
}

func (o *outlet) barrier(id int64) error {
	for _, p := range o.to {
		if err := p.barrier(id); err != nil {
			return err
		}
	}
	return nil
}

func (o *outlet) end(drained bool) error {
	for _, p := range o.to {
		if err := p.end(drained); err != nil {
			return err
		}
	}
	return nil
}

// lend gives a batch to a port for the call. Built with the tag "invariants" it gives a copy,
// checks that the copy was not written to, and overwrites it afterwards.
func lend(p port, b *vec.Batch) error {
	if !vec.Invariants {
		return p.rows(b)
	}
	return lendCopy(p, b)
}
