package cdc

import (
	"github.com/weirstream/weir/connectors"
	"github.com/weirstream/weir/connectors/format"
	"github.com/weirstream/weir/connectors/format/json"
	"github.com/weirstream/weir/runtime/vec"
)

const rowField = opField + 1

// Changelog is the format changelog-json, {"op":"+U","row":{…}}: what `weir run -o json` prints. It
// keeps all kinds of changes as they are.
func Changelog() *format.Format {
	return dialect{
		name: "changelog-json",
		doc:  `Changes of all kinds as {"op":"+I","row":{…}}, the op being +I, -U, +U or -D: what weir run prints with -o json. Weir's own, Flink has no such format.`,
		layout: func(*connectors.Options) (json.Layout, error) {
			return json.Layout{Fields: []string{"op", "row"}, Rows: []int{rowField}, Interpret: changelog}, nil
		},
		written: func(*connectors.Options, bool) (t texts, err error) {
			for k := vec.Insert; k <= vec.Delete; k++ {
				t[k].before, t[k].behind = `{"op":"`+k.String()+`","row":`, `}`
			}
			return t, nil
		},
	}.format()
}

func changelog(e *json.Envelope) error {
	switch string(e.Text(opField)) {
	case "+I":
		return e.Add(rowField, vec.Insert)
	case "-U":
		return e.Add(rowField, vec.UpdateBefore)
	case "+U":
		return e.Add(rowField, vec.UpdateAfter)
	case "-D":
		return e.Add(rowField, vec.Delete)
	}
	return unknown(e, opField)
}
