package wire

import (
	"encoding/binary"
	"fmt"
	"math"
	"unicode/utf8"
)

// CBOR (RFC 8949) as AWS clients write it: tag 1 is a time in milliseconds, maps
// and lists of definite or indefinite length, text keys.

const (
	majorUint = iota
	majorNegative
	majorBytes
	majorText
	majorArray
	majorMap
	majorTag
	majorSimple
)

const (
	cborIndefinite = 31
	cborBreak      = 0xff
	tagEpoch       = 1
)

// ParseCBOR decodes one CBOR item. Strings of definite length point into b.
func ParseCBOR(b []byte) (Value, error) {
	p := cborParser{in: b}
	v, err := p.value(0)
	if err != nil {
		return Value{}, err
	}
	if p.at < len(b) {
		return Value{}, p.bad("something follows the value")
	}
	return v, nil
}

type cborParser struct {
	in    []byte
	at    int
	arena arena
}

func (p *cborParser) bad(what string) error {
	return fmt.Errorf("%w: %s at byte %d", ErrSyntax, what, p.at)
}

// head reads an item's first byte and its argument.
func (p *cborParser) head() (major, info byte, arg uint64, err error) {
	if p.at == len(p.in) {
		return 0, 0, 0, p.bad("item is cut off")
	}
	major, info = p.in[p.at]>>5, p.in[p.at]&31
	if info < 24 {
		p.at++
		return major, info, uint64(info), nil
	}
	if info == cborIndefinite {
		p.at++
		return major, info, 0, nil
	}
	if info > 27 {
		return 0, 0, 0, p.bad("reserved length")
	}
	n := 1 << (info - 24)
	if len(p.in)-p.at-1 < n {
		return 0, 0, 0, p.bad("item is cut off")
	}
	for _, c := range p.in[p.at+1 : p.at+1+n] {
		arg = arg<<8 | uint64(c)
	}
	p.at += 1 + n
	return major, info, arg, nil
}

func (p *cborParser) value(depth int) (Value, error) {
	if depth > maxDepth {
		return Value{}, p.bad("nested too deeply")
	}
	major, info, arg, err := p.head()
	if err != nil {
		return Value{}, err
	}
	switch major {
	case majorUint, majorNegative:
		if info == cborIndefinite {
			return Value{}, p.bad("number of indefinite length")
		}
		if major == majorNegative {
			return Value{Kind: Number, Num: -1 - float64(arg)}, nil
		}
		return Value{Kind: Number, Num: float64(arg)}, nil
	case majorBytes, majorText:
		text, err := p.text(major, info, arg)
		kind := Bytes
		if major == majorText {
			kind = String
		}
		return Value{Kind: kind, Text: text}, err
	case majorArray:
		return p.items(List, info, arg, depth)
	case majorMap:
		return p.items(Map, info, arg, depth)
	case majorTag:
		return p.tagged(info, arg, depth)
	}
	return p.simple(info, arg)
}

func (p *cborParser) tagged(info byte, tag uint64, depth int) (Value, error) {
	if info == cborIndefinite {
		return Value{}, p.bad("tag of indefinite length")
	}
	v, err := p.value(depth + 1)
	if err != nil {
		return Value{}, err
	}
	if tag == tagEpoch {
		if v.Kind != Number {
			return Value{}, p.bad("time that is no number")
		}
		v.Kind = Time
	}
	return v, nil
}

func (p *cborParser) simple(info byte, arg uint64) (Value, error) {
	switch info {
	case 20, 21:
		return Value{Kind: Bool, Num: float64(info - 20)}, nil
	case 22, 23:
		return Value{}, nil
	case 25:
		return Value{Kind: Number, Num: halfFloat(uint16(arg))}, nil
	case 26:
		return Value{Kind: Number, Num: float64(math.Float32frombits(uint32(arg)))}, nil
	case 27:
		return Value{Kind: Number, Num: math.Float64frombits(arg)}, nil
	}
	return Value{}, p.bad("unknown simple value")
}

func halfFloat(h uint16) float64 {
	sign, exp, frac := 1.0, int(h>>10&0x1f), float64(h&0x3ff)
	if h&0x8000 != 0 {
		sign = -1
	}
	switch exp {
	case 0:
		return sign * math.Ldexp(frac, -24)
	case 31:
		if frac == 0 {
			return math.Inf(int(sign))
		}
		return math.NaN()
	}
	return sign * math.Ldexp(1024+frac, exp-25)
}

// text reads a byte or text string behind its head.
func (p *cborParser) text(major, info byte, n uint64) ([]byte, error) {
	var out []byte
	if info != cborIndefinite {
		if n > uint64(len(p.in)-p.at) {
			return nil, p.bad("string is cut off")
		}
		out = p.in[p.at : p.at+int(n) : p.at+int(n)]
		p.at += int(n)
	} else {
		for !p.atBreak() {
			m, i, n, err := p.head()
			if err != nil {
				return nil, err
			}
			if m != major || i == cborIndefinite || n > uint64(len(p.in)-p.at) {
				return nil, p.bad("bad piece of a string")
			}
			out = append(out, p.in[p.at:p.at+int(n)]...)
			p.at += int(n)
		}
		p.at++
	}
	if major == majorText && !utf8.Valid(out) {
		return nil, p.bad("text is not UTF-8")
	}
	return out, nil
}

// atBreak reports whether the next byte ends an item of indefinite length. At the
// end of the input it says no: the caller's next read tells the error.
func (p *cborParser) atBreak() bool { return p.at < len(p.in) && p.in[p.at] == cborBreak }

// items reads a list's or a map's content behind its head.
func (p *cborParser) items(kind Kind, info byte, n uint64, depth int) (Value, error) {
	if info != cborIndefinite && n > uint64(len(p.in)-p.at) {
		return Value{}, p.bad("list or map is cut off")
	}
	mark := len(p.arena.stack)
	for i := uint64(0); info == cborIndefinite || i < n; i++ {
		if info == cborIndefinite && p.atBreak() {
			p.at++
			break
		}
		var key []byte
		if kind == Map {
			k, err := p.value(depth + 1)
			if err != nil {
				return Value{}, err
			}
			if k.Kind != String {
				return Value{}, p.bad("key that is no text")
			}
			key = k.Text
		}
		v, err := p.value(depth + 1)
		if err != nil {
			return Value{}, err
		}
		v.Key = key
		if !p.arena.push(v) {
			return Value{}, p.bad("too many values")
		}
	}
	return Value{Kind: kind, Items: p.arena.keep(mark)}, nil
}

func appendCBORHead(b []byte, major byte, n uint64) []byte {
	switch {
	case n < 24:
		return append(b, major<<5|byte(n))
	case n < 1<<8:
		return append(b, major<<5|24, byte(n))
	case n < 1<<16:
		return binary.BigEndian.AppendUint16(append(b, major<<5|25), uint16(n))
	case n < 1<<32:
		return binary.BigEndian.AppendUint32(append(b, major<<5|26), uint32(n))
	}
	return binary.BigEndian.AppendUint64(append(b, major<<5|27), n)
}

func appendCBORInt(b []byte, n int64) []byte {
	if n < 0 {
		return appendCBORHead(b, majorNegative, uint64(-1-n))
	}
	return appendCBORHead(b, majorUint, uint64(n))
}
