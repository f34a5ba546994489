package state

import (
	"fmt"

	"github.com/weirstream/weir/sql/types"
)

// storedType is a logical type as it is written down: kinds by name, since their numbers are not part of the format.
type storedType struct {
	Kind       string        `json:"kind"`
	NotNull    bool          `json:"notNull,omitempty"`
	Length     int           `json:"length,omitempty"`
	Precision  int           `json:"precision,omitempty"`
	Scale      int           `json:"scale,omitempty"`
	Key        *storedType   `json:"key,omitempty"`
	Elem       *storedType   `json:"elem,omitempty"`
	Fields     []storedField `json:"fields,omitempty"`
	Name       string        `json:"name,omitempty"`
	Serializer string        `json:"serializer,omitempty"`
}

// kindNames are the kinds that columns of state may have.
func kindNames() map[types.Kind]string {
	return map[types.Kind]string{
		types.Null: "NULL", types.Boolean: "BOOLEAN", types.TinyInt: "TINYINT", types.SmallInt: "SMALLINT", types.Int: "INT",
		types.BigInt: "BIGINT", types.Float: "FLOAT", types.Double: "DOUBLE", types.Decimal: "DECIMAL", types.Char: "CHAR",
		types.VarChar: "VARCHAR", types.Binary: "BINARY", types.VarBinary: "VARBINARY", types.Date: "DATE", types.Time: "TIME",
		types.Timestamp: "TIMESTAMP", types.TimestampLTZ: "TIMESTAMP_LTZ", types.IntervalMonth: "INTERVAL_MONTH",
		types.IntervalMilli: "INTERVAL_MILLI", types.Array: "ARRAY", types.Multiset: "MULTISET", types.Map: "MAP", types.Row: "ROW",
		types.Raw: "RAW", types.Structured: "STRUCTURED", types.Variant: "VARIANT", types.Bitmap: "BITMAP",
	}
}

func storeType(t types.Type) storedType {
	s := storedType{
		Kind: kindNames()[t.Kind], NotNull: t.NotNull, Length: t.Length, Precision: t.Precision, Scale: t.Scale,
		Name: t.Name, Serializer: t.Serializer,
	}
	if t.Key != nil {
		k := storeType(*t.Key)
		s.Key = &k
	}
	if t.Elem != nil {
		e := storeType(*t.Elem)
		s.Elem = &e
	}
	for _, f := range t.Fields {
		s.Fields = append(s.Fields, storedField{f.Name, storeType(f.Type)})
	}
	return s
}

func (s *storedType) load() (types.Type, error) {
	t := types.Type{
		NotNull: s.NotNull, Length: s.Length, Precision: s.Precision, Scale: s.Scale, Name: s.Name, Serializer: s.Serializer,
	}
	for kind, name := range kindNames() {
		if name == s.Kind {
			t.Kind = kind
		}
	}
	if t.Kind == types.Invalid {
		return t, corrupt("reading a type", fmt.Errorf("this build has no type %q", s.Kind))
	}
	for _, part := range []struct {
		from *storedType
		to   **types.Type
	}{{s.Key, &t.Key}, {s.Elem, &t.Elem}} {
		if part.from == nil {
			continue
		}
		x, err := part.from.load()
		if err != nil {
			return t, err
		}
		*part.to = &x
	}
	for _, f := range s.Fields {
		x, err := f.Type.load()
		if err != nil {
			return t, err
		}
		t.Fields = append(t.Fields, types.Field{Name: f.Name, Type: x})
	}
	if why := misshapen(t); why != "" {
		return t, corrupt("reading a type", fmt.Errorf("%s %s", s.Kind, why))
	}
	return t, nil
}

// misshapen says why there can be no values of a type; "" where there can.
func misshapen(t types.Type) string {
	switch t.Kind {
	case types.Array, types.Multiset:
		if t.Elem == nil {
			return "has no type of its elements"
		}
	case types.Map:
		if t.Key == nil || t.Elem == nil {
			return "has no type of its keys or of its values"
		}
	}
	if t.Length < 0 || min(t.Precision, t.Scale) < 0 || max(t.Precision, t.Scale) > 38 {
		return fmt.Sprintf("has the length %d, the precision %d and the scale %d", t.Length, t.Precision, t.Scale)
	}
	return ""
}
