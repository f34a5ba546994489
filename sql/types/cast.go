package types

// Castable reports whether CAST(x AS to) is allowed for an x of type from, whatever
// their nullability (Flink's CAST matrix).
func Castable(from, to Type) bool {
	switch {
	case from.Kind == Null || from.EqualIgnoringNull(to):
		return true
	case from.IsNested() || to.IsNested():
		return castableNested(from, to)
	case to.IsString():
		return from.Kind < Array
	}
	switch to.Kind {
	case Boolean:
		return from.Kind == Boolean || from.IsString() || from.IsNumeric()
	case Binary, VarBinary:
		return from.IsBinary() || from.IsString()
	case TinyInt, SmallInt, Int, BigInt, Decimal:
		return from.IsNumeric() || from.IsString() || from.Kind == Boolean || from.IsInterval()
	case Float, Double:
		return from.IsNumeric() || from.IsString() || from.Kind == Boolean
	case Date:
		return from.Kind == Date || from.IsTimestamp() || from.IsString()
	case Time:
		return from.Kind == Time || from.IsTimestamp() || from.IsString()
	case Timestamp, TimestampLTZ:
		return from.IsTemporal() || from.IsString()
	case IntervalMonth, IntervalMilli:
		return from.Kind == to.Kind || from.IsInteger()
	}
	return false
}

func castableNested(from, to Type) bool {
	switch {
	case to.IsString():
		return from.Kind != Structured
	case from.Kind == Row && to.Kind == Row:
		if len(from.Fields) != len(to.Fields) {
			return false
		}
		for i, f := range from.Fields {
			if !Castable(f.Type, to.Fields[i].Type) {
				return false
			}
		}
		return true
	case from.Kind != to.Kind:
		return false
	case from.Kind == Map:
		return Castable(*from.Key, *to.Key) && Castable(*from.Elem, *to.Elem)
	case from.Kind == Array || from.Kind == Multiset:
		return Castable(*from.Elem, *to.Elem)
	}
	return false
}

// Assignable reports whether a value of type from may be written to a column of type to
// without a cast: the conversions that lose nothing, those between lengths of strings
// and precisions, and those between the two timestamps. Nullability is not looked at.
func Assignable(from, to Type) bool {
	switch {
	case from.Kind == Null || from.EqualIgnoringNull(to):
		return true
	case from.IsString() && to.IsString(), from.IsBinary() && to.IsBinary():
		return true
	case from.IsInteger() && to.IsInteger():
		return from.Kind <= to.Kind
	case from.IsNumeric() && (to.Kind == Decimal || to.Kind == Double):
		return true
	case to.Kind == Float:
		return from.IsNumeric() && from.Kind != Double
	case from.IsTimestamp():
		return to.IsTimestamp() || from.Kind == Timestamp && (to.Kind == Date || to.Kind == Time)
	case from.Kind == Time && to.Kind == Time:
		return true
	case from.Kind == Row && to.Kind == Row && len(from.Fields) == len(to.Fields):
		for i, f := range from.Fields {
			if !Assignable(f.Type, to.Fields[i].Type) {
				return false
			}
		}
		return true
	case from.Kind != to.Kind:
		return false
	case from.Kind == Map:
		return Assignable(*from.Key, *to.Key) && Assignable(*from.Elem, *to.Elem)
	case from.Kind == Array || from.Kind == Multiset:
		return Assignable(*from.Elem, *to.Elem)
	}
	return false
}
