package state

import (
	"fmt"
	"math"
	"slices"

	"github.com/weirstream/weir/runtime/vec"
)

// SpanTable declares a table in memory for each span of time, all with the same columns: the slices of a window.
type SpanTable struct {
	Name       string
	Key, Value vec.Schema
	Route      int
	// Load takes entries of a part of a span in. It gives their ids, and the part's Rows, which it makes by Spans.At.
	Load func(span int64, part uint64, cols []*vec.Vector, n int) (ids []uint32, rows *Rows, err error)
	// OnDisk is called instead, once a part, if there is more than the memory takes: the part stays on disk (see Rows.Scan).
	OnDisk func(span int64, part uint64, rows *Rows)
}

// Spans is a SpanTable that is kept.
type Spans struct {
	scope *Scope
	table *table
	open  []*Rows
	disk  []*Rows // parts that are not in memory
	drops []*Rows
}

// spanDrop says what is to be removed of a span: everything (part 0), or the chunks of a part before a number.
type spanDrop struct {
	table  *table
	span   int64
	part   uint64
	before uint64
}

// Spans has a table by span kept. If there is state of it, it is taken in by t.Load before Spans returns; spans is
// told to set first, since Load needs it.
func (s *Scope) Spans(t SpanTable, set func(*Spans)) error {
	if s == nil {
		set(nil)
		return nil
	}
	tab, err := s.store.open(Descriptor{
		Operator: s.operator, Name: t.Name, Kind: BySpan, Version: layoutVersion, Key: t.Key, Value: t.Value, Route: t.Route,
	})
	if err != nil {
		return err
	}
	sp := &Spans{scope: s, table: tab}
	s.spans = append(s.spans, sp)
	set(sp)
	if err := sp.restore(t); err != nil {
		return fmt.Errorf("restoring %s: %w", tab, err)
	}
	return nil
}

func (sp *Spans) restore(t SpanTable) error {
	if t.OnDisk != nil && sp.scope.onDisk {
		return sp.scope.store.listParts(sp.table, sp.scope.groups, func(span int64, part uint64) {
			r := &Rows{scope: sp.scope, table: sp.table, spans: sp, span: span, part: part, any: true}
			sp.disk = append(sp.disk, r)
			t.OnDisk(span, part, r)
		})
	}
	return sp.scope.store.scanSpans(sp.table, sp.scope.groups, func(span int64, part uint64, b *vec.Batch) error {
		ids, rows, err := t.Load(span, part, b.Cols, b.Len())
		if err != nil || rows == nil {
			return err
		}
		rows.any = true
		rows.written += len(ids)
		rows.loaded(ids)
		return nil
	})
}

// NewPart gives a number for the tables that belong together: those of one slice.
func (sp *Spans) NewPart() uint64 {
	if sp == nil {
		return 0
	}
	return sp.scope.store.number.Add(1)
}

// At begins to track a table of a span. Those of the same span are told apart by their parts, numbers that
// NewPart gave.
func (sp *Spans) At(span int64, part uint64, keys func(ids []uint32, out []*vec.Vector), values func(ids []uint32, out []*vec.Vector) error) *Rows {
	if sp == nil {
		return nil
	}
	r := &Rows{scope: sp.scope, table: sp.table, keys: keys, values: values, spans: sp, span: span, part: part}
	sp.open = append(sp.open, r)
	return r
}

// Drop ends the tracking of a span's table: its rows are removed from the state.
func (sp *Spans) Drop(r *Rows) {
	if sp == nil || r == nil {
		return
	}
	sp.leave(r)
	sp.disk = slices.DeleteFunc(sp.disk, func(o *Rows) bool { return o == r })
	if r.any {
		sp.drops = append(sp.drops, r)
	}
}

// isOpen reports whether a part of a span is still tracked.
func (sp *Spans) isOpen(span int64) bool {
	of := func(r *Rows) bool { return r.span == span }
	return slices.ContainsFunc(sp.open, of) || slices.ContainsFunc(sp.disk, of)
}

// A part that has been written over and over is written anew, and what was there removed, when it holds rewriteAt times
// the rows that count.
const rewriteAt = 4

// takeDrops moves what was dropped to a snapshot.
func (sp *Spans) takeDrops(f *Frozen) {
	for _, r := range sp.drops {
		d := spanDrop{table: sp.table, span: r.span, part: r.part, before: math.MaxUint64}
		if !sp.isOpen(r.span) {
			d.part = 0
		}
		f.drops = append(f.drops, d)
	}
	sp.drops = sp.drops[:0]
}

func (sp *Spans) freeze(f *Frozen) error {
	sp.takeDrops(f)
	for _, r := range sp.open {
		if r.written > 1<<12 && r.written > rewriteAt*r.count() {
			f.drops = append(f.drops, spanDrop{sp.table, r.span, r.part, sp.scope.store.number.Add(1)})
			r.all()
			r.written = 0
		}
		rows, err := r.freeze()
		if err != nil {
			return err
		}
		f.add(rows)
	}
	return nil
}
