package json

import (
	"errors"
	"fmt"
	"slices"

	"github.com/weirstream/weir/connectors/format"
	"github.com/weirstream/weir/runtime/vec"
)

var errNoRow = errors.New("the record has no row here")

// Add reads the object that is a field's value as a row.
func (e *Envelope) Add(field int, k vec.ChangeKind) error {
	at := e.around.spans[field].at
	if !e.Has(field) {
		return e.noRow(field)
	}
	if len(e.ahead) > e.taken && e.ahead[e.taken] == field {
		e.taken++
		e.added(k)
		return nil
	}
	_, err := e.add(at.from, k)
	return e.within(err, field)
}

// readAhead reads the object at p, of a field among Rows, as the row behind those that are there, and gives the place
// behind it, 0 where it is no row. Most records use all rows in the order in which they stand, so that
// they need not be skipped first; where that was wrong, rows are taken back.
func (e *Envelope) readAhead(field, p int) int {
	if slices.Contains(e.ahead, field) { // it comes twice, and the last one counts
		e.dropAhead()
	}
	if e.rows.at(p) != '{' {
		return 0
	}
	row := e.row + len(e.ahead)
	if row >= e.rows.room {
		e.rows.size(2*row + 1)
	}
	e.rows.depth = 0
	e.rows.begin()
	next, err := e.rows.fields(p, row)
	if err == nil && e.rows.present < len(e.rows.cols) {
		err = e.rows.missing(row)
	}
	if err != nil {
		e.rows.takeBack(row)
		return 0
	}
	e.ahead = append(e.ahead, field)
	return next
}

// dropAhead takes back what was read ahead.
func (e *Envelope) dropAhead() {
	for i := len(e.ahead) - 1; i >= e.taken; i-- {
		e.rows.takeBack(e.row + i - e.taken)
	}
	e.ahead = e.ahead[:e.taken]
}

// AddUpdate reads two objects as the row before a change and the row after it: now is the row after it, and
// old holds the fields that have changed, with their values from before.
func (e *Envelope) AddUpdate(old, now int) error {
	if !e.Has(now) {
		return e.noRow(now)
	}
	if !e.Has(old) {
		return e.noRow(old)
	}
	from, over := e.around.spans[now].at.from, e.around.spans[old].at.from
	if err := e.addBefore(from, over); err != nil {
		return e.within(err, old)
	}
	_, err := e.add(from, vec.UpdateAfter)
	return e.within(err, now)
}

// AddAll reads the objects of the array that is a field's value.
func (e *Envelope) AddAll(field int, k vec.ChangeKind) error {
	if !e.Has(field) {
		return e.noRow(field)
	}
	l := e.list(field)
	for l.next() {
		p, err := e.add(l.at, k)
		if err != nil {
			return e.within(err, field)
		}
		l.at = p
	}
	return l.err
}

// AddUpdates is AddUpdate for two arrays of the same length.
func (e *Envelope) AddUpdates(old, now int) error {
	if !e.Has(now) {
		return e.noRow(now)
	}
	if !e.Has(old) {
		return e.noRow(old)
	}
	before, after := e.list(old), e.list(now)
	for after.next() {
		if !before.next() {
			return e.Fault(old, fmt.Errorf("it has fewer rows than '%s'", e.Fields[now]), "")
		}
		if err := e.addBefore(after.at, before.at); err != nil {
			return e.within(err, old)
		}
		p, err := e.add(after.at, vec.UpdateAfter)
		if err != nil {
			return e.within(err, now)
		}
		after.at = p
		if before.at, err = e.rows.skip(before.at); err != nil {
			return err
		}
	}
	return errors.Join(before.err, after.err)
}

// list walks over the elements of an array: at is the next one's place, and the caller moves it behind it.
type list struct {
	d     *Decoder
	at    int
	begun bool
	err   error
}

func (e *Envelope) list(field int) *list { return &list{d: e.rows, at: e.around.spans[field].at.from} }

// next goes to the next element, whose place is then at.
func (l *list) next() bool {
	d := l.d
	p := d.space(l.at)
	want := byte(',')
	if !l.begun {
		want = '['
	}
	l.begun = true
	if d.at(p) == ']' {
		return false
	}
	if d.at(p) != want {
		l.err = d.fault(p, "an array of rows is expected")
		return false
	}
	l.at = d.space(p + 1)
	return d.at(l.at) != ']'
}

// add reads the object at p as the next row and gives the place behind it.
func (e *Envelope) add(p int, k vec.ChangeKind) (int, error) {
	e.dropAhead()
	e.grow()
	e.rows.depth = 0
	e.rows.begin()
	next, err := e.object(p)
	if err == nil && e.rows.present < len(e.rows.cols) {
		err = e.rows.missing(e.row)
	}
	e.added(k)
	return next, err
}

// addBefore reads the object at p as the next row, and over it the fields of the one at over.
func (e *Envelope) addBefore(p, over int) error {
	e.dropAhead()
	e.grow()
	e.rows.depth = 0
	e.rows.begin()
	_, err := e.object(p)
	if err == nil {
		// What comes again counts, as where an object has a key twice.
		_, err = e.object(over)
	}
	if err == nil && e.rows.present < len(e.rows.cols) {
		err = e.rows.missing(e.row)
	}
	e.added(vec.UpdateBefore)
	return err
}

func (e *Envelope) object(p int) (int, error) {
	if e.rows.at(p) != '{' {
		return p, &format.RecordError{Offset: p, Err: errNoRow}
	}
	return e.rows.fields(p, e.row)
}

// grow makes room for the next row.
func (e *Envelope) grow() {
	if e.row == e.rows.room {
		e.rows.size(2*e.row + 1)
	}
}

func (e *Envelope) added(k vec.ChangeKind) {
	e.kinds = append(e.kinds, k)
	e.row++
}

func (e *Envelope) noRow(field int) error {
	return &format.RecordError{Offset: e.start, Field: e.Fields[field], Err: errNoRow}
}

// within adds a field to the path of an error's.
func (e *Envelope) within(err error, field int) error {
	if err == nil {
		return nil
	}
	return within(err, e.Fields[field])
}
