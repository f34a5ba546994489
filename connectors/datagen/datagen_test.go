package datagen

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"sort"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/weirstream/weir/connectors"
	"github.com/weirstream/weir/runtime/clock"
	"github.com/weirstream/weir/runtime/vec"
	"github.com/weirstream/weir/sql/types"
)

var bigint, integer = types.New(types.BigInt), types.New(types.Int)

func columnsOf(typs ...types.Type) []connectors.Column {
	var out []connectors.Column
	for i, t := range typs {
		out = append(out, connectors.Column{Name: string(rune('a' + i)), Type: t})
	}
	return out
}

func options(kv ...string) *connectors.Options {
	m := map[string]string{}
	for i := 0; i < len(kv); i += 2 {
		m[kv[i]] = kv[i+1]
	}
	return connectors.NewOptions(m, nil)
}

func open(tb testing.TB, cols []connectors.Column, kv ...string) connectors.Source {
	tb.Helper()
	s, err := Connector().Source(&connectors.Table{Columns: cols, Options: options(kv...)})
	if err != nil {
		tb.Fatal(err)
	}
	return s
}

func newBatch(cols []connectors.Column) *vec.Batch {
	var s vec.Schema
	for _, c := range cols {
		s = append(s, vec.Field{Name: c.Name, Type: c.Type})
	}
	return vec.NewBatch(s)
}

// readAll reads all splits, limit rows at a time, and opens each reader anew after every reopen
// batches. Rows are boxed.
func readAll(tb testing.TB, s connectors.Source, cols []connectors.Column, limit, reopen int) [][]any {
	tb.Helper()
	ctx := context.Background()
	splits, err := s.Splits(ctx)
	if err != nil {
		tb.Fatal(err)
	}
	var out [][]any
	for _, split := range splits {
		var pos []byte
		for done := false; !done; {
			manual := clock.NewManual(time.UnixMilli(1_700_000_000_123))
			r, err := s.Open(ctx, connectors.ReadRequest{Split: split, Position: pos, Columns: cols, Clock: manual})
			if err != nil {
				tb.Fatal(err)
			}
			for n := 0; n != reopen; n++ {
				b := newBatch(cols)
				err := r.Read(b, limit)
				if err == io.EOF {
					done = true
					break
				}
				if err != nil || b.Len() == 0 || b.Len() > limit {
					tb.Fatalf("%d rows, error %v", b.Len(), err)
				}
				for i := range b.Len() {
					row := make([]any, len(b.Cols))
					for c, v := range b.Cols {
						row[c] = v.Value(i)
					}
					out = append(out, row)
				}
			}
			pos = r.Position()
			if err := r.Close(); err != nil {
				tb.Fatal(err)
			}
		}
	}
	return out
}

func sortedText(rows [][]any) []string {
	out := make([]string, len(rows))
	for i, r := range rows {
		out[i] = fmt.Sprint(r...)
	}
	sort.Strings(out)
	return out
}

// everyType is a table with a column of each type.
func everyType() []connectors.Column {
	row := types.RowOf(types.Field{Name: "x", Type: integer}, types.Field{Name: "y", Type: types.String()})
	return columnsOf(
		types.New(types.Boolean), types.New(types.TinyInt), types.New(types.SmallInt), integer, bigint,
		types.New(types.Float), types.New(types.Double), types.DecimalOf(10, 2), types.DecimalOf(38, 0),
		types.Type{Kind: types.Char, Length: 5}, types.Type{Kind: types.VarChar, Length: 7}, types.String(),
		types.Type{Kind: types.Binary, Length: 3}, types.Bytes(),
		types.New(types.Date), types.Type{Kind: types.Time}, types.TimestampOf(3), types.TimestampOf(9), types.TimestampLTZOf(6),
		types.New(types.IntervalMonth), types.New(types.IntervalMilli),
		types.ArrayOf(types.ArrayOf(integer)), types.MapOf(types.New(types.TinyInt), types.String()), types.MultisetOf(types.New(types.Boolean)), row)
}

func TestSplitsLimitsAndRestartsGiveTheSameRows(t *testing.T) {
	cols := everyType()
	kv := []string{"rows-per-second", "0", "number-of-rows", "5000"}
	for _, c := range cols {
		kv = append(kv, "fields."+c.Name+".null-rate", "0.3")
	}
	want := sortedText(readAll(t, open(t, cols, append(kv, "splits", "1")...), cols, 4096, -1))
	for _, c := range []struct {
		splits        string
		limit, reopen int
	}{{"8", 4096, -1}, {"3", 7, 50}, {"1", 1000, 1}} {
		got := sortedText(readAll(t, open(t, cols, append(kv, "splits", c.splits)...), cols, c.limit, c.reopen))
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("%v: %s", c, d[:min(len(d), 2000)])
		}
	}
	other := sortedText(readAll(t, open(t, cols, append(kv, "seed", "1")...), cols, 4096, -1))
	if cmp.Equal(want, other) {
		t.Error("another seed gives the same rows")
	}
}

func TestValuesStayInTheirRange(t *testing.T) {
	hex := func(lo, hi int) func(any) bool {
		return func(x any) bool {
			s := x.(string)
			return len(s) >= lo && len(s) <= hi && strings.Trim(s, "0123456789abcdef") == ""
		}
	}
	ints := func(lo, hi int64) func(any) bool {
		return func(x any) bool { return x.(int64) >= lo && x.(int64) <= hi }
	}
	doubles := func(lo, hi float64) func(any) bool {
		return func(x any) bool { return x.(float64) >= lo && x.(float64) <= hi }
	}
	for name, c := range map[string]struct {
		typ      types.Type
		options  []string
		in       func(any) bool
		distinct int // at least so many different values among 3000
	}{
		"boolean":        {types.New(types.Boolean), nil, func(x any) bool { _, ok := x.(bool); return ok }, 2},
		"tinyint":        {types.New(types.TinyInt), nil, ints(-128, 127), 256},
		"int":            {integer, []string{"min", "-1", "max", "1"}, ints(-1, 1), 3},
		"one":            {integer, []string{"min", "7", "max", "7"}, ints(7, 7), 1},
		"bigint":         {bigint, nil, ints(-1<<63, 1<<63-1), 3000},
		"bigint range":   {bigint, []string{"min", "-9223372036854775808", "max", "-9223372036854775807"}, ints(-1<<63, -1<<63+1), 2},
		"float":          {types.New(types.Float), []string{"min", "1.5", "max", "2"}, doubles(1.5, 2), 2900},
		"double":         {types.New(types.Double), []string{"min", "-1e308", "max", "1e308"}, doubles(-1e308, 1e308), 3000},
		"default double": {types.New(types.Double), nil, doubles(0, math.MaxFloat64), 3000},
		"char":           {types.Type{Kind: types.Char, Length: 5}, nil, hex(5, 5), 2900},
		"varchar":        {types.Type{Kind: types.VarChar, Length: 33}, nil, hex(33, 33), 3000},
		"string":         {types.String(), nil, hex(100, 100), 3000},
		"short string":   {types.String(), []string{"length", "1"}, hex(1, 1), 16},
		"var string":     {types.String(), []string{"length", "20", "var-len", "true"}, hex(1, 20), 2500},
		"bytes":          {types.Bytes(), []string{"length", "9"}, func(x any) bool { return len(x.([]byte)) == 9 }, 3000},
		"date":           {types.New(types.Date), nil, ints(19675, 19675), 1},
		"time":           {types.Type{Kind: types.Time}, nil, ints(80000_123, 80000_123), 1},
		"now":            {types.TimestampOf(3), nil, ints(1_700_000_000_123, 1_700_000_000_123), 1},
		"past":           {types.TimestampLTZOf(6), []string{"max-past", "1 s"}, ints(1_699_999_999_124_000, 1_700_000_000_123_000), 900},
		"months":         {types.New(types.IntervalMonth), nil, ints(0, 120000), 2900},
		"decimal": {types.DecimalOf(5, 2), []string{"min", "-1.5", "max", "2.25"}, func(x any) bool {
			n := int64(x.(vec.Dec128).Lo)
			return n >= -150 && n <= 225
		}, 376},
		"large decimal": {types.DecimalOf(38, 0), nil, func(x any) bool { return x.(vec.Dec128).Hi >= 0 }, 3000},
		"array":         {types.ArrayOf(integer), []string{"length", "5"}, func(x any) bool { return len(x.([]any)) == 5 }, 3000},
		"array element": {types.ArrayOf(integer), []string{"element.max", "9", "element.min", "9"}, func(x any) bool { return cmp.Equal(x, []any{int64(9), int64(9), int64(9)}) }, 1},
		"multiset": {types.MultisetOf(types.New(types.Boolean)), []string{"length", "9"}, func(x any) bool {
			return len(x.([]vec.Entry)) <= 2 && len(x.([]vec.Entry)) > 0
		}, 50},
		"map": {types.MapOf(types.New(types.TinyInt), integer), []string{"length", "300", "value.null-rate", "0.5"}, func(x any) bool {
			seen := map[any]bool{}
			for _, e := range x.([]vec.Entry) {
				seen[e.Key] = true
			}
			return len(seen) == len(x.([]vec.Entry)) && len(seen) > 100
		}, 3000},
		"row": {types.RowOf(types.Field{Name: "x", Type: integer}), []string{"x.min", "3", "x.max", "4"}, func(x any) bool { return ints(3, 4)(x.([]any)[0]) }, 2},
	} {
		t.Run(name, func(t *testing.T) {
			kv := []string{"rows-per-second", "0", "number-of-rows", "3000"}
			for i, o := range c.options {
				if i%2 == 0 {
					o = "fields.a." + o
				}
				kv = append(kv, o)
			}
			cols := columnsOf(c.typ)
			seen := map[string]bool{}
			for _, row := range readAll(t, open(t, cols, kv...), cols, 4096, -1) {
				if !c.in(row[0]) {
					t.Fatalf("value %v", row[0])
				}
				seen[fmt.Sprint(row[0])] = true
			}
			if len(seen) < c.distinct {
				t.Errorf("%d different values, want at least %d", len(seen), c.distinct)
			}
		})
	}
}

func TestNullRate(t *testing.T) {
	for _, typ := range []types.Type{integer, types.String(), types.ArrayOf(integer), types.RowOf(types.Field{Name: "x", Type: integer})} {
		cols := columnsOf(typ)
		nulls := 0
		for _, row := range readAll(t, open(t, cols, "rows-per-second", "0", "number-of-rows", "10000", "fields.a.null-rate", "0.25"), cols, 4096, -1) {
			if row[0] == nil {
				nulls++
			}
		}
		if nulls < 2300 || nulls > 2700 {
			t.Errorf("%s: %d of 10000 are NULL, want about 2500", typ, nulls)
		}
	}
}

func TestSequences(t *testing.T) {
	for _, typ := range []types.Type{types.New(types.TinyInt), types.New(types.SmallInt), integer, bigint, types.New(types.Float), types.New(types.Double), types.DecimalOf(4, 1), types.String()} {
		cols := columnsOf(typ, bigint)
		s := open(t, cols, "rows-per-second", "0", "splits", "1", "fields.a.kind", "sequence", "fields.a.start", "-3", "fields.a.end", "9")
		if !s.Bounded() {
			t.Errorf("%s: a sequence has an end", typ)
		}
		rows := readAll(t, s, cols, 4, -1)
		if len(rows) != 13 {
			t.Fatalf("%s: %d rows, want 13", typ, len(rows))
		}
		for i, row := range rows {
			want := fmt.Sprint(int64(i - 3))
			if typ.Kind == types.Decimal {
				want = fmt.Sprint(vec.Dec128FromInt64(int64(i-3) * 10))
			}
			if got := fmt.Sprint(row[0]); got != want {
				t.Errorf("%s: %s, want %s", typ, got, want)
			}
		}
	}
}

// TestRowsComeAtTheBeginningOfEachSecond follows the clock through a table of 5 rows at 2 rows a second.
func TestRowsComeAtTheBeginningOfEachSecond(t *testing.T) {
	manual := clock.NewManual(time.UnixMilli(1_000_500))
	cols := columnsOf(bigint)
	s := open(t, cols, "rows-per-second", "2", "number-of-rows", "5")
	splits, err := s.Splits(context.Background())
	if err != nil || len(splits) != 1 {
		t.Fatalf("%d splits, error %v", len(splits), err)
	}
	woken := make(chan struct{}, 1)
	r, err := s.Open(context.Background(), connectors.ReadRequest{Split: splits[0], Columns: cols, Clock: manual, Wake: func() { woken <- struct{}{} }})
	if err != nil {
		t.Fatal(err)
	}
	b := newBatch(cols)
	for _, rows := range []int{2, 2, 1} {
		for got := 0; got < rows; {
			b.Reset()
			if err := r.Read(b, 4096); err != nil {
				t.Fatal(err)
			}
			got += b.Len()
		}
		b.Reset()
		if err := r.Read(b, 4096); err == io.EOF {
			break
		} else if !errors.Is(err, connectors.ErrNoData) {
			t.Fatalf("%d rows, error %v", b.Len(), err)
		}
		manual.Advance(999 * time.Millisecond)
		if err := r.Read(b, 4096); !errors.Is(err, connectors.ErrNoData) {
			t.Fatal("rows came too early")
		}
		manual.Advance(time.Millisecond)
		<-woken
	}
	if err := r.Read(b, 4096); err != io.EOF {
		t.Error(err)
	}
	if err := r.Close(); err != nil {
		t.Error(err)
	}
}

func TestRestoredTableKeepsItsPace(t *testing.T) {
	manual := clock.NewManual(time.UnixMilli(0))
	cols := columnsOf(bigint)
	s := open(t, cols, "rows-per-second", "10")
	splits, _ := s.Splits(context.Background())
	r, err := s.Open(context.Background(), connectors.ReadRequest{Split: splits[0], Columns: cols, Clock: manual, Position: []byte{100}})
	if err != nil {
		t.Fatal(err)
	}
	rows := 0
	for b := newBatch(cols); r.Read(b, 4096) == nil; b.Reset() {
		rows += b.Len()
	}
	if rows != 10 {
		t.Errorf("%d rows at once, want 10", rows)
	}
}

func TestWrongOptions(t *testing.T) {
	notNull := integer.WithoutNull()
	for name, c := range map[string]struct {
		typ     types.Type
		options []string
		want    string
	}{
		"rate":            {integer, []string{"rows-per-second", "-1"}, "not between"},
		"rows":            {integer, []string{"number-of-rows", "x"}, "not a whole number"},
		"kind":            {integer, []string{"fields.a.kind", "fibonacci"}, "there is no kind 'fibonacci'"},
		"field":           {integer, []string{"fields.b.min", "1"}, "no field of the table has this option"},
		"option":          {integer, []string{"fields.a.length", "1"}, "no field of the table has this option"},
		"typo":            {integer, []string{"fields.a.mn", "1"}, "no field of the table has this option"},
		"min":             {integer, []string{"fields.a.min", "one"}, "not a whole number"},
		"too small":       {types.New(types.TinyInt), []string{"fields.a.min", "-129"}, "-129 does not fit the type"},
		"min above max":   {integer, []string{"fields.a.min", "2", "fields.a.max", "1"}, "above the maximum"},
		"float":           {types.New(types.Float), []string{"fields.a.max", "1e39"}, "not a number of the type"},
		"decimal":         {types.DecimalOf(3, 1), []string{"fields.a.max", "100"}, "is not a DECIMAL(3, 1)"},
		"null rate":       {integer, []string{"fields.a.null-rate", "2"}, "between 0 and 1"},
		"null of not":     {notNull, []string{"fields.a.null-rate", "0.1"}, "NOT NULL"},
		"char":            {types.Type{Kind: types.Char, Length: 3}, []string{"fields.a.length", "4"}, "does not suit the type CHAR(3)"},
		"varchar":         {types.Type{Kind: types.VarChar, Length: 3}, []string{"fields.a.length", "4"}, "does not suit"},
		"start":           {integer, []string{"fields.a.kind", "sequence", "fields.a.end", "4"}, "'fields.a.start': is required"},
		"sequence":        {integer, []string{"fields.a.kind", "sequence", "fields.a.start", "5", "fields.a.end", "4"}, "above the end"},
		"sequence range":  {types.DecimalOf(3, 2), []string{"fields.a.kind", "sequence", "fields.a.start", "0", "fields.a.end", "10"}, "not between"},
		"sequence type":   {types.New(types.Date), []string{"fields.a.kind", "sequence", "fields.a.start", "0", "fields.a.end", "10"}, "not supported yet"},
		"nested sequence": {types.ArrayOf(integer), []string{"fields.a.element.kind", "sequence"}, "not supported yet"},
		"type":            {types.New(types.Raw), nil, "not supported yet"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Connector().Source(&connectors.Table{Columns: columnsOf(c.typ), Options: options(c.options...)})
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v, want %q", err, c.want)
			}
		})
	}
}

func BenchmarkRead(b *testing.B) {
	for name, typ := range map[string]types.Type{
		"bigint": bigint, "double": types.New(types.Double), "string": types.String(), "decimal": types.DecimalOf(20, 2), "array": types.ArrayOf(integer),
	} {
		b.Run(name, func(b *testing.B) {
			cols := columnsOf(typ)
			s := open(b, cols, "rows-per-second", "0", "splits", "1")
			splits, _ := s.Splits(context.Background())
			r, err := s.Open(context.Background(), connectors.ReadRequest{Split: splits[0], Columns: cols})
			if err != nil {
				b.Fatal(err)
			}
			batch := newBatch(cols)
			b.ReportAllocs()
			rows := 0
			for b.Loop() {
				batch.Reset()
				if err := r.Read(batch, 4096); err != nil {
					b.Fatal(err)
				}
				rows += batch.Len()
			}
			b.ReportMetric(float64(rows)/b.Elapsed().Seconds(), "rows/s")
		})
	}
}
