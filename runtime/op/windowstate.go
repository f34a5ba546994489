package op

import (
	"time"

	"github.com/weirstream/weir/runtime/agg"
	"github.com/weirstream/weir/runtime/vec"
	"github.com/weirstream/weir/state"
)

// sliceKeeper has the slices of a window aggregation kept: one table by span, filed under the slices' ends: key → the
// calls' state, and tables of the calls' own.
type sliceKeeper struct {
	slices *slices
	key    vec.Schema
	spans  *state.Spans
	sides  *agg.SpanSides

	keys   *vec.KeyBatch
	loaded []*slice // while restoring
	// whole slices cannot be cut into parts: a value that is taken back must be where it was taken in.
	whole bool
}

// open restores what there is. Slices that the state has in several parts, of subtasks that were others then or of
// steps of a CUMULATE window, are loaded one by one and then put together.
func (k *sliceKeeper) open(sc *state.Scope) error {
	if sc == nil {
		return nil
	}
	like := k.slices.fresh(0)
	onDisk, sideOnDisk := k.onDisk, k.sideOnDisk
	if k.whole {
		onDisk, sideOnDisk = nil, nil
	}
	err := sc.Spans(state.SpanTable{
		Name: "slices", Key: k.key, Value: like.accs.KeptSchema(), Route: len(k.key), Load: k.load, OnDisk: onDisk,
	}, func(sp *state.Spans) { k.spans = sp })
	if err != nil {
		return err
	}
	k.sides, err = agg.KeepSpans(sc, like.accs, agg.Owner{Key: k.key, Route: len(k.key)}, k.owner, sideOnDisk)
	if err != nil {
		return err
	}
	k.slices.spare = append(k.slices.spare, like)
	k.slices.keeper = k
	for _, x := range k.loaded {
		if len(x.spilled) > 0 && x.kept == nil { // on disk, all of it
			k.begin(x)
		} else {
			k.sides.At(x.end, x.part, x.accs, k.ownerOf(x))
		}
		if err := k.join(x); err != nil {
			return err
		}
	}
	k.loaded = nil
	return nil
}

// join puts a restored slice among the open ones.
func (k *sliceKeeper) join(x *slice) error {
	s := k.slices
	i := s.search(x.end)
	if i < len(s.open) && s.open[i].end == x.end {
		s.open[i].spilled = append(s.open[i].spilled, x.spilled...)
		x.spilled = nil
		if err := s.absorb(s.open[i], x, k.keys); err != nil {
			return err
		}
		s.release(x)
		return nil
	}
	s.insert(i, x)
	return nil
}

// begin tracks a slice that is opened.
func (k *sliceKeeper) begin(x *slice) {
	if k == nil {
		return
	}
	x.part = k.spans.NewPart()
	x.kept = k.spans.At(x.end, x.part, x.table.AppendKeys, x.accs.AppendKept)
	k.sides.At(x.end, x.part, x.accs, k.ownerOf(x))
}

// end stops tracking one that is closed, whose rows are removed from the state.
func (k *sliceKeeper) end(x *slice) {
	if k == nil {
		return
	}
	k.spans.Drop(x.kept)
	k.sides.Drop(x.accs)
	k.dropParts(x)
	x.kept = nil
}

func (k *sliceKeeper) ownerOf(x *slice) agg.Owner {
	return agg.Owner{Key: k.key, Route: len(k.key), Keys: x.table.AppendKeys, Find: func(cols []*vec.Vector, n int) []uint32 {
		k.keys.Set(cols, n, nil)
		return x.table.Lookup(k.keys, nil)
	}}
}

// load takes groups of a part of a slice in.
func (k *sliceKeeper) load(span int64, part uint64, cols []*vec.Vector, n int) ([]uint32, *state.Rows, error) {
	x := k.find(span, part)
	if x == nil {
		x = k.slices.fresh(span)
		x.part = part
		x.kept = k.spans.At(span, part, x.table.AppendKeys, x.accs.AppendKept)
		k.loaded = append(k.loaded, x)
	}
	ids, err := k.take(x, cols, n)
	return ids, x.kept, err
}

func (k *sliceKeeper) find(span int64, part uint64) *slice {
	for _, x := range k.loaded {
		if x.end == span && x.part == part {
			return x
		}
	}
	return nil
}

// owner gives what KeepSpans loads the calls' own tables of a part into.
func (k *sliceKeeper) owner(span int64, part uint64) (*agg.Accumulators, agg.Owner) {
	x := k.find(span, part)
	if x == nil {
		return nil, agg.Owner{}
	}
	return x.accs, k.ownerOf(x)
}

// keep restores the windows, and has them kept.
func (w *windowAggregate) keep() error {
	w.Ctx.State.Int("watermark", &w.wm, state.Min)
	k := &sliceKeeper{slices: &w.slices, key: w.node.Schema[:len(w.node.Keys)], keys: w.keys, whole: w.node.InputRetract && w.ordered}
	if err := k.open(w.Ctx.State); err != nil {
		return err
	}
	if w.node.Window.ProcTime && len(w.slices.open) > 0 {
		next := w.slicer.nextWindow(w.slices.open[0].end, w.wm)
		w.Ctx.WakeAt(time.UnixMilli(w.slicer.fireAt(next) + 1))
	}
	return nil
}
