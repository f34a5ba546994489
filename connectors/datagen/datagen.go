// Package datagen is the connector that makes rows up: random values or sequences for each
// column, as Flink's datagen connector does. Enter at Connector.
//
// A value is a hash of the seed, the field's path and the row's number. So any number of
// splits gives the same rows, a reader starts anywhere at once, and a job that is restored
// reads the same rows again; only dates and times depend on the clock.
package datagen

import "github.com/weirstream/weir/connectors"

// Connector describes the connector 'datagen'.
func Connector() connectors.Connector {
	return connectors.Connector{
		Name: "datagen",
		Doc: "Makes rows of random values and sequences. The # of an option is a field's name, or a path: fields.f.g.min for the field g of the ROW f, " +
			"fields.a.element.min for the elements of an ARRAY or MULTISET, fields.m.key.min and fields.m.value.min for a MAP. " +
			"The table ends after number-of-rows rows, and where a sequence ends.",
		Options: []connectors.Option{
			{Key: "rows-per-second", Type: connectors.IntOption, Default: "10000", Doc: "rows that come at the beginning of each second; 0: as fast as they can be made"},
			{Key: "number-of-rows", Type: connectors.IntOption, Doc: "rows in all; without it, and without a sequence, the table has no end"},
			{Key: "seed", Type: connectors.IntOption, Default: "0", Doc: "another seed gives other values"},
			{Key: "splits", Type: connectors.IntOption, Doc: "number of splits, among which blocks of rows go in turns: by default 8, and 1 where rows-per-second is not 0"},
			{Key: "fields.#.kind", Type: connectors.EnumOption, Values: []string{"random", "sequence"}, Default: "random", Doc: "how values are made"},
			{Key: "fields.#.min", Type: connectors.StringOption, Doc: "least random number; by default that of the type, 0 for DECIMAL, INTERVAL YEAR, FLOAT and DOUBLE"},
			{Key: "fields.#.max", Type: connectors.StringOption, Doc: "greatest random number; by default that of the type"},
			{Key: "fields.#.max-past", Type: connectors.DurationOption, Default: "0", Doc: "timestamps are between now and so long ago"},
			{Key: "fields.#.length", Type: connectors.IntOption, Doc: "characters, bytes, or elements: by default 100 for STRING and BYTES, the type's own length for others, 3 for collections"},
			{Key: "fields.#.var-len", Type: connectors.BoolOption, Default: "false", Doc: "strings of 1 to length characters or bytes"},
			{Key: "fields.#.start", Type: connectors.StringOption, Doc: "first value of a sequence"},
			{Key: "fields.#.end", Type: connectors.StringOption, Doc: "last value of a sequence"},
			{Key: "fields.#.null-rate", Type: connectors.FloatOption, Default: "0", Doc: "share of NULLs among random values"},
		},
		NestedProjection: true,
		Source:           newSource,
	}
}
