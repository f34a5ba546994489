package kinesis

import (
	"encoding/base64"
	"fmt"
	"strings"

	"github.com/weirstream/weir/connectors/shardlog/kinesis/wire"
)

// typeNames are Java's, which the messages name.
var typeNames = [...]string{stringKind: "String", integerKind: "Integer", booleanKind: "Boolean", timeKind: "Date"}

func typeError(format string, args ...any) *APIError {
	return clientError(serialization, format, args...)
}

// decoder checks the types of a request and decodes blobs and times in place.
type decoder struct {
	cbor  bool
	blobs []byte // memory for base64, handed out from the front
}

func (d *decoder) structure(v *wire.Value, fields []field) error {
	for i := range v.Items {
		item := &v.Items[i]
		for j := range fields {
			if string(item.Key) == fields[j].name {
				if err := d.check(item, &fields[j]); err != nil {
					return err
				}
				break
			}
		}
	}
	return nil
}

// check compares one value with its field. Unknown members are passed over.
func (d *decoder) check(v *wire.Value, f *field) error {
	if v.Kind == wire.Null {
		return nil
	}
	switch f.kind {
	case listKind:
		if v.Kind != wire.List {
			return wrongContainer(v, "Expected list or null")
		}
		for i := range v.Items {
			if err := d.check(&v.Items[i], f.elem); err != nil {
				return err
			}
		}
		return nil
	case mapKind:
		if v.Kind != wire.Map {
			return wrongContainer(v, "Expected map or null")
		}
		for i := range v.Items {
			if err := d.check(&v.Items[i], f.elem); err != nil {
				return err
			}
		}
		return nil
	case structKind:
		if v.Kind != wire.Map {
			return wrongContainer(v, "Expected null")
		}
		return d.structure(v, f.fields)
	case blobKind:
		return d.blob(v)
	}
	return d.scalar(v, f.kind)
}

func wrongContainer(v *wire.Value, otherwise string) error {
	switch v.Kind {
	case wire.List:
		return typeError("Start of list found where not expected")
	case wire.Map:
		return typeError("Start of structure or map found where not expected.")
	}
	return typeError("%s", otherwise)
}

func (d *decoder) scalar(v *wire.Value, k kind) error {
	want := typeNames[k]
	switch v.Kind {
	case wire.List, wire.Map:
		return wrongContainer(v, "")
	case wire.Bool:
		if k != booleanKind {
			return typeError("class java.lang.Boolean can not be converted to an %s", want)
		}
	case wire.Number, wire.Time:
		switch k {
		case stringKind, booleanKind:
			return typeError("class java.math.BigDecimal can not be converted to an %s", want)
		case timeKind:
			if v.Kind == wire.Number && !d.cbor {
				v.Num *= 1000 // JSON has seconds
			}
			v.Kind = wire.Time
		}
	case wire.String:
		switch k {
		case booleanKind:
			return typeError("'%s' can not be converted to an Boolean", strings.ToUpper(string(v.Text)))
		case integerKind, timeKind:
			return typeError("class java.lang.String can not be converted to an %s", want)
		}
	case wire.Bytes:
		return typeError("class java.nio.HeapByteBuffer can not be converted to an %s", want)
	}
	return nil
}

func (d *decoder) blob(v *wire.Value) error {
	switch v.Kind {
	case wire.Bytes:
		return nil
	case wire.Bool:
		return typeError("class java.lang.Boolean can not be converted to a Blob")
	case wire.Number, wire.Time:
		return typeError("class java.math.BigDecimal can not be converted to a Blob")
	case wire.List, wire.Map:
		return wrongContainer(v, "")
	}
	if len(v.Text)%4 != 0 {
		return typeError("'%s' can not be converted to a Blob: Base64 encoded length is expected a multiple of 4 bytes but found: %d", v.Text, len(v.Text))
	}
	size := base64.StdEncoding.DecodedLen(len(v.Text))
	if len(d.blobs) < size {
		d.blobs = make([]byte, max(size, 4096)) // a text with escapes is longer than its place in the body
	}
	n, err := base64.StdEncoding.Strict().Decode(d.blobs, v.Text)
	if err != nil {
		return typeError("'%s' can not be converted to a Blob: %s", v.Text, base64Fault(v.Text))
	}
	v.Kind, v.Text = wire.Bytes, d.blobs[:n:n]
	d.blobs = d.blobs[n:]
	return nil
}

func base64Fault(s []byte) string {
	for i, c := range s {
		ok := c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '+' || c == '/' || (c == '=' && i >= len(s)-2)
		if !ok {
			return fmt.Sprintf("Invalid Base64 character: '%c'", c)
		}
	}
	return "Invalid last non-pad Base64 character dectected"
}
