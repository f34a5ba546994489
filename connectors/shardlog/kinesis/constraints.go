package kinesis

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/weirstream/weir/connectors/shardlog/kinesis/wire"
)

// maxReported is how many broken constraints AWS lists in one message.
const maxReported = 10

// validate checks a request against AWS's constraints and reports them as AWS does.
func validate(v *wire.Value, fields []field) error {
	c := checker{}
	c.structure(v, fields, "")
	if len(c.broken) == 0 {
		return nil
	}
	plural := ""
	if len(c.broken) > 1 {
		plural = "s"
	}
	return clientError(validation, "%d validation error%s detected: %s", len(c.broken), plural, strings.Join(c.broken, "; "))
}

type checker struct{ broken []string }

func (c *checker) structure(v *wire.Value, fields []field, path string) {
	for i := range fields {
		f := &fields[i]
		c.check(v.Get(f.name), f, path)
	}
}

// report notes a broken constraint. The path is only put together here: a sound
// request of 500 records builds none.
func (c *checker) report(v *wire.Value, f *field, path, rule string) {
	if len(c.broken) < maxReported {
		c.broken = append(c.broken, fmt.Sprintf("Value %s at '%s' failed to satisfy constraint: %s", shown(v, f), at(path, f), rule))
	}
}

func at(path string, f *field) string {
	name := strings.ToLower(f.name[:1]) + f.name[1:]
	if path == "" {
		return name
	}
	return path + "." + name
}

func (c *checker) check(v *wire.Value, f *field, path string) {
	if v.Kind == wire.Null {
		if f.required {
			c.report(v, f, path, "Member must not be null")
		}
		return
	}
	c.size(v, f, path)
	if f.pattern != nil && !f.pattern.match(string(v.Text)) {
		c.report(v, f, path, "Member must satisfy regular expression pattern: "+f.pattern.text)
	}
	if f.enum != nil && !slices.Contains(f.enum, string(v.Text)) {
		c.report(v, f, path, "Member must satisfy enum value set: ["+strings.Join(f.enum, ", ")+"]")
	}
	c.children(v, f, path)
}

func (c *checker) children(v *wire.Value, f *field, path string) {
	switch f.kind {
	case structKind:
		c.structure(v, f.fields, at(path, f))
	case listKind:
		for i := range v.Items {
			if before := len(c.broken); c.bad(&v.Items[i], f.elem) && before < maxReported {
				c.elem(&v.Items[i], f.elem, at(path, f)+"."+strconv.Itoa(i+1))
			}
		}
	case mapKind:
		c.mapping(v, f, path)
	}
}

// bad reports whether an element breaks anything, without the cost of its path.
func (c *checker) bad(v *wire.Value, f *field) bool {
	probe := checker{}
	probe.elem(v, f, "")
	return len(probe.broken) > 0
}

// elem checks a list's element; a structure's members are named behind "member".
func (c *checker) elem(v *wire.Value, f *field, path string) { c.check(v, f, path) }

func (c *checker) mapping(v *wire.Value, f *field, path string) {
	for i := range v.Items {
		item := &v.Items[i]
		if n := int64(utf8.RuneCount(item.Key)); f.keyMax > 0 && (n < 1 || n > f.keyMax) {
			c.report(v, f, path, fmt.Sprintf("Map keys must satisfy constraint: [Member must have length less than or equal to %d, Member must have length greater than or equal to 1]", f.keyMax))
			return
		}
		if n := int64(utf8.RuneCount(item.Text)); f.elem.hasMax && n > f.elem.max {
			c.report(v, f, path, fmt.Sprintf("Map value must satisfy constraint: [Member must have length less than or equal to %d, Member must have length greater than or equal to 0]", f.elem.max))
			return
		}
	}
}

// size checks a number's value or anything else's length.
func (c *checker) size(v *wire.Value, f *field, path string) {
	what, n := "length", int64(0)
	switch f.kind {
	case integerKind:
		what, n = "value", v.Int()
	case stringKind:
		n = int64(utf8.RuneCount(v.Text))
	case blobKind:
		n = int64(len(v.Text))
	case listKind, mapKind:
		n = int64(len(v.Items))
	default:
		return
	}
	if f.hasMin && n < f.min {
		c.report(v, f, path, fmt.Sprintf("Member must have %s greater than or equal to %d", what, f.min))
	}
	if f.hasMax && n > f.max {
		c.report(v, f, path, fmt.Sprintf("Member must have %s less than or equal to %d", what, f.max))
	}
}

// shown is a value as Java prints it.
func shown(v *wire.Value, f *field) string {
	if v.Kind == wire.Null {
		return "null"
	}
	switch f.kind {
	case integerKind:
		return "'" + strconv.FormatInt(v.Int(), 10) + "'"
	case blobKind:
		return fmt.Sprintf("'java.nio.HeapByteBuffer[pos=0 lim=%d cap=%d]'", len(v.Text), len(v.Text))
	case listKind:
		parts := make([]string, len(v.Items))
		for i := range v.Items {
			if parts[i] = f.shown; f.shown == "" {
				parts[i] = string(v.Items[i].Text)
			}
		}
		return "'[" + strings.Join(parts, ", ") + "]'"
	case mapKind:
		parts := make([]string, len(v.Items))
		for i := range v.Items {
			parts[i] = string(v.Items[i].Key) + "=" + string(v.Items[i].Text)
		}
		return "'{" + strings.Join(parts, ", ") + "}'"
	}
	return "'" + string(v.Text) + "'"
}
