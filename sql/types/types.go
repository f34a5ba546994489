// Package types holds Flink SQL's logical types: what they are called, how they
// print, how they merge. A reader enters at Type. The package knows nothing of
// how values are laid out (runtime/vec) nor of SQL text (sql/parse).
//
// Source of the rules: Flink's data-types page and LogicalTypeMerging.
package types

import (
	"fmt"
	"math"
	"strings"
)

// Kind is a type's root.
type Kind uint8

// The kinds of the dialect. Null is the type of a bare NULL literal.
const (
	Invalid Kind = iota
	Null
	Boolean
	TinyInt
	SmallInt
	Int
	BigInt
	Float
	Double
	Decimal
	Char
	VarChar
	Binary
	VarBinary
	Date
	Time
	Timestamp
	TimestampLTZ
	IntervalMonth // year-month intervals: a number of months
	IntervalMilli // day-time intervals: a number of milliseconds
	Array
	Multiset
	Map
	Row
	Raw
	Structured
	Variant
	Bitmap
	Descriptor
)

// MaxLength is the length of STRING and BYTES.
const MaxLength = math.MaxInt32

// Limits and defaults of the dialect.
const (
	MaxDecimalPrecision       = 38
	DefaultDecimalPrecision   = 10
	DefaultTimestampPrecision = 6
	MaxRowtimePrecision       = 3
)

// Type is a logical type. The zero Type is invalid. Types are values; compare
// them with Equal. A type admits NULL unless NotNull is set.
type Type struct {
	Kind       Kind
	NotNull    bool
	Length     int     // CHAR, VARCHAR, BINARY, VARBINARY: characters or bytes
	Precision  int     // DECIMAL digits; TIME, TIMESTAMP, TIMESTAMP_LTZ fraction digits
	Scale      int     // DECIMAL
	Key        *Type   // MAP
	Elem       *Type   // ARRAY and MULTISET element, MAP value
	Fields     []Field // ROW, STRUCTURED
	Name       string  // STRUCTURED and RAW: the class name
	Serializer string  // RAW: the serializer's snapshot
}

// Field is one field of a ROW.
type Field struct {
	Name    string
	Type    Type
	Comment string
}

// Constructors give nullable types; WithoutNull makes them NOT NULL.

// New gives the nullable type of a kind without parameters.
func New(k Kind) Type { return Type{Kind: k} }

// String gives STRING, that is VARCHAR(2147483647).
func String() Type { return Type{Kind: VarChar, Length: MaxLength} }

// Bytes gives BYTES, that is VARBINARY(2147483647).
func Bytes() Type { return Type{Kind: VarBinary, Length: MaxLength} }

// DecimalOf gives DECIMAL(p, s).
func DecimalOf(p, s int) Type { return Type{Kind: Decimal, Precision: p, Scale: s} }

// TimestampOf gives TIMESTAMP(p).
func TimestampOf(p int) Type { return Type{Kind: Timestamp, Precision: p} }

// TimestampLTZOf gives TIMESTAMP_LTZ(p).
func TimestampLTZOf(p int) Type { return Type{Kind: TimestampLTZ, Precision: p} }

// ArrayOf gives ARRAY<elem>.
func ArrayOf(elem Type) Type { return Type{Kind: Array, Elem: &elem} }

// MultisetOf gives MULTISET<elem>.
func MultisetOf(elem Type) Type { return Type{Kind: Multiset, Elem: &elem} }

// MapOf gives MAP<key, value>.
func MapOf(key, value Type) Type { return Type{Kind: Map, Key: &key, Elem: &value} }

// RowOf gives ROW<fields>.
func RowOf(fields ...Field) Type { return Type{Kind: Row, Fields: fields} }

// Nullable reports whether values may be NULL.
func (t Type) Nullable() bool { return !t.NotNull }

// WithNull gives the type with NULLs.
func (t Type) WithNull() Type { t.NotNull = false; return t }

// WithoutNull gives the type NOT NULL.
func (t Type) WithoutNull() Type { t.NotNull = true; return t }

// WithNullIf gives the type with NULLs if n, else NOT NULL.
func (t Type) WithNullIf(n bool) Type { t.NotNull = !n; return t }

// Families, as the typing rules of functions ask for them.

// IsNumeric reports whether the type is a number: TINYINT to DECIMAL.
func (t Type) IsNumeric() bool { return t.Kind >= TinyInt && t.Kind <= Decimal }

// IsInteger reports whether the type is one of TINYINT to BIGINT.
func (t Type) IsInteger() bool { return t.Kind >= TinyInt && t.Kind <= BigInt }

// IsApprox reports whether the type is FLOAT or DOUBLE.
func (t Type) IsApprox() bool { return t.Kind == Float || t.Kind == Double }

// IsString reports whether the type is CHAR or VARCHAR.
func (t Type) IsString() bool { return t.Kind == Char || t.Kind == VarChar }

// IsBinary reports whether the type is BINARY or VARBINARY.
func (t Type) IsBinary() bool { return t.Kind == Binary || t.Kind == VarBinary }

// IsTimestamp reports whether the type is TIMESTAMP or TIMESTAMP_LTZ.
func (t Type) IsTimestamp() bool { return t.Kind == Timestamp || t.Kind == TimestampLTZ }

// IsTemporal reports whether the type is DATE, TIME or a timestamp.
func (t Type) IsTemporal() bool { return t.Kind >= Date && t.Kind <= TimestampLTZ }

// IsInterval reports whether the type is an interval, of months or of milliseconds.
func (t Type) IsInterval() bool { return t.Kind == IntervalMonth || t.Kind == IntervalMilli }

// IsNested reports whether the type holds other types, or is structured.
func (t Type) IsNested() bool { return t.Kind >= Array && t.Kind <= Row || t.Kind == Structured }

// Equal reports whether the types are the same, nullability and field names
// included.
func (t Type) Equal(o Type) bool {
	return t.NotNull == o.NotNull && t.EqualIgnoringNull(o)
}

// EqualIgnoringNull is Equal but for the outermost nullability.
func (t Type) EqualIgnoringNull(o Type) bool {
	if t.Kind != o.Kind || t.Length != o.Length || t.Precision != o.Precision || t.Scale != o.Scale ||
		t.Name != o.Name || t.Serializer != o.Serializer || len(t.Fields) != len(o.Fields) || !equalPtr(t.Key, o.Key) || !equalPtr(t.Elem, o.Elem) {
		return false
	}
	for i, f := range t.Fields {
		if f.Name != o.Fields[i].Name || !f.Type.Equal(o.Fields[i].Type) {
			return false
		}
	}
	return true
}

func equalPtr(a, b *Type) bool {
	if a == nil || b == nil {
		return a == b
	}
	return a.Equal(*b)
}

// String prints the type as Flink's asSummaryString does: "DECIMAL(10, 2) NOT NULL",
// "ROW<`a` INT, `b` STRING>".
func (t Type) String() string {
	s := t.base()
	if t.NotNull {
		s += " NOT NULL"
	}
	return s
}

var simpleNames = map[Kind]string{
	Invalid: "INVALID", Null: "NULL", Boolean: "BOOLEAN", TinyInt: "TINYINT", SmallInt: "SMALLINT", Int: "INT",
	BigInt: "BIGINT", Float: "FLOAT", Double: "DOUBLE", Date: "DATE", Variant: "VARIANT", Bitmap: "BITMAP",
	IntervalMonth: "INTERVAL MONTH", IntervalMilli: "INTERVAL SECOND(3)", Descriptor: "DESCRIPTOR",
}

func (t Type) base() string {
	if s, ok := simpleNames[t.Kind]; ok {
		return s
	}
	switch t.Kind {
	case Decimal:
		return fmt.Sprintf("DECIMAL(%d, %d)", t.Precision, t.Scale)
	case Char:
		return fmt.Sprintf("CHAR(%d)", t.Length)
	case VarChar:
		if t.Length == MaxLength {
			return "STRING"
		}
		return fmt.Sprintf("VARCHAR(%d)", t.Length)
	case Binary:
		return fmt.Sprintf("BINARY(%d)", t.Length)
	case VarBinary:
		if t.Length == MaxLength {
			return "BYTES"
		}
		return fmt.Sprintf("VARBINARY(%d)", t.Length)
	case Time:
		return fmt.Sprintf("TIME(%d)", t.Precision)
	case Timestamp:
		return fmt.Sprintf("TIMESTAMP(%d)", t.Precision)
	case TimestampLTZ:
		return fmt.Sprintf("TIMESTAMP_LTZ(%d)", t.Precision)
	case Array:
		return "ARRAY<" + t.Elem.String() + ">"
	case Multiset:
		return "MULTISET<" + t.Elem.String() + ">"
	case Map:
		return "MAP<" + t.Key.String() + ", " + t.Elem.String() + ">"
	case Row:
		return "ROW<" + strings.Join(t.fields(), ", ") + ">"
	case Structured:
		return "STRUCTURED<" + strings.Join(append([]string{quoteString(t.Name)}, t.fields()...), ", ") + ">"
	case Raw:
		return "RAW(" + quoteString(t.Name) + ", " + quoteString(t.Serializer) + ")"
	}
	return fmt.Sprintf("KIND(%d)", t.Kind)
}

func (t Type) fields() []string {
	parts := make([]string, len(t.Fields))
	for i, f := range t.Fields {
		parts[i] = QuoteIdent(f.Name) + " " + f.Type.String()
		if f.Comment != "" {
			parts[i] += " " + quoteString(f.Comment)
		}
	}
	return parts
}

func quoteString(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }

// QuoteIdent quotes an identifier with backticks.
func QuoteIdent(s string) string { return "`" + strings.ReplaceAll(s, "`", "``") + "`" }
