package json

import (
	"bytes"
	stdjson "encoding/json"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/weirstream/weir/connectors"
	"github.com/weirstream/weir/connectors/format"
	"github.com/weirstream/weir/runtime/vec"
	"github.com/weirstream/weir/sql/types"
)

// bidColumns are those of a Nexmark bid.
func bidColumns() []connectors.Column {
	return []connectors.Column{
		{Name: "auction", Type: types.New(types.BigInt)},
		{Name: "bidder", Type: types.New(types.BigInt)},
		{Name: "price", Type: types.New(types.BigInt)},
		{Name: "channel", Type: types.String()},
		{Name: "url", Type: types.String()},
		{Name: "dateTime", Type: types.TimestampOf(3)},
		{Name: "extra", Type: types.String()},
	}
}

// bidLines makes lines of about 240 bytes.
func bidLines(rows int) []byte {
	rng := rand.New(rand.NewPCG(1, 2))
	channels := []string{"Google", "Facebook", "Baidu", "Apple", "channel-1234"}
	const letters = "abcdefghijklmnopqrstuvwxyz_&"
	var out bytes.Buffer
	extra := make([]byte, 70)
	for i := range rows {
		for k := range extra {
			extra[k] = letters[rng.IntN(len(letters))]
		}
		price := 1 << rng.IntN(24)
		fmt.Fprintf(&out, `{"auction":%d,"bidder":%d,"price":%d,"channel":"%s","url":"https://www.nexmark.com/%s/item.htm?query=1","dateTime":"2024-05-06 %02d:%02d:%02d.%03d","extra":"%s"}`+"\n",
			1000+rng.IntN(1<<rng.IntN(20)), 1000+rng.IntN(100000), price+rng.IntN(price), channels[rng.IntN(5)], extra[:16],
			i/3600000%24, i/60000%60, i/1000%60, i%1000, extra[:60+rng.IntN(10)])
	}
	return out.Bytes()
}

func project(cols []connectors.Column, names ...string) []connectors.Column {
	var out []connectors.Column
	for _, n := range names {
		for _, c := range cols {
			if c.Name == n {
				out = append(out, c)
			}
		}
	}
	return out
}

func newBatch(cols []connectors.Column) *vec.Batch {
	s := make(vec.Schema, len(cols))
	for i, c := range cols {
		s[i] = vec.Field{Name: c.Name, Type: c.Type}
	}
	return vec.NewBatch(s)
}

func BenchmarkDecodeBids(b *testing.B) {
	cols := bidColumns()
	for name, want := range map[string][]connectors.Column{
		"all":      cols,
		"two":      project(cols, "auction", "price"),
		"filterq2": project(cols, "auction", "price", "dateTime"),
	} {
		b.Run(name, func(b *testing.B) { benchmarkDecode(b, want) })
	}
	b.Run("encoding-json", benchmarkStandard)
	b.Run("limit", benchmarkLimit)
}

const benchmarkRows = 1 << 16

func benchmarkDecode(b *testing.B, cols []connectors.Column) {
	data := bidLines(benchmarkRows)
	d := newDecoder(Settings{}, format.DecodeRequest{Columns: cols})
	batch := newBatch(cols)
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	for b.Loop() {
		rows := 0
		for rest := data; len(rest) > 0; {
			batch.Reset()
			n, err := d.DecodeLines(rest, true, batch, vec.DefaultBatchSize)
			if err != nil {
				b.Fatal(err)
			}
			rows += batch.Len()
			rest = rest[n:]
		}
		if rows != benchmarkRows {
			b.Fatalf("%d rows", rows)
		}
	}
	reportRows(b)
}

func reportRows(b *testing.B) {
	b.ReportMetric(float64(benchmarkRows)*float64(b.N)/b.Elapsed().Seconds()/1e6, "Mrows/s")
}

func benchmarkStandard(b *testing.B) {
	type bid struct {
		Auction  int64  `json:"auction"`
		Bidder   int64  `json:"bidder"`
		Price    int64  `json:"price"`
		Channel  string `json:"channel"`
		URL      string `json:"url"`
		DateTime string `json:"dateTime"`
		Extra    string `json:"extra"`
	}
	data := bidLines(benchmarkRows)
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	for b.Loop() {
		for line := range bytes.Lines(data) {
			var x bid
			if err := stdjson.Unmarshal(line, &x); err != nil {
				b.Fatal(err)
			}
		}
	}
	reportRows(b)
}

// BenchmarkDecodeNested decodes the values that have no plain form.
func BenchmarkDecodeNested(b *testing.B) {
	row := types.RowOf(types.Field{Name: "a", Type: types.New(types.Int)}, types.Field{Name: "b", Type: types.String()})
	for name, c := range map[string]struct {
		typ  types.Type
		text string
	}{
		"decimal": {types.DecimalOf(10, 2), `1234.56`},
		"date":    {types.New(types.Date), `"2024-05-06"`},
		"row":     {row, `{"a":1,"b":"some text that is longer"}`},
		"array":   {types.ArrayOf(types.String()), `["a","some text that is longer","c"]`},
		"map":     {types.MapOf(types.String(), types.New(types.BigInt)), `{"k1":1,"k2":2,"k3":3}`},
		"utf8":    {types.String(), `"ein Satz mit Umlauten: äöü"`},
		"escapes": {types.String(), `"a \"quoted\" text\n"`},
	} {
		b.Run(name, func(b *testing.B) {
			const rows = 1 << 13
			data := bytes.Repeat([]byte(`{"id":12345,"v":`+c.text+"}\n"), rows)
			cols := []connectors.Column{col("id", types.New(types.BigInt)), col("v", c.typ)}
			d := newDecoder(Settings{}, format.DecodeRequest{Columns: cols})
			batch := newBatch(cols)
			b.SetBytes(int64(len(data)))
			b.ReportAllocs()
			for b.Loop() {
				for rest := data; len(rest) > 0; {
					batch.Reset()
					n, err := d.DecodeLines(rest, true, batch, vec.DefaultBatchSize)
					if err != nil {
						b.Fatal(err)
					}
					rest = rest[n:]
				}
			}
			b.ReportMetric(rows*float64(b.N)/b.Elapsed().Seconds()/1e6, "Mrows/s")
		})
	}
}

// BenchmarkDecodeMessages decodes bids one message at a time, as a queue gives them.
func BenchmarkDecodeMessages(b *testing.B) {
	cols := bidColumns()
	lines := bytes.SplitAfter(bytes.TrimSuffix(bidLines(vec.DefaultBatchSize), []byte("\n")), []byte("\n"))
	d := newDecoder(Settings{}, format.DecodeRequest{Columns: cols})
	batch := newBatch(cols)
	b.ReportAllocs()
	for b.Loop() {
		batch.Reset()
		for _, line := range lines {
			if err := d.DecodeMessage(line, batch); err != nil {
				b.Fatal(err)
			}
		}
	}
	b.ReportMetric(float64(len(lines))*float64(b.N)/b.Elapsed().Seconds()/1e6, "Mrows/s")
}
