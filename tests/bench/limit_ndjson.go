package main

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"time"
)

// bidLine is a decoded line of the NDJSON file, but for its strings, of which only the form is
// checked.
type bidLine struct{ auction, bidder, price, time int64 }

// readBids is the limit's reader: it calls f with every bid of a file.
func readBids(name string, f func(*bidLine)) (err error) {
	file, err := os.Open(name)
	if err != nil {
		return err
	}
	defer func() {
		if cerr := file.Close(); err == nil {
			err = cerr
		}
	}()
	buf, n := make([]byte, 1<<20), 0
	var d bidDecoder
	for {
		read, err := io.ReadFull(file, buf[n:])
		n += read
		if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) && err != io.EOF {
			return err
		}
		rest := buf[:n]
		for {
			end := d.decode(rest)
			if end == 0 {
				break
			}
			f(&d.bidLine)
			rest = rest[end:]
		}
		if d.err != nil {
			return d.err
		}
		if err != nil {
			return nil
		}
		n = copy(buf, rest)
	}
}

// bidDecoder decodes the layout that the file has, and anything else by encoding/json.
type bidDecoder struct {
	bidLine
	err    error
	date   [10]byte // the date read last, and its time
	dateMS int64
}

// decode reads the line at the beginning of s and gives its length, 0 where s holds no whole line, or
// where it is wrong, with err set.
func (d *bidDecoder) decode(s []byte) int {
	i := 0
	ok := d.literal(s, &i, `{"auction":`) && d.int(s, &i, &d.auction) &&
		d.literal(s, &i, `,"bidder":`) && d.int(s, &i, &d.bidder) &&
		d.literal(s, &i, `,"price":`) && d.int(s, &i, &d.price) &&
		d.literal(s, &i, `,"channel":"`) && d.string(s, &i) &&
		d.literal(s, &i, `,"url":"`) && d.string(s, &i) &&
		d.literal(s, &i, `,"dateTime":"`) && d.timestamp(s, &i) &&
		d.literal(s, &i, `","extra":"`) && d.string(s, &i) &&
		d.literal(s, &i, "}\n")
	if ok {
		return i
	}
	return d.slow(s)
}

func (d *bidDecoder) literal(s []byte, i *int, want string) bool {
	if len(s)-*i < len(want) || string(s[*i:*i+len(want)]) != want {
		return false
	}
	*i += len(want)
	return true
}

func (d *bidDecoder) int(s []byte, i *int, to *int64) bool {
	start, x := *i, int64(0)
	for *i < len(s) && s[*i]-'0' <= 9 {
		x = x*10 + int64(s[*i]-'0')
		*i++
	}
	*to = x
	return *i > start && *i-start <= 18 && (s[start] != '0' || *i-start == 1)
}

// string passes over a string without escapes, its closing quote included.
func (d *bidDecoder) string(s []byte, i *int) bool {
	end := bytes.IndexByte(s[*i:], '"')
	if end < 0 || bytes.IndexByte(s[*i:*i+end], '\\') >= 0 {
		return false
	}
	*i += end + 1
	return true
}

// timestamp reads yyyy-MM-dd HH:mm:ss.SSS.
func (d *bidDecoder) timestamp(s []byte, i *int) bool {
	if len(s)-*i < 23 {
		return false
	}
	t := s[*i : *i+23]
	if string(t[:10]) != string(d.date[:]) {
		day, err := time.Parse("2006-01-02", string(t[:10]))
		if err != nil {
			return false
		}
		copy(d.date[:], t)
		d.dateMS = day.UnixMilli()
	}
	const zeros, ones = 0x3030303030303030, 0x8080808080808080
	clock := binary.LittleEndian.Uint64(t[11:]) ^ (zeros ^ '0'<<16 ^ ':'<<16 ^ '0'<<40 ^ ':'<<40)
	if t[10] != ' ' || t[19] != '.' || (clock+0x7676767676767676|clock)&ones != 0 || clock&(0xff<<16|0xff<<40) != 0 {
		return false
	}
	pairs := clock*10 + clock>>8
	h, m, sec := int64(pairs&0xff), int64(pairs>>24&0xff), int64(pairs>>48&0xff)
	a, b, c := t[20]-'0', t[21]-'0', t[22]-'0'
	if h > 23 || m > 59 || sec > 59 || a > 9 || b > 9 || c > 9 {
		return false
	}
	d.time = d.dateMS + ((h*60+m)*60+sec)*1000 + int64(a)*100 + int64(b)*10 + int64(c)
	*i += 23
	return true
}

// slow decodes a line of another layout.
func (d *bidDecoder) slow(s []byte) int {
	end := bytes.IndexByte(s, '\n')
	if end < 0 {
		return 0
	}
	var v struct {
		Auction, Bidder, Price int64
		DateTime               string
	}
	err := json.Unmarshal(s[:end], &v)
	if err == nil {
		var t time.Time
		if t, err = time.Parse("2006-01-02 15:04:05.000", v.DateTime); err == nil {
			d.bidLine = bidLine{v.Auction, v.Bidder, v.Price, t.UnixMilli()}
			return end + 1
		}
	}
	d.err = fmt.Errorf("decoding %q: %w", s[:end], err)
	return 0
}

// filterPrice is what the filter keeps above: about half of the bids.
const filterPrice = 100_000

// limitFilter keeps bids by their price and gives three of their columns.
func limitFilter(name string) (res result, err error) {
	err = readBids(name, func(b *bidLine) {
		if b.price > filterPrice {
			res.add(b.auction, b.price, b.time)
		}
	})
	return res, err
}

// limitTumbleNDJSON decodes, and runs the windows over batches of what it has decoded.
func limitTumbleNDJSON(name string, key func(*bidLine) int64) (result, error) {
	t := tumble{groups: newGroups()}
	var keys, prices, times [limitBatch]int64
	n := 0
	err := readBids(name, func(b *bidLine) {
		keys[n], prices[n], times[n] = key(b), b.price, b.time
		if n++; n == limitBatch {
			t.add(keys[:], prices[:], times[:])
			n = 0
		}
	})
	t.add(keys[:n], prices[:n], times[:n])
	return t.finish(), err
}
