package cdc

import (
	"fmt"

	"github.com/weirstream/weir/connectors/format/json"
	"github.com/weirstream/weir/runtime/vec"
)

// beforeAfter is the shape of Debezium's and Oracle GoldenGate's records: the row before the change and the
// row after it, each whole or null, and a word for the change. Fields of the layout: op, before, after.
type beforeAfter struct {
	op                     string // the name of the field
	create, update, delete string // its words
	read                   string // a row that was there already, "" for none
	fullRows               string // what to do where an update comes without the row before it
}

const (
	opField = iota
	beforeField
	afterField
)

func (f *beforeAfter) layout(wrapper string) json.Layout {
	return json.Layout{Wrapper: wrapper, Fields: []string{f.op, "before", "after"}, Rows: []int{beforeField, afterField}, Interpret: f.interpret}
}

func (f *beforeAfter) interpret(e *json.Envelope) error {
	switch op := string(e.Text(opField)); {
	case op == f.create, op == f.read && op != "":
		return e.Add(afterField, vec.Insert)
	case op == f.update:
		if err := f.whole(e, "an update"); err != nil {
			return err
		}
		if err := e.Add(beforeField, vec.UpdateBefore); err != nil {
			return err
		}
		return e.Add(afterField, vec.UpdateAfter)
	case op == f.delete:
		if err := f.whole(e, "a delete"); err != nil {
			return err
		}
		return e.Add(beforeField, vec.Delete)
	}
	return unknown(e, opField)
}

// whole checks that the row before the change is there.
func (f *beforeAfter) whole(e *json.Envelope, what string) error {
	if e.Has(beforeField) {
		return nil
	}
	return e.Fault(opField, fmt.Errorf("'before' is null in %s", what), f.fullRows)
}

// texts are how rows are written: an update as a delete and a create.
func (f *beforeAfter) texts(skipNulls bool) (t texts) {
	before, after := `{"before":null,"after":`, `,"after":null,"`
	if skipNulls {
		before, after = `{"after":`, `,"`
	}
	inserted(before, `,"`+f.op+`":"`+f.create+`"}`, &t)
	deleted(`{"before":`, after+f.op+`":"`+f.delete+`"}`, &t)
	return t
}
