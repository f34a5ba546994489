package csv

import (
	"bytes"
	"encoding/binary"
	"errors"
	"math/bits"

	"github.com/weirstream/weir/connectors/format"
)

// mark is the byte order mark that some programs write; Jackson skips it too.
const mark = "\ufeff"

// scan finds the fields of the record that begins at pos and gives the place behind the
// record and its newline, 0 where the record is not complete. No fields mean a comment. Where there may be comments,
// blank lines are skipped, too, and blanks at the beginning of a line do not count: so it is in Jackson.
func (d *Decoder) scan(data []byte, pos int, final bool) (int, error) {
	d.fields = d.fields[:0]
	end, next := lineEnd(data, pos, final)
	if next == 0 {
		return 0, nil
	}
	if bytes.HasPrefix(data[pos:end], []byte(mark)) {
		pos += len(mark)
	}
	if d.comments {
		for pos < end && data[pos] == ' ' {
			pos++
		}
		if pos == end || data[pos] == '#' {
			return next, nil
		}
	}
	line := data[pos:end]
	switch {
	case d.plain || !d.special(line):
		d.cut(line, pos)
		return next, nil
	case d.escape < 0:
		return d.cutQuoted(data, pos, end, next, final)
	}
	return d.careful(data, pos, final)
}

// special reports whether a line has a quote or an escape.
func (d *Decoder) special(line []byte) bool {
	return d.quote >= 0 && bytes.IndexByte(line, byte(d.quote)) >= 0 ||
		d.escape >= 0 && bytes.IndexByte(line, byte(d.escape)) >= 0
}

// lineEnd gives the end of the line's text and the place behind the line, 0 where it does
// not end.
func lineEnd(data []byte, pos int, final bool) (end, next int) {
	n := bytes.IndexByte(data[pos:], '\n')
	switch {
	case n >= 0:
		end, next = pos+n, pos+n+1
	case final:
		end, next = len(data), len(data)
	default:
		return 0, 0
	}
	if end > pos && data[end-1] == '\r' {
		end--
	}
	return end, next
}

// cut splits a line without quotes and escapes.
func (d *Decoder) cut(line []byte, pos int) {
	for from := 0; ; {
		to := d.nextDelimiter(line, from)
		if to < 0 {
			d.add(line, pos, from, len(line))
			return
		}
		d.add(line, pos, from, to)
		from = to + len(d.delimiter)
	}
}

// nextDelimiter gives the place of the first field delimiter in data from a place on, or
// -1. Fields are short: their bytes are looked at by eights, without a call.
func (d *Decoder) nextDelimiter(data []byte, from int) int {
	if len(d.delimiter) > 1 {
		if n := bytes.Index(data[from:], []byte(d.delimiter)); n >= 0 {
			return from + n
		}
		return -1
	}
	const ones, highBits = 0x0101010101010101, 0x8080808080808080
	c := d.delimiter[0]
	pattern := ones * uint64(c)
	for ; from+8 <= len(data); from += 8 {
		w := binary.LittleEndian.Uint64(data[from:]) ^ pattern
		if m := (w - ones) &^ w & highBits; m != 0 {
			return from + bits.TrailingZeros64(m)>>3
		}
	}
	for ; from < len(data); from++ {
		if data[from] == c {
			return from
		}
	}
	return -1
}

// cutQuoted splits a record with quotes but no escapes. Its first line ends at end, the
// next begins at next; a quoted field may carry it on over more lines.
func (d *Decoder) cutQuoted(data []byte, pos, end, next int, final bool) (int, error) {
	for i := pos; ; {
		start := i
		for d.trim && i < end && data[i] == ' ' {
			i++
		}
		if i >= end || data[i] != byte(d.quote) {
			to := d.nextDelimiter(data[:end], start)
			if to < 0 {
				d.add(data, 0, start, end)
				return next, nil
			}
			d.add(data, 0, start, to)
			i = to + len(d.delimiter)
			continue
		}
		closing, complete, err := d.quoted(data, i, final)
		if err != nil || !complete {
			return 0, err
		}
		if closing > end { // the field held the line's end
			if end, next = lineEnd(data, closing, final); next == 0 {
				return 0, nil
			}
		}
		if closing == end {
			return next, nil
		}
		i = closing + len(d.delimiter)
	}
}

// add adds the field line[from:to], which is not quoted.
func (d *Decoder) add(line []byte, pos, from, to int) {
	if d.trim {
		for from < to && line[from] == ' ' {
			from++
		}
		for to > from && line[to-1] == ' ' {
			to--
		}
	}
	d.fields = append(d.fields, field{from: pos + from, to: pos + to})
}

var (
	errUnclosed = errors.New("a quoted field does not end")
	errBehind   = errors.New("behind a quoted field the field delimiter or the end of the line is expected")
)

// careful scans a record byte by byte.
func (d *Decoder) careful(data []byte, pos int, final bool) (int, error) {
	i := pos
	for {
		start := i
		if d.trim {
			for i < len(data) && data[i] == ' ' {
				i++
			}
		}
		var err error
		var complete bool
		if d.quote >= 0 && i < len(data) && data[i] == byte(d.quote) {
			i, complete, err = d.quoted(data, i, final)
		} else {
			i, complete = d.unquoted(data, start, final)
		}
		if err != nil || !complete {
			return 0, err
		}
		if i == len(data) {
			return i, nil
		}
		if d.delimits(data, i) {
			i += len(d.delimiter)
			continue
		}
		// The field ended at the end of the line.
		if data[i] == '\r' {
			i++
		}
		return min(i+1, len(data)), nil
	}
}

func (d *Decoder) delimits(data []byte, i int) bool {
	n := len(d.delimiter)
	return i+n <= len(data) && string(data[i:i+n]) == d.delimiter
}

// ends reports whether the line ends at i, and whether more input is needed to tell.
func ends(data []byte, i int, final bool) (end, unknown bool) {
	if i == len(data) {
		return final, !final
	}
	if data[i] == '\r' && i+1 == len(data) && !final {
		return false, true
	}
	return data[i] == '\n' || data[i] == '\r' && (i+1 == len(data) || data[i+1] == '\n'), false
}

// quoted reads the field whose quote is at i, up to what follows it.
func (d *Decoder) quoted(data []byte, i int, final bool) (next int, complete bool, err error) {
	q := byte(d.quote)
	f := field{from: i + 1, quoted: true}
	for i++; ; i++ {
		if d.escape < 0 && i < len(data) {
			if n := bytes.IndexByte(data[i:], q); n >= 0 {
				i += n
			} else {
				i = len(data)
			}
		}
		if i >= len(data) {
			if final {
				return 0, false, &format.RecordError{Offset: f.from - 1, Err: errUnclosed}
			}
			return 0, false, nil
		}
		if d.escape >= 0 && data[i] == byte(d.escape) && data[i] != q {
			f.escaped = true
			i++
			continue
		}
		if data[i] != q {
			continue
		}
		if i+1 == len(data) && !final {
			return 0, false, nil // the next byte might be a second quote
		}
		if i+1 < len(data) && data[i+1] == q {
			f.escaped = true
			i++
			continue
		}
		break
	}
	f.to = i
	d.fields = append(d.fields, f)
	for i++; i < len(data) && data[i] == ' ' && !d.delimits(data, i); i++ {
		continue
	}
	if i < len(data) && d.delimits(data, i) {
		return i, true, nil
	}
	end, unknown := ends(data, i, final)
	if unknown || end {
		return i, end, nil
	}
	return 0, false, &format.RecordError{Offset: i, Err: errBehind}
}

// unquoted reads the field that begins at i, up to what ends it.
func (d *Decoder) unquoted(data []byte, i int, final bool) (next int, complete bool) {
	from, escaped := i, false
	for ; ; i++ {
		end, unknown := ends(data, i, final)
		if unknown {
			return 0, false
		}
		if end || d.delimits(data, i) {
			break
		}
		if d.escape >= 0 && data[i] == byte(d.escape) {
			escaped = true
			if i++; i >= len(data) {
				if !final {
					return 0, false
				}
				break
			}
		}
	}
	i = min(i, len(data))
	d.add(data, 0, from, i)
	d.fields[len(d.fields)-1].escaped = escaped
	return i, true
}
