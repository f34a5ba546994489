package state

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/weirstream/weir/runtime/vec"
)

// Kind is how a table's rows lie on disk.
type Kind string

// Kinds of tables.
const (
	Keyed  Kind = "keyed"   // an entry a key
	BySpan Kind = "by span" // chunks of rows, filed by time
)

// Descriptor says what a table on disk holds. It is stored beside the rows.
type Descriptor struct {
	Operator string     `json:"operator"` // the plan node's id
	Name     string     `json:"name"`
	Kind     Kind       `json:"kind"`
	Version  int        `json:"version"` // of the layout of rows
	Key      vec.Schema `json:"-"`
	Value    vec.Schema `json:"-"`
	// Route is how many of the key's columns, from the first on, a row's key group is made of: those that the exchange
	// before the operator hashes. 0: all rows are in group 0, and so with the first subtask.
	Route int `json:"route"`
}

// layoutVersion is the version of rows that this build writes.
const layoutVersion = 1

// String names the table in errors: state "groups" of operator a1b2.
func (d *Descriptor) String() string {
	return fmt.Sprintf("state %q of operator %s", d.Name, d.Operator)
}

// columns are the key's and the value's.
func (d *Descriptor) columns() vec.Schema {
	return append(append(vec.Schema{}, d.Key...), d.Value...)
}

// matches says why rows of what is stored cannot be read as d; "" if they can. Nullability is not looked at.
func (d *Descriptor) matches(stored *Descriptor) string {
	switch {
	case stored.Version != d.Version:
		return fmt.Sprintf("is of version %d, this build reads version %d", stored.Version, d.Version)
	case stored.Kind != d.Kind:
		return fmt.Sprintf("is %s, the job keeps it %s", stored.Kind, d.Kind)
	case stored.Route != d.Route || !sameColumns(stored.Key, d.Key):
		return fmt.Sprintf("has the key (%s), the job needs (%s)", list(stored.Key), list(d.Key))
	case !sameColumns(stored.Value, d.Value):
		return fmt.Sprintf("has the columns (%s), the job needs (%s)", list(stored.Value), list(d.Value))
	}
	return ""
}

func sameColumns(a, b vec.Schema) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i].Name != b[i].Name || !a[i].Type.EqualIgnoringNull(b[i].Type) {
			return false
		}
	}
	return true
}

func list(s vec.Schema) string {
	var parts []string
	for _, f := range s {
		parts = append(parts, f.Name+" "+f.Type.String())
	}
	return strings.Join(parts, ", ")
}

// stored is a Descriptor as JSON.
type stored struct {
	Descriptor
	Key   []storedField `json:"key"`
	Value []storedField `json:"value"`
}

type storedField struct {
	Name string     `json:"name"`
	Type storedType `json:"type"`
}

func (d *Descriptor) encode() ([]byte, error) {
	s := stored{Descriptor: *d}
	for _, f := range d.Key {
		s.Key = append(s.Key, storedField{f.Name, storeType(f.Type)})
	}
	for _, f := range d.Value {
		s.Value = append(s.Value, storedField{f.Name, storeType(f.Type)})
	}
	return json.Marshal(s)
}

func decodeDescriptor(data []byte) (*Descriptor, error) {
	var s stored
	if err := json.Unmarshal(data, &s); err != nil {
		return nil, corrupt("reading the description of a table", err)
	}
	d := s.Descriptor
	if d.Kind != Keyed && d.Kind != BySpan {
		return nil, corrupt("reading the description of "+d.String(), fmt.Errorf("this build has no kind of table %q", d.Kind))
	}
	for part, fields := range [][]storedField{s.Key, s.Value} {
		for _, f := range fields {
			t, err := f.Type.load()
			if err != nil {
				return nil, fmt.Errorf("reading the description of %s: column %s: %w", &d, f.Name, err)
			}
			if field := (vec.Field{Name: f.Name, Type: t}); part == 0 {
				d.Key = append(d.Key, field)
			} else {
				d.Value = append(d.Value, field)
			}
		}
	}
	if d.Route < 0 || d.Route > len(d.Key) {
		return nil, corrupt("reading the description of "+d.String(), fmt.Errorf("route %d of %d columns", d.Route, len(d.Key)))
	}
	return &d, nil
}
