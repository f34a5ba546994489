package kinesis

import (
	"github.com/weirstream/weir/connectors/shardlog/kinesis/wire"
)

// kind is the type that a field must have.
type kind uint8

const (
	stringKind kind = iota
	integerKind
	booleanKind
	blobKind
	timeKind
	listKind
	mapKind
	structKind
)

// field describes one member of a request: its type and AWS's constraints on it.
type field struct {
	name     string
	kind     kind
	required bool
	hasMin   bool // of the length, or of the value of a number
	hasMax   bool
	min, max int64
	pattern  *pattern
	enum     []string
	elem     *field  // of a list or map
	fields   []field // of a structure
	keyMax   int64   // longest key of a map
	shown    string  // stands for the content in messages about a list
}

// pattern is a regular expression as AWS words it, and a faster test of the same.
type pattern struct {
	text  string
	match func(string) bool
}

func text(name string) field    { return field{name: name, kind: stringKind} }
func integer(name string) field { return field{name: name, kind: integerKind} }
func boolean(name string) field { return field{name: name, kind: booleanKind} }
func blob(name string) field    { return field{name: name, kind: blobKind} }
func instant(name string) field { return field{name: name, kind: timeKind} }

func list(name string, elem field) field {
	elem.name = "member"
	return field{name: name, kind: listKind, elem: &elem}
}

func mapping(name string, elem field) field {
	elem.name = "member"
	return field{name: name, kind: mapKind, elem: &elem}
}

func structure(name string, fields ...field) field {
	return field{name: name, kind: structKind, fields: fields}
}

func (f field) req() field { f.required = true; return f }

func (f field) atLeast(n int64) field { f.hasMin, f.min = true, n; return f }

func (f field) atMost(n int64) field { f.hasMax, f.max = true, n; return f }

func (f field) from(lo, hi int64) field { return f.atLeast(lo).atMost(hi) }

func (f field) matching(p *pattern) field { f.pattern = p; return f }

func (f field) oneOf(values ...string) field { f.enum = values; return f }

func (f field) keysTo(n int64) field { f.keyMax = n; return f }

func (f field) shownAs(s string) field { f.shown = s; return f }

var (
	namePattern     = &pattern{"[a-zA-Z0-9_.-]+", isName}
	hashKeyPattern  = &pattern{`0|([1-9]\d{0,38})`, func(s string) bool { return isDecimal(s, 39) }}
	sequencePattern = &pattern{`0|([1-9]\d{0,128})`, func(s string) bool { return isDecimal(s, 129) }}
	streamPattern   = &pattern{`arn:aws.*:kinesis:.*:\d{12}:stream/\S+`, func(s string) bool { return isARN(s, "") }}
	consumerPattern = &pattern{`^(arn):aws.*:kinesis:.*:\d{12}:.*stream\/[a-zA-Z0-9_.-]+\/consumer\/[a-zA-Z0-9_.-]+:[0-9]+`, func(s string) bool { return isARN(s, "/consumer/") }}
	channelPattern  = &pattern{`arn:aws.*:kinesis:.*:\d{12}:channel/\S+`, isChannelARN}
	resourcePattern = &pattern{`arn:aws.*:kinesis:.*:\d{12}:.*stream/\S+`, func(s string) bool { return isARN(s, "") }}
	taggedPattern   = &pattern{`arn:aws.*:kinesis:.*:\d{12}:(.*stream|channel)/\S+`, func(s string) bool { return isARN(s, "") || isChannelARN(s) }}
)

func isName(s string) bool {
	for i := range len(s) {
		c := s[i]
		if !(c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '_' || c == '.' || c == '-') {
			return false
		}
	}
	return s != ""
}

func isDecimal(s string, digits int) bool {
	if s == "0" {
		return true
	}
	if s == "" || len(s) > digits || s[0] == '0' {
		return false
	}
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return true
}

// get returns a string parameter, "" when it is absent.
func get(v *wire.Value, name string) string { return string(v.Get(name).Text) }

// has reports whether a parameter was given.
func has(v *wire.Value, name string) bool { return v.Get(name).Kind != wire.Null }
