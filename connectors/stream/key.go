package stream

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"unicode/utf8"

	"github.com/weirstream/weir/connectors"
	"github.com/weirstream/weir/connectors/format/text"
	"github.com/weirstream/weir/runtime/civil"
	"github.com/weirstream/weir/runtime/decimal"
	"github.com/weirstream/weir/runtime/javatext"
	"github.com/weirstream/weir/runtime/vec"
	"github.com/weirstream/weir/sql/diag"
	"github.com/weirstream/weir/sql/types"
)

// How rows get their partition keys.
const (
	partitionRandom = "random" // each its own
	partitionFixed  = "fixed"  // all of a subtask the same
	partitionByRow  = ""       // the columns of PARTITIONED BY
)

// maxKey is how many characters a partition key may have.
const maxKey = 256

func keyOptions() []connectors.Option {
	return []connectors.Option{
		{Key: "sink.partitioner", Type: connectors.StringOption, Default: "random", Doc: "Partition keys of a table without PARTITIONED BY: 'random', or 'fixed' (each subtask writes to one shard). Flink's Java classes are not supported."},
		{Key: "sink.partitioner-field-delimiter", Type: connectors.StringOption, Default: "|", Doc: "What stands between the columns of PARTITIONED BY in a partition key."},
	}
}

// keying says how partition keys are made.
type keying struct {
	how       string
	columns   []string
	delimiter string
}

func readKeying(t *connectors.Table) (keying, error) {
	k := keying{columns: t.PartitionedBy, delimiter: t.Options.String("sink.partitioner-field-delimiter", "|")}
	how := t.Options.String("sink.partitioner", partitionRandom)
	switch {
	case len(k.columns) > 0 && t.Options.Has("sink.partitioner"):
		return k, t.Options.Errorf("sink.partitioner", "the table is PARTITIONED BY, which gives the partition keys")
	case len(k.columns) > 0:
	case how != partitionRandom && how != partitionFixed:
		return k, diag.Unsupported(t.Options.Span("sink.partitioner"), "the partitioner '%s'", how).WithHint("use 'random', 'fixed', or PARTITIONED BY")
	default:
		k.how = how
		return k, refuse(t.Options, "sink.partitioner-field-delimiter", "is for tables with PARTITIONED BY")
	}
	for _, name := range k.columns {
		i := slices.IndexFunc(t.Columns, func(c connectors.Column) bool { return c.Name == name && c.Metadata == "" })
		if i < 0 {
			return k, diag.Errorf(diag.Span{}, "the table is PARTITIONED BY '%s', but has no such column", name)
		}
		if t.Columns[i].Type.IsNested() || t.Columns[i].Type.Kind == types.Multiset {
			return k, diag.Errorf(diag.Span{}, "the table is PARTITIONED BY '%s' of type %s, which makes no partition key", name, t.Columns[i].Type)
		}
	}
	return k, nil
}

// keyer makes the partition keys of one writer.
type keyer struct {
	how       string
	delimiter string
	columns   []int
	fixed     string
}

func (k keying) keyer(r connectors.WriteRequest) (*keyer, error) {
	out := &keyer{how: k.how, delimiter: k.delimiter, fixed: strconv.Itoa(r.Subtask)}
	for _, name := range k.columns {
		i := slices.IndexFunc(r.Columns, func(c connectors.Column) bool { return c.Name == name })
		if i < 0 {
			return nil, fmt.Errorf("the partition column '%s' is not among the columns written", name)
		}
		out.columns = append(out.columns, i)
	}
	return out, nil
}

// append appends the key of a row: never empty, never longer than a key may be.
func (k *keyer) append(dst []byte, b *vec.Batch, row int) []byte {
	switch k.how {
	case partitionRandom:
		return strconv.AppendUint(dst, rand.Uint64(), 16)
	case partitionFixed:
		return append(dst, k.fixed...)
	}
	start := len(dst)
	for i, c := range k.columns {
		if i > 0 {
			dst = append(dst, k.delimiter...)
		}
		dst = appendText(dst, b.Cols[c], row)
	}
	if len(dst) == start {
		return append(dst, '_') // an empty string is no key
	}
	return dst[:start+clip(dst[start:])]
}

// clip gives the length of the characters of s that a key may have.
func clip(s []byte) int {
	if len(s) <= maxKey {
		return len(s)
	}
	n := 0
	for chars := 0; n < len(s) && chars < maxKey; chars++ {
		_, size := utf8.DecodeRune(s[n:])
		n += size
	}
	return n
}

// appendText appends a value as text; NULL is "null", as in Flink.
func appendText(dst []byte, v *vec.Vector, i int) []byte {
	if v.IsNull(i) {
		return append(dst, "null"...)
	}
	t := v.Type()
	switch v.Phys() {
	case vec.Bool:
		return strconv.AppendBool(dst, v.Bool(i))
	case vec.Int8:
		return strconv.AppendInt(dst, int64(vec.Values[int8](v)[i]), 10)
	case vec.Int16:
		return strconv.AppendInt(dst, int64(vec.Values[int16](v)[i]), 10)
	case vec.Int32:
		switch x := vec.Values[int32](v)[i]; t.Kind {
		case types.Date:
			return text.AppendDate(dst, int64(x))
		case types.Time:
			return text.AppendTime(dst, x, civil.Least)
		default:
			return strconv.AppendInt(dst, int64(x), 10)
		}
	case vec.Int64:
		x := vec.Values[int64](v)[i]
		if t.IsTimestamp() {
			dst = text.AppendTimestamp(dst, x, vec.UnitOf(t.Precision), 'T', civil.Least)
			if t.Kind == types.TimestampLTZ {
				dst = append(dst, 'Z')
			}
			return dst
		}
		return strconv.AppendInt(dst, x, 10)
	case vec.Float32:
		return javatext.AppendDouble(dst, float64(vec.Values[float32](v)[i]), 32)
	case vec.Float64:
		return javatext.AppendDouble(dst, vec.Values[float64](v)[i], 64)
	case vec.Decimal:
		return decimal.Append(dst, vec.Values[vec.Dec128](v)[i], t.Scale)
	}
	return append(dst, v.Bytes(i)...)
}
