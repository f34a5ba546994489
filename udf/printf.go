package udf

import (
	"math"
	"strconv"
	"strings"
	"unicode/utf16"

	"github.com/weirstream/weir/runtime/decimal"
	"github.com/weirstream/weir/runtime/javatext"
	"github.com/weirstream/weir/runtime/vec"
	"github.com/weirstream/weir/sql/types"
)

// printfArg takes what java.util.Formatter prints in the same way whatever the engine's own classes are.
func printfArg() param {
	return param{name: "a number, a string or a boolean", to: func(t types.Type) (types.Type, bool) {
		if t.Kind == types.Null {
			return types.String(), true
		}
		return t, t.IsString() || t.IsNumeric() || t.Kind == types.Boolean
	}}
}

// bindPrintf prints as java.util.Formatter does; what that throws on is NULL.
func bindPrintf(c Call) (Kernel, error) {
	return text(func(r row, dst []byte) ([]byte, bool) {
		if r.isNull(0) {
			return dst, false
		}
		f := formatter{row: r, rest: r.str(0), last: -1}
		return f.print(dst)
	})(c)
}

// formatter walks over a format.
type formatter struct {
	row  row
	rest string
	next int // argument without an index, from 0
	last int // argument that was printed last, -1: none
}

// directive is %[index$][flags][width][.precision]conversion.
type directive struct {
	flags            string
	width, precision int // -1: none
	conv             byte
	upper            bool
}

func (d *directive) has(flag byte) bool { return strings.IndexByte(d.flags, flag) >= 0 }

func (f *formatter) print(dst []byte) ([]byte, bool) {
	for {
		at := strings.IndexByte(f.rest, '%')
		if at < 0 {
			return append(dst, f.rest...), true
		}
		dst = append(dst, f.rest[:at]...)
		f.rest = f.rest[at+1:]
		d, index, ok := f.directive()
		if !ok {
			return nil, false
		}
		var s string
		switch d.conv {
		case 'n':
			s, ok = "\n", d.width < 0 && d.precision < 0 && d.flags == ""
		case '%':
			s, ok = d.pad("%"), d.precision < 0 && d.only("-")
		default:
			if index, ok = f.argument(index, &d); ok {
				s, ok = f.value(&d, index)
			}
		}
		if !ok {
			return nil, false
		}
		if d.upper {
			s = strings.ToUpper(s)
		}
		dst = append(dst, s...)
	}
}

// directive reads one behind its %; index is -1 where it has none.
func (f *formatter) directive() (d directive, index int, ok bool) {
	d.width, d.precision, index = -1, -1, -1
	if n, rest := digits(f.rest); n >= 0 && strings.HasPrefix(rest, "$") {
		index, f.rest = n, rest[1:]
	}
	n := 0
	for n < len(f.rest) && strings.IndexByte("-#+ 0,(<", f.rest[n]) >= 0 {
		if strings.IndexByte(f.rest[:n], f.rest[n]) >= 0 {
			return d, 0, false // twice
		}
		n++
	}
	d.flags, f.rest = f.rest[:n], f.rest[n:]
	d.width, f.rest = digits(f.rest)
	if strings.HasPrefix(f.rest, ".") {
		if d.precision, f.rest = digits(f.rest[1:]); d.precision < 0 {
			return d, 0, false
		}
	}
	if f.rest == "" || index == 0 || d.width > maxPrintfWidth || d.precision > maxPrintfWidth {
		return d, 0, false
	}
	d.conv = f.rest[0]
	f.rest = f.rest[1:]
	if strings.IndexByte("BSCXEG", d.conv) >= 0 {
		d.upper, d.conv = true, d.conv+'a'-'A'
	}
	padded := d.has('-') || d.has('0')
	return d, index, !(padded && d.width < 0) && !(d.has('-') && d.has('0')) && !(d.has('+') && d.has(' '))
}

// maxPrintfWidth bounds what a row may grow to.
const maxPrintfWidth = 1 << 16

// digits reads a number; -1 where there is none.
func digits(s string) (int, string) {
	n := 0
	for n < len(s) && s[n] >= '0' && s[n] <= '9' {
		n++
	}
	if n == 0 {
		return -1, s
	}
	v, err := strconv.Atoi(s[:n])
	if err != nil || v > math.MaxInt32 {
		v = math.MaxInt32
	}
	return v, s[n:]
}

// argument gives the place of a directive's argument among those of the call.
func (f *formatter) argument(index int, d *directive) (int, bool) {
	switch {
	case d.has('<'):
		index = f.last
		d.flags = strings.ReplaceAll(d.flags, "<", "")
	case index < 0:
		f.next++
		index = f.next
	}
	f.last = index
	return index, index > 0 && f.row.has(index)
}

// only reports whether the directive has no other flags than these.
func (d *directive) only(flags string) bool { return strings.Trim(d.flags, flags) == "" }

// pad fills a text up to the width, which counts in UTF-16.
func (d *directive) pad(s string) string {
	n := d.width - len(utf16.Encode([]rune(s)))
	switch {
	case n <= 0:
		return s
	case d.has('-'):
		return s + strings.Repeat(" ", n)
	}
	return strings.Repeat(" ", n) + s
}

// value prints argument k; false where the directive does not go with it.
func (f *formatter) value(d *directive, k int) (string, bool) {
	v, null := f.row.args[k], f.row.isNull(k)
	kind := v.Type().Kind
	switch d.conv {
	case 'b':
		s := strconv.FormatBool(!null && (kind != types.Boolean || f.row.bool(k)))
		return d.cut(s), d.only("-")
	case 's':
		return d.cut(f.plain(k)), d.only("-")
	case 'c', 'd', 'o', 'x', 'e', 'f', 'g':
	default:
		return "", false
	}
	if null {
		return d.pad("null"), true
	}
	switch v.Phys() {
	case vec.Int8:
		return d.integer(int64(vec.Values[int8](v)[f.row.i]), 8)
	case vec.Int16:
		return d.integer(int64(vec.Values[int16](v)[f.row.i]), 16)
	case vec.Int32:
		return d.integer(int64(vec.Values[int32](v)[f.row.i]), 32)
	case vec.Int64:
		return d.integer(vec.Values[int64](v)[f.row.i], 64)
	case vec.Float32:
		return d.float(float64(vec.Values[float32](v)[f.row.i]))
	case vec.Float64:
		return d.float(vec.Values[float64](v)[f.row.i])
	}
	return "", false
}

// plain is an argument as %s has it.
func (f *formatter) plain(k int) string {
	v := f.row.args[k]
	switch {
	case f.row.isNull(k):
		return "null"
	case v.Type().Kind == types.Boolean:
		return strconv.FormatBool(f.row.bool(k))
	case v.Phys() == vec.View:
		return f.row.str(k)
	case v.Phys() == vec.Decimal:
		return string(decimal.Append(nil, vec.Values[vec.Dec128](v)[f.row.i], v.Type().Scale))
	case v.Phys() == vec.Float32:
		return string(javatext.AppendDouble(nil, float64(vec.Values[float32](v)[f.row.i]), 32))
	case v.Phys() == vec.Float64:
		return string(javatext.AppendDouble(nil, vec.Values[float64](v)[f.row.i], 64))
	}
	return strconv.FormatInt(integerAt(v, f.row.i), 10)
}

// cut shortens a text to the precision and fills it up to the width.
func (d *directive) cut(s string) string {
	if units := utf16.Encode([]rune(s)); d.precision >= 0 && d.precision < len(units) {
		s = string(utf16.Decode(units[:d.precision]))
	}
	return d.pad(s)
}

// integer prints an integer of so many bits.
func (d *directive) integer(x int64, bits int) (string, bool) {
	if d.precision >= 0 {
		return "", false
	}
	switch d.conv {
	case 'c':
		if bits == 64 || x < 0 || x > 0x10FFFF || !d.only("-") {
			return "", false
		}
		return d.pad(string(rune(x))), true
	case 'd':
		if d.has('#') {
			return "", false
		}
		u := uint64(x)
		if x < 0 {
			u = -u
		}
		return d.number(strconv.FormatUint(u, 10), x < 0), true
	case 'o', 'x':
		if !d.only("-#0") {
			return "", false
		}
		u, base, prefix := uint64(x)&(math.MaxUint64>>(64-bits)), 16, "0x"
		if d.conv == 'o' {
			base, prefix = 8, "0"
		}
		if !d.has('#') {
			prefix = ""
		}
		s := strconv.FormatUint(u, base)
		if n := d.width - len(prefix) - len(s); d.has('0') && n > 0 {
			s = strings.Repeat("0", n) + s
		}
		return d.pad(prefix + s), true
	}
	return "", false
}

// float prints a floating-point number.
func (d *directive) float(x float64) (string, bool) {
	negative := math.Signbit(x) && !math.IsNaN(x)
	precision := d.precision
	if precision < 0 {
		precision = 6
	}
	if d.conv != 'e' && d.conv != 'f' && d.conv != 'g' || d.conv == 'e' && d.has(',') || d.conv == 'g' && d.has('#') {
		return "", false
	}
	if math.IsNaN(x) || math.IsInf(x, 0) {
		if math.IsNaN(x) {
			return d.pad("NaN"), true
		}
		plain := *d
		plain.flags = strings.NewReplacer("0", "", ",", "").Replace(d.flags)
		return plain.number("Infinity", negative), true
	}
	var s string
	switch x = math.Abs(x); d.conv {
	case 'e':
		s = scientific(x, precision)
	case 'f':
		s = fixed(x, precision)
	case 'g':
		precision = max(precision, 1)
		exact := fixed(x, max(0, precision-1-exponent(x)))
		if v, err := strconv.ParseFloat(exact, 64); x == 0 || err == nil && v >= 1e-4 && v < math.Pow10(precision) {
			s = fixed(x, max(0, precision-1-exponent(max(v, x))))
		} else {
			s = scientific(x, precision-1)
		}
	}
	if d.has('#') && !strings.Contains(s, ".") {
		s += "."
	}
	return d.number(s, negative), true
}

// number puts sign, groups and zeros around the digits of a number.
func (d *directive) number(s string, negative bool) string {
	before, behind := "", ""
	switch {
	case negative && d.has('('):
		before, behind = "(", ")"
	case negative:
		before = "-"
	case d.has('+'):
		before = "+"
	case d.has(' '):
		before = " "
	}
	if d.has(',') {
		whole, rest, _ := strings.Cut(s, ".")
		for at := len(whole) - 3; at > 0; at -= 3 {
			whole = whole[:at] + "," + whole[at:]
		}
		if len(rest) > 0 {
			rest = "." + rest
		}
		s = whole + rest
	}
	if n := d.width - len(before) - len(s) - len(behind); d.has('0') && n > 0 {
		s = strings.Repeat("0", n) + s
	}
	return d.pad(before + s + behind)
}

// exponent is the power of ten of the first digit; 0 for 0.
func exponent(x float64) int {
	_, e := shortest(x)
	return e
}

// shortest gives the digits of a number that is not negative, as few as read back the same, and the power of ten of the
// first.
func shortest(x float64) (string, int) {
	s := strconv.FormatFloat(x, 'e', -1, 64)
	mantissa, exp, _ := strings.Cut(s, "e")
	e, err := strconv.Atoi(exp)
	if err != nil {
		e = 0
	}
	return strings.Replace(mantissa, ".", "", 1), e
}

// rounded keeps n digits, half up; the power of ten grows where a digit is carried.
func rounded(s string, e, n int) (string, int) {
	if n >= len(s) {
		return s + strings.Repeat("0", n-len(s)), e
	}
	if n < 0 {
		return "", e
	}
	up := s[n] >= '5'
	out := []byte(s[:n])
	for i := n - 1; up && i >= 0; i-- {
		if out[i] != '9' {
			out[i]++
			up = false
			break
		}
		out[i] = '0'
	}
	if up {
		return "1" + string(out), e + 1
	}
	return string(out), e
}

// fixed prints with so many digits behind the point.
func fixed(x float64, precision int) string {
	s, e := shortest(x)
	s, _ = rounded(s, e, e+1+precision)
	if n := precision + 1 - len(s); n > 0 {
		s = strings.Repeat("0", n) + s
	}
	if precision == 0 {
		return s
	}
	return s[:len(s)-precision] + "." + s[len(s)-precision:]
}

// scientific prints d.dde+dd with so many digits behind the point.
func scientific(x float64, precision int) string {
	s, e := shortest(x)
	s, grown := rounded(s, e, precision+1)
	s = s[:precision+1]
	out := s[:1]
	if precision > 0 {
		out += "." + s[1:]
	}
	sign := "+"
	if grown < 0 {
		sign, grown = "-", -grown
	}
	if grown < 10 {
		sign += "0"
	}
	return out + "e" + sign + strconv.Itoa(grown)
}
