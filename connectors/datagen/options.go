package datagen

import (
	"math"
	"strconv"
	"strings"

	"github.com/weirstream/weir/connectors"
	"github.com/weirstream/weir/runtime/decimal"
	"github.com/weirstream/weir/runtime/vec"
	"github.com/weirstream/weir/sql/types"
)

// fieldOptions reads the options of fields and remembers which were asked for, so that those that no
// field has can be refused.
type fieldOptions struct {
	*connectors.Options
	known map[string]bool
}

func (o *fieldOptions) key(path, name string) string {
	k := "fields." + path + "." + name
	o.known[k] = true
	return k
}

// unknown gives an error for an option of a field that the table does not have, or that the field's
// type or kind does not have.
func (o *fieldOptions) unknown() error {
	for _, k := range o.Keys() {
		if strings.HasPrefix(k, "fields.") && !o.known[k] {
			return o.Errorf(k, "no field of the table has this option").WithHint("its name is fields.<column>.<option>; which options there are depends on the column's type and kind")
		}
	}
	return nil
}

// nullRate gives the share of NULLs as a threshold of 32 bits.
func (o *fieldOptions) nullRate(path string, t types.Type) (uint64, error) {
	k := o.key(path, "null-rate")
	if !o.Has(k) {
		return 0, nil
	}
	rate, err := strconv.ParseFloat(strings.TrimSpace(o.Get(k)), 64)
	if err != nil || !(rate >= 0 && rate <= 1) {
		return 0, o.Errorf(k, "'%s' is not a number between 0 and 1", o.Get(k))
	}
	if rate > 0 && t.NotNull {
		return 0, o.Errorf(k, "the field is NOT NULL")
	}
	return uint64(rate * (1 << 32)), nil
}

// integer reads a whole number of at most the given size.
func (o *fieldOptions) integer(path, name string, def, least, greatest int64) (int64, error) {
	k := o.key(path, name)
	n, err := o.Int(k, def)
	if err == nil && (n < least || n > greatest) {
		err = o.Errorf(k, "%d is not between %d and %d", n, least, greatest)
	}
	return n, err
}

// integers reads min and max of an integer.
func (o *fieldOptions) integers(path string, least, greatest int64) (lo, hi int64, err error) {
	if lo, err = o.integer(path, "min", least, math.MinInt64, math.MaxInt64); err != nil {
		return 0, 0, err
	}
	if hi, err = o.integer(path, "max", greatest, math.MinInt64, math.MaxInt64); err != nil {
		return 0, 0, err
	}
	switch {
	case lo > hi:
		err = o.Errorf(o.key(path, "min"), "%d is above the maximum, %d", lo, hi)
	case lo < least && o.Has(o.key(path, "min")):
		err = o.Errorf(o.key(path, "min"), "%d does not fit the type", lo)
	case hi > greatest && o.Has(o.key(path, "max")):
		err = o.Errorf(o.key(path, "max"), "%d does not fit the type", hi)
	}
	return lo, hi, err
}

// floats reads min and max of a floating-point number.
func (o *fieldOptions) floats(path string, least, greatest float64) (lo, hi float64, err error) {
	read := func(name string, def float64) float64 {
		k := o.key(path, name)
		if !o.Has(k) || err != nil {
			return def
		}
		x, perr := strconv.ParseFloat(strings.TrimSpace(o.Get(k)), 64)
		if perr != nil || math.IsNaN(x) || math.Abs(x) > greatest {
			err = o.Errorf(k, "'%s' is not a number of the type", o.Get(k))
		}
		return x
	}
	lo, hi = read("min", least), read("max", greatest)
	if err == nil && lo > hi {
		err = o.Errorf(o.key(path, "min"), "%v is above the maximum, %v", lo, hi)
	}
	return lo, hi, err
}

// decimals reads min and max of a DECIMAL. By default the range is all that is not negative.
func (o *fieldOptions) decimals(path string, t types.Type) (lo, hi vec.Dec128, err error) {
	greatest, _ := decimal.Sub(decimal.Pow10(t.Precision), decimal.FromInt64(1))
	read := func(name string, def vec.Dec128) vec.Dec128 {
		k := o.key(path, name)
		if !o.Has(k) || err != nil {
			return def
		}
		d, ok, perr := decimal.Parse([]byte(strings.TrimSpace(o.Get(k))), t.Precision, t.Scale)
		if perr != nil || !ok {
			err = o.Errorf(k, "'%s' is not a %s", o.Get(k), t.WithNull())
		}
		return d
	}
	lo, hi = read("min", vec.Dec128{}), read("max", greatest)
	if err == nil && decimal.Cmp(lo, hi) > 0 {
		err = o.Errorf(o.key(path, "min"), "%s is above the maximum", decimal.String(lo, t.Scale))
	}
	return lo, hi, err
}
