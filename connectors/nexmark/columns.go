package nexmark

import (
	"fmt"
	"strings"

	"github.com/weirstream/weir/connectors"
	"github.com/weirstream/weir/runtime/vec"
	"github.com/weirstream/weir/sql/diag"
	"github.com/weirstream/weir/sql/types"
)

// column fills a column of a batch: a field, or a ROW of the fields of one kind.
type column struct {
	kind   kind     // of the ROW
	fields []column // of the ROW, nil for a field
	fill   filler
}

// bind finds how to fill the columns that a table declares or a job reads: any of the
// table's, in any order.
func (c *config) bind(cols []connectors.Column) ([]column, error) {
	out := make([]column, len(cols))
	for i, col := range cols {
		var err error
		switch {
		case c.table != all:
			out[i], err = bindField(c.table, col.Name, col.Type)
		case col.Name == "event_type":
			out[i], err = column{fill: fillEventType}, checkType(col.Type, types.New(types.Int))
		default:
			out[i], err = bindRow(col.Name, col.Type)
		}
		if err != nil {
			return nil, &diag.Error{Msg: fmt.Sprintf("column '%s': %v", col.Name, err), Err: err}
		}
	}
	return out, nil
}

var kindNames = [...]string{person: "person", auction: "auction", bid: "bid"}

func bindRow(name string, t types.Type) (column, error) {
	for k, n := range kindNames {
		if n != name {
			continue
		}
		if t.Kind != types.Row || t.NotNull {
			return column{}, fmt.Errorf("is of type %s here, but must be a nullable ROW", t)
		}
		out := column{kind: kind(k), fields: make([]column, len(t.Fields))}
		for i, f := range t.Fields {
			var err error
			if out.fields[i], err = bindField(kind(k), f.Name, f.Type); err != nil {
				return column{}, fmt.Errorf("field '%s': %w", f.Name, err)
			}
		}
		return out, nil
	}
	return column{}, fmt.Errorf("the generator has none of this name; it has event_type, person, auction and bid, or, with 'table' = 'bid', the fields of a bid as columns")
}

func bindField(k kind, name string, t types.Type) (column, error) {
	fields := fieldsOf(k)
	names := make([]string, len(fields))
	for i, f := range fields {
		if f.name == name {
			return column{fill: f.fill}, checkType(t, f.typ)
		}
		names[i] = f.name
	}
	return column{}, fmt.Errorf("a %s of the generator has none of this name; it has %s", kindNames[k], strings.Join(names, ", "))
}

// checkType lets a TIMESTAMP be declared as TIMESTAMP_LTZ, the generator's times then being UTC.
func checkType(have, want types.Type) error {
	if have.Kind == types.TimestampLTZ && want.Kind == types.Timestamp && have.Precision == want.Precision {
		return nil
	}
	if !have.EqualIgnoringNull(want) {
		return fmt.Errorf("is of type %s here, but must be %s", have, want)
	}
	return nil
}

// filling is a batch under way: its rows from base on are made by the runs.
type filling struct {
	base, rows int
	runs       []run
	byKind     [3][]run
}

func (f *filling) reset(base int) {
	f.base, f.rows, f.runs = base, 0, f.runs[:0]
	for k := range f.byKind {
		f.byKind[k] = f.byKind[k][:0]
	}
}

func (f *filling) split() {
	for _, r := range f.runs {
		f.byKind[r.kind] = append(f.byKind[r.kind], r)
	}
}

// column fills v.
func (f *filling) column(g *generator, c *column, v *vec.Vector) {
	v.Resize(f.base + f.rows)
	if c.fields == nil {
		c.fill(g, v, f.runs)
		return
	}
	runs := f.byKind[c.kind]
	f.present(v, runs)
	for i := range c.fields {
		child := v.Child(i)
		f.present(child, runs)
		if child.Phys() == vec.Int64 {
			clear(vec.Values[int64](child)[f.base:])
		}
		c.fields[i].fill(g, child, runs)
	}
}

// present makes the rows of the runs valid and the others NULL.
func (f *filling) present(v *vec.Vector, runs []run) {
	valid := v.EnsureValid()
	if f.base == 0 {
		clear(valid[:vec.WordsFor(f.rows)])
	} else {
		for i := range f.rows {
			vec.ClearBit(valid, f.base+i)
		}
	}
	for _, r := range runs {
		vec.SetBits(valid, r.row, r.row+r.n)
	}
}
