package connectors

import "github.com/weirstream/weir/sql/option"

// Option declares one WITH option of a connector or format; Options are what a table sets.
type (
	Option  = option.Option
	Options = option.Options
)

// Types of options.
const (
	StringOption   = option.String
	IntOption      = option.Int
	BoolOption     = option.Bool
	DurationOption = option.Duration // 5 s, 200 ms, 1 min, 2h
	SizeOption     = option.Size     // 128MB, 1 kb
	EnumOption     = option.Enum
	FloatOption    = option.Float
)

// NewOptions makes Options of keys and values; spans may be nil.
var NewOptions = option.New
