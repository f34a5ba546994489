package cdc

import (
	"github.com/weirstream/weir/connectors"
	"github.com/weirstream/weir/connectors/format"
	"github.com/weirstream/weir/connectors/format/json"
	"github.com/weirstream/weir/runtime/vec"
	"github.com/weirstream/weir/sql/types"
)

// The fields of maxwell-json and canal-json that matter: the word for the change, the rows as they are now (for
// a delete: as they were), and, of an update, the old values of what has changed.
const (
	typeField = iota
	dataField
	oldField
)

// Maxwell is the format maxwell-json: {"type":"update","data":{…},"old":{…},…}. What is not in old has not
// changed.
func Maxwell() *format.Format {
	return dialect{
		name: "maxwell-json",
		doc:  "Changes as Maxwell writes them: the row, and the old values of what has changed. Written are inserts and deletes, an update as one of each.",
		metadata: []json.Metadata{
			field("database", "database", types.String(), "The database."),
			field("table", "table", types.String(), "The table."),
			field("primary-key-columns", "primary_key_columns", types.ArrayOf(types.String()), "The names of the primary key's columns."),
			instant("ingestion-timestamp", "ts", 1000, "When the change was made, in whole seconds."),
		},
		layout: func(*connectors.Options) (json.Layout, error) {
			return json.Layout{Fields: []string{"type", "data", "old"}, Rows: []int{dataField}, Interpret: maxwell}, nil
		},
		written: func(*connectors.Options, bool) (t texts, err error) {
			inserted(`{"data":`, `,"type":"insert"}`, &t)
			deleted(`{"data":`, `,"type":"delete"}`, &t)
			return t, nil
		},
	}.format()
}

func maxwell(e *json.Envelope) error {
	switch string(e.Text(typeField)) {
	case "insert":
		return e.Add(dataField, vec.Insert)
	case "update":
		return e.AddUpdate(oldField, dataField)
	case "delete":
		return e.Add(dataField, vec.Delete)
	}
	return unknown(e, typeField)
}
