package expr

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/weirstream/weir/runtime/vec"
	"github.com/weirstream/weir/sql/diag"
	"github.com/weirstream/weir/sql/types"
	"github.com/weirstream/weir/udf"
)

const benchRows = 4096

// benchBatch has the columns that the benchmarks read.
func benchBatch(b *testing.B) *vec.Batch {
	rng := rand.New(rand.NewPCG(1, 2))
	cols := []*vec.Vector{vec.New(bigT), vec.New(bigT), vec.New(types.DecimalOf(10, 2)), vec.New(strT), vec.New(strT), vec.New(strT), vec.New(strT), vec.New(types.TimestampOf(3))}
	for i := range benchRows {
		vec.Append(cols[0], rng.Int64N(1000))
		vec.Append(cols[1], rng.Int64N(1000))
		vec.Append(cols[2], vec.Dec128FromInt64(rng.Int64N(1_000_000)))
		cols[3].AppendString(strings.Repeat("x", 20+i%7) + []string{"needle", "haystack"}[i%2] + "yyyyyyyyyyyy")
		cols[4].AppendString(fmt.Sprint(rng.Int64N(1 << 40)))
		cols[5].AppendString(fmt.Sprintf(`{"auction": %d, "bidder": {"name": "someone", "id": %d}, "url": "https://example.org/%d"}`, i, i*7, i))
		cols[6].AppendString(`83.149.9.216 - - [17/May/2015:10:05:03 +0000] "GET /images/kibana-search.png HTTP/1.1" 200 203023 "http://semicomplete.com/" "Mozilla/5.0"`)
		vec.Append(cols[7], int64(1_700_000_000_000+i*997))
	}
	batch := &vec.Batch{Cols: cols}
	batch.SetLen(benchRows)
	return batch
}

func benchColumn(batch *vec.Batch, i int) Expr {
	return &Column{Index: i, Name: string(rune('a' + i)), T: batch.Cols[i].Type()}
}

func perRow(b *testing.B) {
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/benchRows, "ns/row")
}

func BenchmarkEval(b *testing.B) {
	batch := benchBatch(b)
	reg := udf.Builtins()
	call := func(name string, args ...Expr) Expr {
		e, err := NewCall(reg, name, args, diag.Span{})
		if err != nil {
			b.Fatal(err)
		}
		return e
	}
	cast := func(x Expr, t types.Type) Expr {
		e, err := NewCast(x, t, false, diag.Span{})
		if err != nil {
			b.Fatal(err)
		}
		return e
	}
	x, y, dec, text, digits, doc, line, ts := benchColumn(batch, 0), benchColumn(batch, 1), benchColumn(batch, 2), benchColumn(batch, 3),
		benchColumn(batch, 4), benchColumn(batch, 5), benchColumn(batch, 6), benchColumn(batch, 7)
	for _, c := range []struct {
		name string
		e    Expr
	}{
		{"Add", call("+", x, y)},
		{"AddConst", call("+", x, num("1"))},
		{"LessConst", call("<", x, num("500"))},
		{"IntModConst", call("%", x, num("123"))},
		{"DecimalMulConst", call("*", dec, num("0.908"))},
		{"BigintMulDecimal", call("*", num("0.908"), benchColumn(batch, 0))},
		{"LikeContains", call("LIKE", text, str("%needle%"))},
		{"Substring", call("SUBSTRING", text, num("3"), num("20"))},
		{"Upper", call("UPPER", text)},
		{"Concat", call("||", text, digits)},
		{"StringEqualConst", call("=", text, str("xxxxxxxxxxxxxxxxxxxxneedleyyyyyyyyyyyy"))},
		{"CastToBigint", cast(digits, bigT)},
		{"CastToString", cast(x, strT)},
		{"CaseWhen", call("IF", call("<", x, num("500")), x, num("0"))},
		{"DateFormat", call("DATE_FORMAT", ts, str("yyyy-MM-dd HH:mm"))},
		{"Hour", call("HOUR", ts)},
		{"SplitIndex", call("SPLIT_INDEX", line, str(" "), num("5"))},
		{"ToTimestampPattern", call("TO_TIMESTAMP", call("SUBSTRING", line, num("19"), num("26")), str("dd/MMM/yyyy:HH:mm:ss Z"))},
		{"JSONValue", call("JSON_VALUE", doc, str("$.bidder.id"))},
		{"RegexpExtract", call("REGEXP_EXTRACT", line, str(`"(\S+) (\S+) [^"]*" (\d+)`), num("2"))},
	} {
		b.Run(c.name, func(b *testing.B) {
			p, err := Compile([]Expr{c.e}, &udf.Env{})
			if err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			for b.Loop() {
				if _, err := p.Eval(batch); err != nil {
					b.Fatal(err)
				}
			}
			perRow(b)
		})
	}
}

// BenchmarkByHand holds the loops that a programmer would write for some of the above:
// the limit.
func BenchmarkByHand(b *testing.B) {
	batch := benchBatch(b)
	x, y := vec.Values[int64](batch.Cols[0]), vec.Values[int64](batch.Cols[1])
	out, sel := make([]int64, benchRows), make([]int32, 0, benchRows)
	b.Run("Add", func(b *testing.B) {
		for b.Loop() {
			addByHand(out, x, y)
		}
		perRow(b)
	})
	for _, limit := range []int64{10, 500, 990} {
		b.Run(fmt.Sprintf("SelectLess%d%%", limit/10), func(b *testing.B) {
			for b.Loop() {
				sel = selectByHand(sel[:0], x, limit)
			}
			perRow(b)
		})
	}
	b.Run("Contains", func(b *testing.B) {
		for b.Loop() {
			sel = containsByHand(sel[:0], batch.Cols[3], []byte("needle"))
		}
		perRow(b)
	})
}

func addByHand(out, x, y []int64) {
	x, y = x[:len(out)], y[:len(out)]
	for i := range out {
		out[i] = x[i] + y[i]
	}
}

func selectByHand(sel []int32, x []int64, limit int64) []int32 {
	for i, v := range x {
		if v < limit {
			sel = append(sel, int32(i))
		}
	}
	return sel
}

func containsByHand(sel []int32, v *vec.Vector, needle []byte) []int32 {
	for i := range v.Len() {
		if bytes.Contains(v.Bytes(i), needle) {
			sel = append(sel, int32(i))
		}
	}
	return sel
}

func BenchmarkSelect(b *testing.B) {
	batch := benchBatch(b)
	reg := udf.Builtins()
	x, y, text := benchColumn(batch, 0), benchColumn(batch, 1), benchColumn(batch, 3)
	call := func(name string, args ...Expr) Expr {
		e, err := NewCall(reg, name, args, diag.Span{})
		if err != nil {
			b.Fatal(err)
		}
		return e
	}
	for _, c := range []struct {
		name string
		e    Expr
	}{
		{"LessConst1%", call("<", x, num("10"))},
		{"LessConst50%", call("<", x, num("500"))},
		{"LessConst99%", call("<", x, num("990"))},
		{"TwoConds", call("AND", call("<", x, num("100")), call("<", y, num("500")))},
		{"TwoColumns", call("<", x, y)},
		{"LessAndLike", call("AND", call("<", x, num("100")), call("LIKE", text, str("%needle%")))},
		{"In", call("IN", x, num("1"), num("500"), num("700"))},
	} {
		b.Run(c.name, func(b *testing.B) {
			p, err := CompilePredicate(c.e, &udf.Env{})
			if err != nil {
				b.Fatal(err)
			}
			sel := make([]int32, 0, benchRows)
			b.ReportAllocs()
			for b.Loop() {
				if sel, err = p.Select(batch, sel[:0]); err != nil {
					b.Fatal(err)
				}
			}
			perRow(b)
		})
	}
}
