package yardstick

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"io"
	"math/big"
)

// folded is a changelog added up: how many rows are left, and the sum of their hashes, in which
// the order of rows does not count and a retraction takes away what it retracts.
type folded struct {
	rows, changes int64
	hash          uint64
}

func (f folded) String() string {
	return fmt.Sprintf("%d rows, hash %016x, after %d changes", f.rows, f.hash, f.changes)
}

// add adds a change: its kind and its values as JSON.
func (f *folded) add(kind string, values []json.RawMessage) error {
	h := fnv.New64a()
	for _, v := range values {
		text, err := canonical(v)
		if err != nil {
			return err
		}
		var length [8]byte
		binary.LittleEndian.PutUint64(length[:], uint64(len(text)))
		h.Write(length[:]) //nolint:errcheck // a hash takes all
		h.Write(text)      //nolint:errcheck
	}
	f.changes++
	switch kind {
	case "+I", "+U":
		f.rows++
		f.hash += h.Sum64()
	case "-D", "-U":
		f.rows--
		f.hash -= h.Sum64()
	default:
		return fmt.Errorf("there is no change kind %q", kind)
	}
	return nil
}

// canonical gives equal values the same bytes: 1.50 and 1.5, or "a" and "\u0061".
func canonical(v json.RawMessage) ([]byte, error) {
	if len(v) == 0 {
		return nil, fmt.Errorf("a value is missing")
	}
	switch c := v[0]; {
	case c == '"':
		var s string
		err := json.Unmarshal(v, &s)
		return append([]byte{'s'}, s...), err
	case c == '-' || c >= '0' && c <= '9':
		n, ok := new(big.Rat).SetString(string(v))
		if !ok {
			return nil, fmt.Errorf("%s is no number", v)
		}
		return append([]byte{'n'}, n.RatString()...), nil
	}
	var b bytes.Buffer
	err := json.Compact(&b, v)
	return b.Bytes(), err
}

// readWeir adds what "weir run -o json" prints.
func (f *folded) readWeir(r io.Reader) error {
	for d := json.NewDecoder(r); ; {
		var line struct {
			Op  string
			Row json.RawMessage
		}
		switch err := d.Decode(&line); {
		case err == io.EOF:
			return nil
		case err != nil:
			return fmt.Errorf("reading Weir's output: %w", err)
		}
		values, err := valuesOf(line.Row)
		if err != nil {
			return fmt.Errorf("reading Weir's output: %w", err)
		}
		if err := f.add(line.Op, values); err != nil {
			return err
		}
	}
}

// valuesOf gives an object's values in their order.
func valuesOf(object json.RawMessage) ([]json.RawMessage, error) {
	d := json.NewDecoder(bytes.NewReader(object))
	if _, err := d.Token(); err != nil {
		return nil, err
	}
	var out []json.RawMessage
	for d.More() {
		if _, err := d.Token(); err != nil {
			return nil, err
		}
		var v json.RawMessage
		if err := d.Decode(&v); err != nil {
			return nil, err
		}
		out = append(out, v)
	}
	return out, nil
}
