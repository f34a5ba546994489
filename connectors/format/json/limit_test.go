package json

import (
	"bytes"
	"encoding/binary"
	"math/bits"
	"testing"
	"time"

	"github.com/weirstream/weir/runtime/vec"
)

// limitBids is a Nexmark bid in columns, as a program written for this one schema would
// hold it.
type limitBids struct {
	auction, bidder, price, dateTime []int64
	channel, url, extra              []vec.StringView
}

func (l *limitBids) reset() {
	l.auction, l.bidder, l.price, l.dateTime = l.auction[:0], l.bidder[:0], l.price[:0], l.dateTime[:0]
	l.channel, l.url, l.extra = l.channel[:0], l.url[:0], l.extra[:0]
}

// limitDecode is the yardstick: straight-line code for exactly this schema, key order and
// spelling, with every value checked. It gives the bytes it read, or -1 for a line that is
// anything else.
func limitDecode(data []byte, rows int, out *limitBids, dates *limitDate) int {
	p := 0
	for range rows {
		if p >= len(data) {
			break
		}
		var ok bool
		if p, ok = limitLine(data, p, out, dates); !ok {
			return -1
		}
	}
	return p
}

func limitLine(data []byte, p int, out *limitBids, dates *limitDate) (int, bool) {
	var auction, bidder, price, at int64
	var channel, url, extra vec.StringView
	ok := true
	if p, ok = limitText(data, p, `{"auction":`); !ok {
		return p, false
	}
	if auction, p, ok = limitInt(data, p); !ok {
		return p, false
	}
	if p, ok = limitText(data, p, `,"bidder":`); !ok {
		return p, false
	}
	if bidder, p, ok = limitInt(data, p); !ok {
		return p, false
	}
	if p, ok = limitText(data, p, `,"price":`); !ok {
		return p, false
	}
	if price, p, ok = limitInt(data, p); !ok {
		return p, false
	}
	if p, ok = limitText(data, p, `,"channel":"`); !ok {
		return p, false
	}
	if channel, p, ok = limitString(data, p); !ok {
		return p, false
	}
	if p, ok = limitText(data, p, `,"url":"`); !ok {
		return p, false
	}
	if url, p, ok = limitString(data, p); !ok {
		return p, false
	}
	if p, ok = limitText(data, p, `,"dateTime":"`); !ok {
		return p, false
	}
	if at, p, ok = limitTime(data, p, dates); !ok {
		return p, false
	}
	if p, ok = limitText(data, p, `,"extra":"`); !ok {
		return p, false
	}
	if extra, p, ok = limitString(data, p); !ok {
		return p, false
	}
	if p, ok = limitText(data, p, "}\n"); !ok {
		return p, false
	}
	out.auction, out.bidder, out.price = append(out.auction, auction), append(out.bidder, bidder), append(out.price, price)
	out.channel, out.url, out.extra = append(out.channel, channel), append(out.url, url), append(out.extra, extra)
	out.dateTime = append(out.dateTime, at)
	return p, true
}

func limitText(data []byte, p int, text string) (int, bool) {
	return p + len(text), len(data)-p >= len(text) && string(data[p:p+len(text)]) == text
}

func limitInt(data []byte, p int) (int64, int, bool) {
	if p+16 > len(data) {
		return 0, p, false
	}
	w := binary.LittleEndian.Uint64(data[p:]) ^ zeros
	not := ((w + aboveNine) | w) & highBits
	if not == 0 {
		x, from := int64(0), p
		for data[p]-'0' <= 9 && p-from < 18 {
			x = x*10 + int64(data[p]-'0')
			p++
		}
		return x, p, p-from < 18
	}
	n := bits.TrailingZeros64(not) >> 3
	if n == 0 || data[p] == '0' && n > 1 {
		return 0, p, false
	}
	return eightDigits(w << (64 - 8*n)), p + n, true
}

func limitString(data []byte, p int) (vec.StringView, int, bool) {
	n := bytes.IndexByte(data[p:], '"')
	if n < 0 {
		return vec.StringView{}, p, false
	}
	s := data[p : p+n]
	var bad uint64
	i := 0
	for ; i+8 <= n; i += 8 {
		bad |= limitBad(binary.LittleEndian.Uint64(s[i:]))
	}
	for ; i < n; i++ {
		bad |= limitBad(uint64(s[i]) | 'x'<<8)
	}
	if bad != 0 {
		return vec.StringView{}, p, false
	}
	if n <= vec.InlineLen {
		return vec.MakeInline(s), p + n + 1, true
	}
	return vec.MakeView(s, 0, uint32(p)), p + n + 1, true
}

// limitBad finds backslashes, newlines (a string that does not end on its line) and bytes
// past ASCII.
func limitBad(w uint64) uint64 {
	const ones = 0x0101010101010101
	slash, line := w^ones*'\\', w^ones*'\n'
	return (w | (slash-ones)&^slash | (line-ones)&^line) & highBits
}

// limitDate remembers the last date.
type limitDate struct {
	text   [11]byte
	millis int64
}

func limitTime(data []byte, p int, c *limitDate) (int64, int, bool) {
	if p+24 > len(data) {
		return 0, p, false
	}
	s := data[p : p+24]
	if string(s[:11]) != string(c.text[:]) {
		t, err := time.Parse("2006-01-02 ", string(s[:11]))
		if err != nil {
			return 0, p, false
		}
		copy(c.text[:], s)
		c.millis = t.UnixMilli()
	}
	x := binary.LittleEndian.Uint64(s[11:]) ^ (zeros ^ '0'<<16 ^ ':'<<16 ^ '0'<<40 ^ ':'<<40)
	if ((x+aboveNine)|x)&highBits != 0 || x&(0xff<<16|0xff<<40) != 0 || s[19] != '.' || s[23] != '"' {
		return 0, p, false
	}
	pairs := x*10 + x>>8
	h, m, sec := int64(pairs&0xff), int64(pairs>>24&0xff), int64(pairs>>48&0xff)
	a, b, e := s[20]-'0', s[21]-'0', s[22]-'0'
	if h > 23 || m > 59 || sec > 59 || a > 9 || b > 9 || e > 9 {
		return 0, p, false
	}
	return c.millis + ((h*60+m)*60+sec)*1000 + int64(a)*100 + int64(b)*10 + int64(e), p + 24, true
}

func benchmarkLimit(b *testing.B) {
	data := bidLines(benchmarkRows)
	var out limitBids
	var dates limitDate
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	for b.Loop() {
		rows := 0
		for rest := data; len(rest) > 0; {
			out.reset()
			n := limitDecode(rest, vec.DefaultBatchSize, &out, &dates)
			if n < 0 {
				b.Fatal("the yardstick cannot read its line")
			}
			rows += len(out.auction)
			rest = rest[n:]
		}
		if rows != benchmarkRows {
			b.Fatalf("%d rows", rows)
		}
	}
	reportRows(b)
}
