package expr

import (
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/weirstream/weir/runtime/decimal"
	"github.com/weirstream/weir/runtime/vec"
	"github.com/weirstream/weir/sql/diag"
	"github.com/weirstream/weir/sql/types"
	"github.com/weirstream/weir/udf/datetime"
)

// ParseNumber reads a numeric literal: INT, BIGINT where INT is too small, DECIMAL with
// the digits as written, DOUBLE with an exponent. Boxed as package vec says, typed NOT
// NULL. Errors are *diag.Error without a place.
func ParseNumber(text string) (any, types.Type, error) {
	if strings.ContainsAny(text, "eE") {
		f, err := strconv.ParseFloat(text, 64)
		if err != nil || math.IsInf(f, 0) {
			return nil, types.Type{}, diag.Errorf(diag.Span{}, "%s is no number that fits a DOUBLE", text)
		}
		return f, types.New(types.Double).WithoutNull(), nil
	}
	whole, frac, _ := strings.Cut(text, ".")
	if frac == "" {
		if n, err := strconv.ParseInt(whole, 10, 64); err == nil {
			t := types.New(types.Int)
			if n != int64(int32(n)) {
				t = types.New(types.BigInt)
			}
			return n, t.WithoutNull(), nil
		}
	}
	unsigned := strings.TrimPrefix(whole, "-")
	digits, scale := len(unsigned)+len(frac), len(frac)
	switch significant := strings.TrimLeft(unsigned, "0"); {
	case frac == "":
		digits = len(significant)
	case digits > types.MaxDecimalPrecision:
		digits = len(significant) + len(frac) // a zero before the point needs no digit
	}
	if digits > types.MaxDecimalPrecision {
		return nil, types.Type{}, diag.Errorf(diag.Span{}, "%s has more than %d digits", text, types.MaxDecimalPrecision)
	}
	d, ok, err := decimal.Parse([]byte(text), max(digits, 1), scale)
	if err != nil || !ok {
		return nil, types.Type{}, diag.Errorf(diag.Span{}, "%s is no number", text)
	}
	return d, types.DecimalOf(max(digits, 1), scale).WithoutNull(), nil
}

// ParseDate reads the text of DATE '…'.
func ParseDate(text string) (any, types.Type, error) {
	days, ok := datetime.ParseDate([]byte(text))
	if !ok || strings.Count(text, "-") != 2 || strings.Contains(text, " ") {
		return badLiteral("DATE", text, "yyyy-MM-dd")
	}
	return int64(days), types.New(types.Date).WithoutNull(), nil
}

// ParseTime reads the text of TIME '…'.
func ParseTime(text string) (any, types.Type, error) {
	ms, ok := datetime.ParseTime([]byte(text))
	if !ok || strings.Count(text, ":") != 2 {
		return badLiteral("TIME", text, "HH:mm:ss")
	}
	return int64(ms), types.Type{Kind: types.Time, NotNull: true}, nil
}

// ParseTimestamp reads the text of TIMESTAMP '…'; its precision is that of the digits
// written, of which those behind the ninth are cut.
func ParseTimestamp(text string) (any, types.Type, error) {
	_, frac, _ := strings.Cut(text, ".")
	exact := text
	if finer := len(frac) - 9; finer > 0 && strings.Trim(frac, "0123456789") == "" {
		exact = text[:len(text)-finer]
	}
	p, ok := datetime.ParseTimestamp([]byte(exact))
	if !ok {
		return badLiteral("TIMESTAMP", text, "yyyy-MM-dd[ HH:mm:ss[.fraction]]")
	}
	t := types.TimestampOf(min(len(frac), 9))
	unit := vec.UnitOf(t.Precision)
	if !datetime.Fits(p.Ticks(1), 1, unit) {
		return badLiteral("TIMESTAMP", text, "yyyy-MM-dd HH:mm:ss[.fraction], from 1677-09-22 to 2262-04-11 with more than six digits")
	}
	return p.Ticks(unit), t.WithoutNull(), nil
}

// ParseTimestampLTZ reads the text of TIMESTAMP WITH LOCAL TIME ZONE '…' as local time of
// zone.
func ParseTimestampLTZ(text string, zone *time.Location) (any, types.Type, error) {
	v, t, err := ParseTimestamp(text)
	if err != nil {
		return nil, t, err
	}
	unit := vec.UnitOf(t.Precision)
	return datetime.NewZone(zone).ToInstant(v.(int64), unit), types.TimestampLTZOf(t.Precision).WithoutNull(), nil
}

func badLiteral(kind, text, form string) (any, types.Type, error) {
	return nil, types.Type{}, diag.Errorf(diag.Span{}, "%s '%s' is not valid", kind, text).WithHint("it is written %s", form)
}

// ParseInterval reads the text of INTERVAL [-]'…' from [TO to]; to is "" for a single
// unit. The value is months or milliseconds, as its type says.
func ParseInterval(text, from, to string, negative bool) (any, types.Type, error) {
	u, ok := datetime.ParseUnit(from)
	if !ok {
		return nil, types.Type{}, diag.Errorf(diag.Span{}, "unknown interval unit %s", from)
	}
	end := datetime.NoUnit
	if to != "" {
		if end, ok = datetime.ParseUnit(to); !ok {
			return nil, types.Type{}, diag.Errorf(diag.Span{}, "unknown interval unit %s", to)
		}
	}
	v, months, err := datetime.ParseInterval(text, u, end)
	if err != nil {
		unit := strings.ToUpper(from)
		if to != "" {
			unit += " TO " + strings.ToUpper(to)
		}
		return nil, types.Type{}, diag.Errorf(diag.Span{}, "INTERVAL '%s' %s is not valid", text, unit).
			WithHint("for example INTERVAL '10' MINUTE, INTERVAL '1 10:30' DAY TO MINUTE, INTERVAL '2-6' YEAR TO MONTH")
	}
	if negative {
		v = -v
	}
	if months {
		return v, types.New(types.IntervalMonth).WithoutNull(), nil
	}
	return v, types.New(types.IntervalMilli).WithoutNull(), nil
}
