package state

import (
	"fmt"

	"github.com/weirstream/weir/runtime/vec"
)

// SpanTable declares a table in memory for each span of time, all with the same columns: the slices of a window.
type SpanTable struct {
	Name       string
	Key, Value vec.Schema
	Route      int
	// Load takes entries of a span in. A span may come in several parts, one after the other; entries of another part with
	// the same key are to be merged with those that are there. It gives their ids, and the span's Rows, which it
	// makes by Spans.At.
	Load func(span int64, cols []*vec.Vector, n int) (ids []uint32, rows *Rows, err error)
}

// Spans is a SpanTable that is kept.
type Spans struct {
	scope *Scope
	table *table
	open  []*Rows
	drops []*Rows
}

// spanDrop says what is to be removed: the groups' rows of a span, of one part or, if that is 0, of all.
type spanDrop struct {
	table *table
	span  int64
	part  uint64
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

// restore loads all spans. One that lies in a single part goes on in it; otherwise the parts are replaced
// by the new one that Load made.
func (sp *Spans) restore(t SpanTable) error {
	parts := map[*Rows][]uint64{}
	err := sp.scope.store.scanSpans(sp.table, sp.scope.groups, func(span int64, part uint64, b *vec.Batch) error {
		ids, rows, err := t.Load(span, b.Cols, b.Len())
		if err != nil || rows == nil {
			return err
		}
		rows.loaded(ids)
		if seen := parts[rows]; len(seen) == 0 || seen[len(seen)-1] != part {
			parts[rows] = append(seen, part)
		}
		return nil
	})
	for rows, of := range parts {
		rows.any = true
		if one := same(of); one {
			rows.part, rows.written = of[0], rows.count()
			continue
		}
		for _, part := range of {
			old := &Rows{span: rows.span, part: part, any: true}
			sp.drops = append(sp.drops, old)
		}
		rows.all()
	}
	return err
}

func same(parts []uint64) bool {
	for _, p := range parts {
		if p != parts[0] {
			return false
		}
	}
	return true
}

// At begins to track the table of a span. Several of the same span are kept apart from each other.
func (sp *Spans) At(span int64, keys func(ids []uint32, out []*vec.Vector), values func(ids []uint32, out []*vec.Vector) error) *Rows {
	if sp == nil {
		return nil
	}
	r := &Rows{scope: sp.scope, table: sp.table, keys: keys, values: values, span: span, part: sp.scope.store.number.Add(1)}
	sp.open = append(sp.open, r)
	return r
}

// Drop ends the tracking of a span's table: its rows are removed from the state.
func (sp *Spans) Drop(r *Rows) {
	if sp == nil || r == nil {
		return
	}
	for i, o := range sp.open {
		if o == r {
			sp.open = append(sp.open[:i], sp.open[i+1:]...)
			break
		}
	}
	if r.any {
		sp.drops = append(sp.drops, r)
	}
}

// Part is a table's identity among those of its span.
func (sp *Spans) isOpen(span int64) bool {
	for _, r := range sp.open {
		if r.span == span {
			return true
		}
	}
	return false
}

// A part that has been written over and over is begun anew when it holds rewriteAt times the rows that count.
const rewriteAt = 4

func (sp *Spans) freeze(f *Frozen) error {
	for _, r := range sp.open {
		if n := r.count(); r.written > 1<<12 && r.written > rewriteAt*n {
			sp.drops = append(sp.drops, &Rows{span: r.span, part: r.part, any: true})
			r.part, r.written = sp.scope.store.number.Add(1), 0
			r.all()
		}
	}
	for _, r := range sp.drops {
		d := spanDrop{sp.table, r.span, r.part}
		if !sp.isOpen(r.span) {
			d.part = 0
		}
		f.drops = append(f.drops, d)
	}
	sp.drops = sp.drops[:0]
	for _, r := range sp.open {
		rows, err := r.freeze()
		if err != nil {
			return err
		}
		f.add(rows)
	}
	return nil
}
