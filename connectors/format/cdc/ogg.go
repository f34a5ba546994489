package cdc

import (
	"github.com/weirstream/weir/connectors"
	"github.com/weirstream/weir/connectors/format"
	"github.com/weirstream/weir/connectors/format/json"
	"github.com/weirstream/weir/sql/types"
)

var oggRecord = beforeAfter{
	op: "op_type", create: "I", update: "U", delete: "D",
	fullRows: "have GoldenGate write whole rows: ADD TRANDATA with ALLCOLS, and includeBefores in the JSON formatter",
}

// Ogg is the format ogg-json: {"before":{…},"after":{…},"op_type":"U",…}. Truncations are refused, as in
// Flink.
func Ogg() *format.Format {
	return dialect{
		name: "ogg-json",
		doc:  "Changes as Oracle GoldenGate writes them: the row before and after. Written are inserts and deletes, an update as one of each.",
		metadata: []json.Metadata{
			field("table", "table", types.String(), "The table, with its owner."),
			field("primary-keys", "primary_keys", types.ArrayOf(types.String()), "The names of the primary key's columns."),
			datetime("ingestion-timestamp", "current_ts", "When GoldenGate processed the change."),
			datetime("event-timestamp", "op_ts", "When the change was made in the database."),
		},
		layout: func(*connectors.Options) (json.Layout, error) { return oggRecord.layout(""), nil },
		written: func(_ *connectors.Options, skipNulls bool) (texts, error) {
			return oggRecord.texts(skipNulls), nil
		},
	}.format()
}
