package cdc

import (
	"github.com/dlclark/regexp2"

	"github.com/weirstream/weir/connectors"
	"github.com/weirstream/weir/connectors/format"
	"github.com/weirstream/weir/connectors/format/json"
	"github.com/weirstream/weir/runtime/vec"
	"github.com/weirstream/weir/sql/types"
)

const (
	databaseInclude = "database.include"
	tableInclude    = "table.include"
)

// Fields behind those that Maxwell has too.
const (
	databaseField = oldField + 1 + iota
	tableField
)

// Canal is the format canal-json: {"type":"UPDATE","data":[{…}],"old":[{…}],…}. A record holds
// several rows of one statement. Records of statements that define tables have the type CREATE and no rows.
func Canal() *format.Format {
	return dialect{
		name: "canal-json",
		doc:  "Changes as Canal writes them: rows, and the old values of what has changed. Written are inserts and deletes of single rows, an update as one of each.",
		options: []connectors.Option{
			{Key: databaseInclude, Type: connectors.StringOption, Doc: "Regular expression that a record's database must match as a whole; other records are skipped."},
			{Key: tableInclude, Type: connectors.StringOption, Doc: "Regular expression that a record's table must match as a whole; other records are skipped."},
		},
		metadata: []json.Metadata{
			field("database", "database", types.String(), "The database."),
			field("table", "table", types.String(), "The table."),
			field("sql-type", "sqlType", types.MapOf(types.String(), types.New(types.Int)), "The columns' types in the database, as numbers of JDBC."),
			field("pk-names", "pkNames", types.ArrayOf(types.String()), "The names of the primary key's columns."),
			instant("ingestion-timestamp", "ts", 1, "When Canal processed the change."),
			instant("event-timestamp", "es", 1, "When the change was made in the database."),
		},
		layout: canalLayout,
		written: func(*connectors.Options, bool) (t texts, err error) {
			inserted(`{"data":[`, `],"type":"INSERT"}`, &t)
			deleted(`{"data":[`, `],"type":"DELETE"}`, &t)
			return t, nil
		},
	}.format()
}

func canalLayout(o *connectors.Options) (json.Layout, error) {
	l := json.Layout{Fields: []string{"type", "data", "old", "database", "table"}, Interpret: canal}
	database, err := include(o, databaseInclude)
	if err != nil {
		return l, err
	}
	table, err := include(o, tableInclude)
	if database != nil || table != nil {
		l.Interpret = func(e *json.Envelope) error {
			if in, err := matches(e, database, databaseField); !in {
				return err
			}
			if in, err := matches(e, table, tableField); !in {
				return err
			}
			return canal(e)
		}
	}
	return l, err
}

// include reads an option that is a pattern; nil where it is not set.
func include(o *connectors.Options, key string) (*regexp2.Regexp, error) {
	if !o.Has(key) {
		return nil, nil
	}
	re, err := regexp2.Compile("^(?:"+o.Get(key)+")$", regexp2.None)
	if err != nil {
		return nil, o.Errorf(key, "is no regular expression: %v", err)
	}
	return re, nil
}

func matches(e *json.Envelope, re *regexp2.Regexp, field int) (bool, error) {
	if re == nil {
		return true, nil
	}
	return re.MatchString(string(e.Text(field)))
}

func canal(e *json.Envelope) error {
	switch string(e.Text(typeField)) {
	case "INSERT":
		return e.AddAll(dataField, vec.Insert)
	case "UPDATE":
		return e.AddUpdates(oldField, dataField)
	case "DELETE":
		return e.AddAll(dataField, vec.Delete)
	case "CREATE":
		return nil
	}
	return unknown(e, typeField)
}
