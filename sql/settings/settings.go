package settings

import (
	"fmt"
	"maps"
	"slices"
	"sort"
	"strconv"
	"strings"
	"time"

	"github.com/weirstream/weir/sql/diag"
	"github.com/weirstream/weir/sql/option"
)

// Settings are the values of a session. The zero value is not usable; call New.
type Settings struct {
	known  map[string]Option
	values map[string]string
}

// New makes settings at their defaults.
func New() *Settings {
	s := &Settings{known: map[string]Option{}, values: map[string]string{}}
	for _, o := range Known() {
		s.known[o.Key] = o
	}
	return s
}

// Clone copies the settings.
func (s *Settings) Clone() *Settings {
	return &Settings{known: s.known, values: maps.Clone(s.values)}
}

// Set changes an option. The warning says that an option is accepted but changes
// nothing; the error, a *diag.Error without a place, that there is no such option or that the
// value does not fit.
func (s *Settings) Set(key, value string) (warning string, err error) {
	o, ok := s.known[key]
	switch {
	case ok:
		if err := o.Check(value); err != nil {
			return "", diag.Errorf(diag.Span{}, "option '%s': %v", key, err)
		}
		if o.idle != "" {
			warning = fmt.Sprintf("option '%s' is accepted and changes nothing: %s", key, o.idle)
		}
	case s.misspelt(key) != "":
		return "", diag.Errorf(diag.Span{}, "there is no option '%s'", key).WithHint("did you mean '%s'?", s.misspelt(key))
	case ignored(key):
		warning = fmt.Sprintf("option '%s' steers a Flink cluster; it is accepted and changes nothing here", key)
	default:
		return "", diag.Errorf(diag.Span{}, "there is no option '%s'", key).WithHint("SET without arguments lists what is set; docs/settings.md lists all options")
	}
	s.values[key] = strings.TrimSpace(value)
	return warning, nil
}

// misspelt gives the known option that key was probably meant to be: near to it, and not
// an option of Flink's itself.
func (s *Settings) misspelt(key string) string {
	if ignoredKeys[key] {
		return ""
	}
	names := make([]string, 0, len(s.known))
	for k := range s.known {
		names = append(names, k)
	}
	sort.Strings(names)
	near := diag.Nearest(key, names)
	if near == "" || family(near) != family(key) && ignored(key) {
		return ""
	}
	return near
}

func family(key string) string {
	f, _, _ := strings.Cut(key, ".")
	return f
}

// Reset takes an option back to its default; an option that nobody knows is an error.
func (s *Settings) Reset(key string) error {
	if _, ok := s.known[key]; !ok && !ignored(key) {
		e := diag.Errorf(diag.Span{}, "there is no option '%s'", key)
		if near := s.misspelt(key); near != "" {
			e = e.WithHint("did you mean '%s'?", near)
		}
		return e
	}
	delete(s.values, key)
	return nil
}

// ResetAll takes all options back to their defaults.
func (s *Settings) ResetAll() { s.values = map[string]string{} }

// Values gives what was SET, ignored options included.
func (s *Settings) Values() map[string]string { return maps.Clone(s.values) }

// Secret reports whether an option's value is not to be shown, as Flink has it.
func Secret(key string) bool {
	return slices.ContainsFunc([]string{"password", "secret", "token", "apikey", "api-key", "auth-params", "service-key"}, func(word string) bool {
		return strings.Contains(strings.ToLower(key), word)
	})
}

// Has reports whether an option was SET.
func (s *Settings) Has(key string) bool { _, ok := s.values[key]; return ok }

// String gives an option's text: what was SET, or the default.
func (s *Settings) String(key string) string {
	if v, ok := s.values[key]; ok {
		return v
	}
	return s.known[key].Default
}

// Enum gives an option's value in upper case.
func (s *Settings) Enum(key string) string { return strings.ToUpper(s.String(key)) }

// Bool gives a Boolean option. Values were checked by Set, so that nothing can fail here.
func (s *Settings) Bool(key string) bool { return strings.EqualFold(s.String(key), "true") }

// Int gives an integer option, 0 where none is set and there is no default.
func (s *Settings) Int(key string) int64 {
	n, err := strconv.ParseInt(s.String(key), 10, 64)
	if err != nil {
		return 0
	}
	return n
}

// Float gives a number, 0 where none is set and there is no default.
func (s *Settings) Float(key string) float64 {
	x, err := strconv.ParseFloat(s.String(key), 64)
	if err != nil {
		return 0
	}
	return x
}

// Either gives the text of the first of several keys that was SET, or else the first one's default: names that Flink has
// given an option over time.
func (s *Settings) Either(keys ...string) string {
	for _, k := range keys {
		if s.Has(k) {
			return s.String(k)
		}
	}
	return s.String(keys[0])
}

// Duration gives a duration option, 0 where none is set and there is no default.
func (s *Settings) Duration(key string) time.Duration {
	d, err := option.ParseDuration(s.String(key))
	if err != nil {
		return 0
	}
	return d
}

// Size gives a memory size in bytes; 0 where there is none.
func (s *Settings) Size(key string) int64 {
	n, err := option.ParseSize(s.String(key))
	if err != nil {
		return 0 // not set: values are checked by Set
	}
	return n
}

// Zone gives the session's time zone, table.local-time-zone.
func (s *Settings) Zone() *time.Location {
	z, err := parseZone(s.String(LocalTimeZone))
	if err != nil {
		return time.Local
	}
	return z
}
