package wire

import (
	"errors"
	"math"
)

// Kind is the type of a Value as it was written, before any schema.
type Kind uint8

// The kinds of values. Bytes and Time come only from CBOR.
const (
	Null Kind = iota
	Bool
	Number
	String
	Bytes
	Time // Num is unix milliseconds
	List
	Map
)

// Value is a node of a decoded request. Its bytes point into the request's body.
type Value struct {
	Kind  Kind
	Key   []byte // of a member of a Map
	Text  []byte // String, Bytes, and the digits of a JSON Number
	Num   float64
	Items []Value // List elements, or Map members in the order of the text
}

// Get returns the last member of that name; a Null value when there is none.
func (v *Value) Get(key string) *Value {
	for i := len(v.Items) - 1; i >= 0; i-- {
		if string(v.Items[i].Key) == key {
			return &v.Items[i]
		}
	}
	return &nothing
}

var nothing Value

// Default adds a member that v, a Map, does not have. It returns the member of that name.
func (v *Value) Default(key string, member Value) *Value {
	if found := v.Get(key); found.Kind != Null {
		return found
	}
	return v.Set(key, member)
}

// Set gives v, a Map, a member in place of all that had the name, and returns it.
func (v *Value) Set(key string, member Value) *Value {
	member.Key = []byte(key)
	items := make([]Value, 0, len(v.Items)+1)
	for _, item := range v.Items {
		if string(item.Key) != key {
			items = append(items, item)
		}
	}
	v.Items = append(items, member)
	return &v.Items[len(v.Items)-1]
}

// True reports a Bool that is true.
func (v *Value) True() bool { return v.Kind == Bool && v.Num != 0 }

// Int is the number, cut to an integer in the range of int64.
func (v *Value) Int() int64 {
	switch {
	case v.Num >= math.MaxInt64:
		return math.MaxInt64
	case v.Num <= math.MinInt64:
		return math.MinInt64
	}
	return int64(math.Floor(v.Num))
}

// ErrSyntax marks input that is not in the encoding at all.
var ErrSyntax = errors.New("malformed input")

// maxDepth bounds nesting; no request of the protocol goes past 5.
const maxDepth = 32

// maxValues bounds the values of a request. A batch of 500 records has some 2,000, and anybody may send a megabyte of zeros
// in a list: a Value takes 40 times the room of its two bytes.
const maxValues = 1 << 15

// arena hands out slices of Values from large blocks.
type arena struct {
	block []Value
	stack []Value
	count int // values pushed so far
}

// push puts a value on the stack; it reports whether there may be one more.
func (a *arena) push(v Value) bool {
	a.stack = append(a.stack, v)
	a.count++
	return a.count <= maxValues
}

// keep moves the values of the stack from mark on into a block.
func (a *arena) keep(mark int) []Value {
	n := len(a.stack) - mark
	if n == 0 {
		return nil
	}
	if cap(a.block)-len(a.block) < n {
		// Twice the last block: a PutRecord needs one of a few values, a PutRecords thousands.
		a.block = make([]Value, 0, max(n, 8, min(2*cap(a.block), 1024)))
	}
	at := len(a.block)
	a.block = append(a.block, a.stack[mark:]...)
	a.stack = a.stack[:mark]
	return a.block[at : at+n : at+n]
}
