package types

// Common returns the least type to which all of ts convert without an explicit
// cast (CASE branches, UNION columns, COALESCE, IN lists), or false where there is
// none. The result admits NULL if any of ts does. A NULL literal fits everything.
func Common(ts ...Type) (Type, bool) {
	if len(ts) == 0 {
		return Type{}, false
	}
	out, ok := ts[0], true
	for _, t := range ts[1:] {
		if out, ok = common2(out, t); !ok {
			return Type{}, false
		}
	}
	return out, true
}

func common2(a, b Type) (Type, bool) {
	null := a.Nullable() || b.Nullable()
	out, ok := commonBase(a, b)
	return out.WithNullIf(null), ok
}

func commonBase(a, b Type) (Type, bool) {
	switch {
	case a.Kind == Null:
		return b, true
	case b.Kind == Null, a.EqualIgnoringNull(b):
		return a, true
	case a.IsNumeric() && b.IsNumeric():
		return commonNumeric(a, b), true
	case a.IsString() && b.IsString():
		if a.Kind == Char && b.Kind == Char && a.Length == b.Length {
			return a, true
		}
		return Type{Kind: VarChar, Length: max(a.Length, b.Length)}, true
	case a.IsBinary() && b.IsBinary():
		return Type{Kind: VarBinary, Length: max(a.Length, b.Length)}, true
	case a.Kind == b.Kind && (a.Kind == Time || a.IsTimestamp()):
		return Type{Kind: a.Kind, Precision: max(a.Precision, b.Precision)}, true
	case a.IsTimestamp() && b.IsTimestamp():
		return TimestampLTZOf(max(a.Precision, b.Precision)), true
	case a.Kind == Date && b.IsTimestamp():
		return b, true
	case b.Kind == Date && a.IsTimestamp():
		return a, true
	case a.Kind == b.Kind && (a.Kind == Array || a.Kind == Multiset):
		e, ok := common2(*a.Elem, *b.Elem)
		return Type{Kind: a.Kind, Elem: &e}, ok
	case a.Kind == Map && b.Kind == Map:
		k, ok1 := common2(*a.Key, *b.Key)
		v, ok2 := common2(*a.Elem, *b.Elem)
		return MapOf(k, v), ok1 && ok2
	case a.Kind == Row && b.Kind == Row && len(a.Fields) == len(b.Fields):
		fields := make([]Field, len(a.Fields))
		for i := range fields {
			t, ok := common2(a.Fields[i].Type, b.Fields[i].Type)
			if !ok {
				return Type{}, false
			}
			fields[i] = Field{Name: a.Fields[i].Name, Type: t}
		}
		return RowOf(fields...), true
	}
	return Type{}, false
}

func commonNumeric(a, b Type) Type {
	switch {
	case a.Kind == Decimal && b.IsApprox(), b.Kind == Decimal && a.IsApprox():
		return New(Double)
	case a.IsApprox():
		return New(a.Kind) // FLOAT and DOUBLE: the first one counts, as in Flink
	case b.IsApprox():
		return New(b.Kind)
	case a.Kind == Decimal || b.Kind == Decimal:
		a, b = AsDecimal(a), AsDecimal(b)
		digits := max(a.Precision-a.Scale, b.Precision-b.Scale) // before the point: all of them are kept
		scale := min(max(a.Scale, b.Scale), MaxDecimalPrecision-digits)
		return DecimalOf(digits+scale, scale)
	}
	return New(max(a.Kind, b.Kind))
}

// AsDecimal gives the decimal type that holds every value of an integer type;
// decimals come back unchanged.
func AsDecimal(t Type) Type {
	digits := map[Kind]int{TinyInt: 3, SmallInt: 5, Int: 10, BigInt: 19}
	if p, ok := digits[t.Kind]; ok {
		return Type{Kind: Decimal, Precision: p, NotNull: t.NotNull}
	}
	return t
}

// ArithOp is an arithmetic operator of the typing rules below.
type ArithOp byte

// The operators that DecimalResult knows.
const (
	Add ArithOp = '+'
	Sub ArithOp = '-'
	Mul ArithOp = '*'
	Div ArithOp = '/'
	Mod ArithOp = '%'
)

// DecimalResult is the type of a op b for two decimals (LogicalTypeMerging):
// past 38 digits the integer digits are kept and the scale shrinks, to no less than
// min(scale, 6).
func DecimalResult(op ArithOp, a, b Type) Type {
	p1, s1, p2, s2 := a.Precision, a.Scale, b.Precision, b.Scale
	var p, s int
	switch op {
	case Mul:
		p, s = p1+p2+1, s1+s2
	case Div:
		s = max(6, s1+p2+1)
		p = p1 - s1 + s2 + s
	case Mod:
		s = max(s1, s2)
		p = min(p1-s1, p2-s2) + s
	default:
		s = max(s1, s2)
		p = max(p1-s1, p2-s2) + s + 1
	}
	return boundDecimal(p, s)
}

func boundDecimal(p, s int) Type {
	if p > MaxDecimalPrecision {
		s = max(MaxDecimalPrecision-(p-s), min(s, 6))
		p = MaxDecimalPrecision
	}
	return DecimalOf(p, s)
}
