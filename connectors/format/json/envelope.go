package json

import (
	"bytes"
	"errors"
	"slices"

	"github.com/weirstream/weir/connectors"
	"github.com/weirstream/weir/connectors/format"
	"github.com/weirstream/weir/runtime/vec"
	"github.com/weirstream/weir/sql/types"
)

// Envelope reads records in which rows stand among fields that say how they have changed: the
// formats of change data capture. The fields around are found by one Decoder, which only notes where their values
// lie; a second one reads the rows straight into the batch's columns, as those of the format json.
//
// What a record means is the format's: Layout.Interpret is called for each with the fields at hand,
// and adds rows. A record is taken whole, so that one may give more rows than were asked for. One that fails
// leaves none.
type Envelope struct {
	Settings
	Layout
	around *finder // the fields of the record, or of the object in its field Wrapper
	outer  *finder // of the record, where it has a wrapper; nil otherwise
	rows   *Decoder
	reject func([]byte, *format.RecordError)

	inner  vec.Batch // the batch's vectors that rows are decoded into
	places []int     // of these in the batch
	meta   []metadata
	batch  *vec.Batch

	data  []byte
	start int
	first int   // row of the record
	row   int   // the next one
	ahead []int // fields whose objects were read already, as the rows from row on,
	taken int   // but for so many that were added
	kinds []vec.ChangeKind
}

// Layout is what a format says of its records.
type Layout struct {
	// Wrapper is the field that holds the others, "" where they are the record's own.
	Wrapper string
	// Fields are those that Interpret asks for, by their place in the list.
	Fields []string
	// Rows are those of Fields that are objects with a row each, in the order in which Interpret adds them where
	// several are there. They are read when they are come upon, and only where it was in vain once more.
	Rows []int
	// Metadata are the columns that can be read of what stands around.
	Metadata []Metadata
	// Interpret adds the rows of a record.
	Interpret func(*Envelope) error
}

// Metadata is a column that is read of a field around the rows.
type Metadata struct {
	connectors.Metadata
	Field string
	// Type is what the field is read as.
	Type types.Type
	// Outside fields stand beside the wrapper.
	Outside bool
	// Put appends the column's value n times, of the field's in row 0 of from; nil where it is the
	// field's value itself.
	Put func(to, from *vec.Vector, n int) error
}

// metadata is a metadata column that is read.
type metadata struct {
	Metadata
	at   int         // in the batch
	from *vec.Vector // what the field is read into
	span int         // the field among Layout.Fields, whose text is the value; -1 where it is none of them
}

// NewEnvelope makes an Envelope.
func NewEnvelope(s Settings, l Layout, r format.DecodeRequest) *Envelope {
	e := &Envelope{Settings: s, Layout: l, reject: r.Rejected}
	req := format.DecodeRequest{Rejected: r.Rejected}
	for i, c := range r.Columns {
		if c.Metadata == "" {
			req.Columns = append(req.Columns, c)
			e.places = append(e.places, i)
			continue
		}
		for _, m := range l.Metadata {
			if m.Key == c.Metadata {
				e.meta = append(e.meta, metadata{Metadata: m, at: i, from: vec.New(m.Type), span: slices.Index(l.Fields, m.Field)})
			}
		}
	}
	e.rows = newDecoder(s, req)
	e.inner.Cols = make([]*vec.Vector, len(req.Columns))
	e.around = e.finder(l.Fields, l.Wrapper == "")
	if l.Wrapper != "" {
		e.outer = e.finder([]string{l.Wrapper}, true)
	}
	return e
}

// finder makes the decoder of an object around the rows: its metadata columns, those of the record itself or
// those of the wrapper, and spans of fields.
func (e *Envelope) finder(fields []string, record bool) *finder {
	f := &finder{Decoder: newDecoder(e.Settings, format.DecodeRequest{Rejected: e.reject})}
	seen := map[string]*vec.Vector{}
	for i := range e.meta {
		m := &e.meta[i]
		if m.span >= 0 || m.Outside != record && e.Wrapper != "" {
			continue
		}
		if v := seen[m.Field]; v != nil { // a field that several columns are made of
			m.from = v
			continue
		}
		seen[m.Field] = m.from
		f.cols = append(f.cols, column{node: newNode(m.Field, m.Type), kind: fastKind(m.Type), flat: !m.Type.IsNested()})
		f.batch.Cols = append(f.batch.Cols, m.from)
	}
	for _, name := range fields {
		f.cols = append(f.cols, column{node: newNode(name, types.String()), kind: kindSpan})
	}
	f.spans = f.cols[len(f.batch.Cols):]
	if len(fields) == len(e.Fields) && !e.ignoreErrors { // what is skipped is not to be reported twice
		for _, field := range e.Rows {
			c := &f.spans[field]
			c.kind, c.ahead = kindRow, func(p int) int { return e.readAhead(field, p) }
		}
	}
	return f
}

// finder reads an object around the rows.
type finder struct {
	*Decoder
	batch vec.Batch // of one row: metadata
	spans []column
}

// find reads the object at p, behind which data ends.
func (f *finder) find(data []byte, p int) error {
	if len(f.batch.Cols) > 0 {
		f.batch.Reset()
		f.Decoder.open(data, &f.batch, 1)
	}
	f.data, f.start, f.depth = data, p, 0
	return f.row(p, 0)
}

// DecodeLines is format.Decoder's.
func (e *Envelope) DecodeLines(data []byte, final bool, b *vec.Batch, limit int) (int, error) {
	data, final = addressable(data, final)
	row := b.Len()
	e.open(data, b, row+limit)
	pos, row, err := eachLine(e, data, final, row, row+limit)
	e.close(b, row)
	return pos, err
}

// DecodeMessage is format.Decoder's. An empty message, which a queue has in the place of a row
// that was deleted, has no row.
func (e *Envelope) DecodeMessage(data []byte, b *vec.Batch) error {
	row := b.Len()
	e.open(data, b, row+1)
	took, err := e.record(data, 0, len(data), row)
	e.close(b, row+took)
	return err
}

func (e *Envelope) open(data []byte, b *vec.Batch, rows int) {
	for k, i := range e.places {
		e.inner.Cols[k] = b.Cols[i]
	}
	e.batch, e.data, e.kinds = b, data, e.kinds[:0]
	e.rows.open(data, &e.inner, rows)
	for _, f := range []*finder{e.around, e.outer} {
		if f != nil {
			f.chunk, f.clear = data, span{}
		}
	}
}

// close gives the batch the rows that were read and their kinds.
func (e *Envelope) close(b *vec.Batch, rows int) {
	from := b.Len()
	e.rows.close(&e.inner, rows)
	b.SetLen(rows)
	changed := b.Kinds != nil
	for _, k := range e.kinds {
		changed = changed || k != vec.Insert
	}
	if changed {
		copy(b.EnsureKinds()[from:], e.kinds)
	}
	e.batch, e.data = nil, nil
}

// record is recorder's.
func (e *Envelope) record(data []byte, from, to, row int) (int, error) {
	if from, to = bounds(data, from, to); from == to {
		return 0, nil
	}
	e.start, e.first, e.row = from, row, row
	e.ahead, e.taken = e.ahead[:0], 0
	e.rows.data, e.rows.start = data[:to], from
	err := e.read(data[:to], from)
	if err == nil {
		return e.row - row, nil
	}
	e.takeBack()
	var r *format.RecordError
	if !errors.As(err, &r) {
		r = &format.RecordError{Offset: from, Err: err}
	}
	r.Start = from
	if !e.ignoreErrors {
		return 0, r
	}
	if e.reject != nil {
		e.reject(data[from:to], r)
	}
	return 0, nil
}

// read finds the fields of a record and has them interpreted.
func (e *Envelope) read(data []byte, from int) error {
	if e.outer == nil {
		if err := e.around.find(data, from); err != nil {
			return err
		}
	} else {
		if err := e.outer.find(data, from); err != nil {
			return err
		}
		at := e.outer.spans[0].at
		if at.from == at.to {
			return &format.RecordError{Offset: from, Field: e.Wrapper, Err: errMissing}
		}
		if data[at.from] != '{' {
			return nil // {"payload":null}: a deleted row's record, which says nothing new
		}
		if err := e.around.find(data[:at.to], at.from); err != nil {
			return err
		}
	}
	if err := e.Interpret(e); err != nil {
		return err
	}
	e.dropAhead()
	return e.putMetadata()
}

// takeBack makes the columns as if the record had never been begun.
func (e *Envelope) takeBack() {
	e.dropAhead()
	for row := e.row - 1; row >= e.first; row-- {
		e.rows.takeBack(row)
	}
	e.kinds = e.kinds[:len(e.kinds)-(e.row-e.first)]
	e.row = e.first
	for _, m := range e.meta {
		if v := e.batch.Cols[m.at]; v.Len() > e.first {
			v.Truncate(e.first)
		}
	}
}

// putMetadata gives the record's rows their metadata.
func (e *Envelope) putMetadata() error {
	n := e.row - e.first
	for _, m := range e.meta {
		if n == 0 {
			return nil
		}
		to := e.batch.Cols[m.at]
		if m.span >= 0 {
			e.putText(to, m.span, n)
			continue
		}
		if m.from.IsNull(0) {
			for range n {
				to.AppendNull()
			}
		} else if m.Put == nil {
			for range n {
				to.AppendRow(m.from, 0)
			}
		} else if err := m.Put(to, m.from, n); err != nil {
			return &format.RecordError{Offset: e.start, Field: m.Field, Err: err}
		}
	}
	return nil
}

// putText appends a field that is a string n times.
func (e *Envelope) putText(to *vec.Vector, field, n int) {
	s := e.Text(field)
	for range n {
		if s == nil {
			to.AppendNull()
		} else {
			to.AppendBytes(s)
		}
	}
}

// Raw gives the text of a field's value as it stands in the record; nil where the record has no such field, or null.
func (e *Envelope) Raw(field int) []byte {
	at := e.around.spans[field].at
	if at.from == at.to || e.data[at.from] == 'n' {
		return nil
	}
	return e.data[at.from:at.to]
}

// Text gives the value of a field that is a string; nil where there is none. It is borrowed until the next
// call.
func (e *Envelope) Text(field int) []byte {
	raw := e.Raw(field)
	if len(raw) < 2 || raw[0] != '"' {
		return raw
	}
	if bytes.IndexByte(raw, '\\') < 0 {
		return raw[1 : len(raw)-1]
	}
	s, _, err := e.rows.str(e.around.spans[field].at.from)
	if err != nil {
		return nil
	}
	return s
}

// Has reports whether a field has a value other than null.
func (e *Envelope) Has(field int) bool { return e.Raw(field) != nil }

// Fault makes the error of a record that cannot be understood.
func (e *Envelope) Fault(field int, err error, hint string) error {
	offset := e.start
	if at := e.around.spans[field].at; at.from < at.to {
		offset = at.from
	}
	return &format.RecordError{Offset: offset, Err: err, Hint: hint}
}
