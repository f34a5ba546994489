package wire

import "strconv"

// Encoder writes one response as JSON or CBOR. Every value in a map follows a Key.
// CBOR maps and lists have indefinite length, as AWS writes them.
type Encoder struct {
	CBOR bool
	Buf  []byte

	comma bool // a JSON value precedes in the open map or list
}

// Reset makes the encoder ready for another response and keeps its memory.
func (e *Encoder) Reset(cbor bool) { e.CBOR, e.Buf, e.comma = cbor, e.Buf[:0], false }

func (e *Encoder) separate() {
	if e.comma {
		e.Buf = append(e.Buf, ',')
	}
	e.comma = true
}

// BeginMap opens a map.
func (e *Encoder) BeginMap() { e.begin(0xbf, '{') }

// BeginList opens a list.
func (e *Encoder) BeginList() { e.begin(0x9f, '[') }

func (e *Encoder) begin(cbor, json byte) {
	if e.CBOR {
		e.Buf = append(e.Buf, cbor)
		return
	}
	e.separate()
	e.Buf = append(e.Buf, json)
	e.comma = false
}

// EndMap closes a map.
func (e *Encoder) EndMap() { e.end('}') }

// EndList closes a list.
func (e *Encoder) EndList() { e.end(']') }

func (e *Encoder) end(json byte) {
	if e.CBOR {
		e.Buf = append(e.Buf, cborBreak)
		return
	}
	e.Buf = append(e.Buf, json)
	e.comma = true
}

// Key names the next value. It must need no escapes.
func (e *Encoder) Key(k string) {
	if e.CBOR {
		e.Buf = append(appendCBORHead(e.Buf, majorText, uint64(len(k))), k...)
		return
	}
	e.separate()
	e.Buf = append(e.Buf, '"')
	e.Buf = append(e.Buf, k...)
	e.Buf = append(e.Buf, '"', ':')
	e.comma = false
}

// String writes a text.
func (e *Encoder) String(s string) {
	if e.CBOR {
		e.Buf = append(appendCBORHead(e.Buf, majorText, uint64(len(s))), s...)
		return
	}
	e.separate()
	e.Buf = appendQuoted(e.Buf, s)
}

// Text writes a text that is in bytes.
func (e *Encoder) Text(b []byte) {
	if e.CBOR {
		e.Buf = append(appendCBORHead(e.Buf, majorText, uint64(len(b))), b...)
		return
	}
	e.separate()
	e.Buf = appendQuoted(e.Buf, b)
}

// Blob writes bytes: base64 in JSON.
func (e *Encoder) Blob(b []byte) {
	if e.CBOR {
		e.Buf = append(appendCBORHead(e.Buf, majorBytes, uint64(len(b))), b...)
		return
	}
	e.separate()
	e.Buf = append(e.Buf, '"')
	e.Buf = appendBase64(e.Buf, b)
	e.Buf = append(e.Buf, '"')
}

// Int writes an integer.
func (e *Encoder) Int(n int64) {
	if e.CBOR {
		e.Buf = appendCBORInt(e.Buf, n)
		return
	}
	e.separate()
	e.Buf = strconv.AppendInt(e.Buf, n, 10)
}

// Bool writes a truth value.
func (e *Encoder) Bool(t bool) {
	if e.CBOR {
		b := byte(0xf4)
		if t {
			b = 0xf5
		}
		e.Buf = append(e.Buf, b)
		return
	}
	e.separate()
	e.Buf = strconv.AppendBool(e.Buf, t)
}

// Time writes an instant given in unix milliseconds: seconds with a fraction in
// JSON, tag 1 with the milliseconds in CBOR.
func (e *Encoder) Time(ms int64) {
	if e.CBOR {
		e.Buf = appendCBORInt(append(e.Buf, majorTag<<5|tagEpoch), ms)
		return
	}
	e.separate()
	e.Buf = strconv.AppendInt(e.Buf, ms/1000, 10)
	if f := ms % 1000; f > 0 {
		e.Buf = append(e.Buf, '.', byte('0'+f/100), byte('0'+f/10%10), byte('0'+f%10))
	}
}

const hexDigits = "0123456789abcdef"

func appendQuoted[T string | []byte](b []byte, s T) []byte {
	b = append(b, '"')
	start := 0
	for i := range len(s) {
		c := s[i]
		if c >= 0x20 && c != '"' && c != '\\' {
			continue
		}
		b = append(b, s[start:i]...)
		start = i + 1
		switch c {
		case '"', '\\':
			b = append(b, '\\', c)
		case '\n':
			b = append(b, '\\', 'n')
		case '\t':
			b = append(b, '\\', 't')
		case '\r':
			b = append(b, '\\', 'r')
		default:
			b = append(b, '\\', 'u', '0', '0', hexDigits[c>>4], hexDigits[c&15])
		}
	}
	b = append(b, s[start:]...)
	return append(b, '"')
}
