// Package option is how options are declared and read, in WITH clauses and by SET: keys with
// types, defaults and documentation (Option), and the values that a user wrote with their
// places in the SQL (Options). One declaration gives the check, the error texts and the page in docs/.
package option

import (
	"fmt"
	"sort"
	"strconv"
	"strings"
	"time"

	"github.com/weirstream/weir/sql/diag"
)

// Type is what an option's value looks like.
type Type string

// Option types.
const (
	String   Type = "String"
	Int      Type = "Integer"
	Bool     Type = "Boolean"
	Duration Type = "Duration"   // 5 s, 200 ms, 1 min, 2h, PT1S
	Size     Type = "MemorySize" // 128MB, 1 kb
	Enum     Type = "Enum"
	Float    Type = "Double"
)

// Option documents one WITH option and checks its value. A key may hold '#' for a part
// that the user chooses (fields.#.kind) or end in '*'.
type Option struct {
	Key      string
	Type     Type
	Values   []string // of an Enum, lower case
	Default  string   // "" for none
	Required bool
	Doc      string
}

// Options are a table's WITH options, with the place of each in the user's SQL.
// Readers of an option name it once; Check finds those that nobody knows.
type Options struct {
	values map[string]string
	spans  map[string]diag.Span
	prefix string // of a Sub: what its keys have in front, in the user's SQL
}

// New makes Options of keys and values; spans may be nil.
func New(values map[string]string, spans map[string]diag.Span) *Options {
	return &Options{values: values, spans: spans}
}

// Sub gives the options whose keys begin with prefix, by what follows it; errors still
// name the whole key.
func (o *Options) Sub(prefix string) *Options {
	sub := &Options{values: map[string]string{}, spans: map[string]diag.Span{}, prefix: o.prefix + prefix}
	for k, v := range o.values {
		if rest, ok := strings.CutPrefix(k, prefix); ok {
			sub.values[rest], sub.spans[rest] = v, o.spans[k]
		}
	}
	return sub
}

// Keys gives the keys, sorted.
func (o *Options) Keys() []string {
	keys := make([]string, 0, len(o.values))
	for k := range o.values {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	return keys
}

// Span gives the place of an option in the user's SQL.
func (o *Options) Span(key string) diag.Span { return o.spans[key] }

// Get gives an option's text, or "".
func (o *Options) Get(key string) string { return o.values[key] }

// Has reports whether the option is set.
func (o *Options) Has(key string) bool { _, ok := o.values[key]; return ok }

// String gives the option's text, or def.
func (o *Options) String(key, def string) string {
	if v, ok := o.values[key]; ok {
		return v
	}
	return def
}

// Errorf makes an error at the option's place.
func (o *Options) Errorf(key, format string, args ...any) *diag.Error {
	return diag.Errorf(o.spans[key], "option '%s': %s", o.prefix+key, fmt.Sprintf(format, args...))
}

// Bool reads a Boolean option.
func (o *Options) Bool(key string, def bool) (bool, error) {
	v, ok := o.values[key]
	if !ok {
		return def, nil
	}
	switch strings.ToLower(strings.TrimSpace(v)) {
	case "true":
		return true, nil
	case "false":
		return false, nil
	}
	return false, o.Errorf(key, "'%s' is not a Boolean", v).WithHint("use 'true' or 'false'")
}

// Int reads an integer option.
func (o *Options) Int(key string, def int64) (int64, error) {
	v, ok := o.values[key]
	if !ok {
		return def, nil
	}
	n, err := strconv.ParseInt(strings.TrimSpace(v), 10, 64)
	if err != nil {
		return 0, o.Errorf(key, "'%s' is not a whole number", v)
	}
	return n, nil
}

// Duration reads a duration option.
func (o *Options) Duration(key string, def time.Duration) (time.Duration, error) {
	v, ok := o.values[key]
	if !ok {
		return def, nil
	}
	d, err := ParseDuration(v)
	if err != nil {
		return 0, o.Errorf(key, "%v", err).WithHint("for example '200 ms', '5 s', '1 min', '2 h'")
	}
	return d, nil
}

// Size reads a memory size option, in bytes.
func (o *Options) Size(key string, def int64) (int64, error) {
	v, ok := o.values[key]
	if !ok {
		return def, nil
	}
	n, err := ParseSize(v)
	if err != nil {
		return 0, o.Errorf(key, "%v", err).WithHint("for example '128 mb'")
	}
	return n, nil
}

var durationUnits = map[string]time.Duration{
	"ns": 1, "nano": 1, "nanosecond": 1,
	"us": time.Microsecond, "µs": time.Microsecond, "micro": time.Microsecond, "microsecond": time.Microsecond,
	"": time.Millisecond, "ms": time.Millisecond, "milli": time.Millisecond, "millisecond": time.Millisecond,
	"s": time.Second, "sec": time.Second, "second": time.Second,
	"m": time.Minute, "min": time.Minute, "minute": time.Minute,
	"h": time.Hour, "hour": time.Hour, "d": 24 * time.Hour, "day": 24 * time.Hour,
}

// ParseDuration reads a duration as Flink writes it: a whole number and a unit, with
// or without a space ("200 ms", "5s", "1 min"); a bare number is milliseconds.
func ParseDuration(s string) (time.Duration, error) {
	n, unit, err := splitNumber(s)
	if err != nil {
		return 0, fmt.Errorf("'%s' is not a duration", s)
	}
	u, ok := durationUnits[unit]
	if !ok {
		u, ok = durationUnits[strings.TrimSuffix(unit, "s")]
	}
	if !ok || (u > 0 && n > int64(1<<63-1)/int64(u)) {
		return 0, fmt.Errorf("'%s' is not a duration", s)
	}
	return time.Duration(n) * u, nil
}

var sizeUnits = map[string]int64{
	"": 1, "b": 1, "byte": 1, "bytes": 1,
	"k": 1 << 10, "kb": 1 << 10, "kib": 1 << 10, "kibibytes": 1 << 10, "kilobytes": 1 << 10,
	"m": 1 << 20, "mb": 1 << 20, "mib": 1 << 20, "mebibytes": 1 << 20, "megabytes": 1 << 20,
	"g": 1 << 30, "gb": 1 << 30, "gib": 1 << 30, "gibibytes": 1 << 30, "gigabytes": 1 << 30,
	"t": 1 << 40, "tb": 1 << 40, "tib": 1 << 40, "tebibytes": 1 << 40, "terabytes": 1 << 40,
}

// ParseSize reads a memory size as Flink writes it ("128 mb", "64kb"); units are
// powers of 1024, a bare number is bytes.
func ParseSize(s string) (int64, error) {
	n, unit, err := splitNumber(s)
	u, ok := sizeUnits[unit]
	if err != nil || !ok || n > int64(1<<63-1)/u {
		return 0, fmt.Errorf("'%s' is not a memory size", s)
	}
	return n * u, nil
}

func splitNumber(s string) (int64, string, error) {
	s = strings.TrimSpace(s)
	i := 0
	for i < len(s) && s[i] >= '0' && s[i] <= '9' {
		i++
	}
	n, err := strconv.ParseInt(s[:i], 10, 64)
	return n, strings.ToLower(strings.TrimSpace(s[i:])), err
}
