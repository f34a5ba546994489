package cdc

import (
	"github.com/weirstream/weir/connectors"
	"github.com/weirstream/weir/connectors/format"
	"github.com/weirstream/weir/connectors/format/json"
	"github.com/weirstream/weir/sql/types"
)

var debeziumRecord = beforeAfter{
	op: "op", create: "c", update: "u", delete: "d", read: "r",
	fullRows: "have the database log whole rows: in PostgreSQL, ALTER TABLE … REPLICA IDENTITY FULL",
}

const schemaInclude = "schema-include"

// Debezium is the format debezium-json: {"before":{…},"after":{…},"op":"u",…}, or, with schema-include,
// that in the field payload beside a schema, as Kafka Connect's JSON converter writes it.
func Debezium() *format.Format {
	source := types.MapOf(types.String(), types.String())
	return dialect{
		name: "debezium-json",
		doc:  "Changes as Debezium writes them: the row before and after. Written are creates and deletes, an update as one of each.",
		options: []connectors.Option{{
			Key: schemaInclude, Type: connectors.BoolOption, Default: "false",
			Doc: "Whether records have a schema, and all else in the field payload. Reading only.",
		}},
		metadata: []json.Metadata{
			outside(field("schema", "schema", types.String(), "The record's JSON schema, as text.")),
			instant("ingestion-timestamp", "ts_ms", 1, "When the connector processed the change."),
			entry("source.timestamp", "source", "ts_ms", types.TimestampLTZOf(3), "When the change was made in the database."),
			entry("source.database", "source", "db", types.String(), "The database."),
			entry("source.schema", "source", "schema", types.String(), "The database's schema."),
			entry("source.table", "source", "table", types.String(), "The table."),
			field("source.properties", "source", source, "All that the field source holds."),
		},
		layout: func(o *connectors.Options) (json.Layout, error) {
			wrapped, err := o.Bool(schemaInclude, false)
			wrapper := ""
			if wrapped {
				wrapper = "payload"
			}
			return debeziumRecord.layout(wrapper), err
		},
		written: func(o *connectors.Options, skipNulls bool) (texts, error) {
			if wrapped, err := o.Bool(schemaInclude, false); err != nil {
				return texts{}, err
			} else if wrapped {
				return texts{}, o.Errorf(schemaInclude, "is for reading: records are written without a schema").WithHint("set it to 'false'")
			}
			return debeziumRecord.texts(skipNulls), nil
		},
	}.format()
}
