package filesystem

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/weirstream/weir/connectors"
	"github.com/weirstream/weir/runtime/vec"
	"github.com/weirstream/weir/sql/types"
)

// BenchmarkRead reads a file of Nexmark bids from the page cache: the cost of the reader
// around the decoder.
func BenchmarkRead(b *testing.B) {
	const rows = 1 << 17
	var data bytes.Buffer
	for i := range rows {
		fmt.Fprintf(&data, `{"auction":%d,"bidder":%d,"price":%d,"channel":"channel-%d","url":"https://www.nexmark.com/abcdefgh/item.htm?query=1","dateTime":"2024-05-06 %02d:%02d:%02d.%03d","extra":"%s"}`+"\n",
			1000+i%977, 1000+i%5003, i*7919%1000000, i%9, i/3600000%24, i/60000%60, i/1000%60, i%1000, strings.Repeat("x", 60+i%11))
	}
	dir := b.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "bids.json"), data.Bytes(), 0o644); err != nil {
		b.Fatal(err)
	}
	cols := []connectors.Column{
		{Name: "auction", Type: types.New(types.BigInt)},
		{Name: "price", Type: types.New(types.BigInt)},
		{Name: "bidder", Type: types.New(types.BigInt)},
		{Name: "channel", Type: types.String()},
		{Name: "url", Type: types.String()},
		{Name: "dateTime", Type: types.TimestampOf(3)},
		{Name: "extra", Type: types.String()},
	}
	for name, want := range map[string][]connectors.Column{"all": cols, "two": cols[:2]} {
		b.Run(name, func(b *testing.B) {
			tab := table(dir, map[string]string{"path": "bids.json"})
			tab.Columns = cols
			s, err := newSource(tab, formats(), nil)
			if err != nil {
				b.Fatal(err)
			}
			b.SetBytes(int64(data.Len()))
			b.ReportAllocs()
			for b.Loop() {
				if n := benchmarkRead(b, s, want); n != rows {
					b.Fatalf("%d rows", n)
				}
			}
			b.ReportMetric(float64(rows)*float64(b.N)/b.Elapsed().Seconds()/1e6, "Mrows/s")
		})
	}
}

func benchmarkRead(b *testing.B, s connectors.Source, cols []connectors.Column) (rows int) {
	splits, err := s.Splits(context.Background())
	if err != nil {
		b.Fatal(err)
	}
	batch := batchOf(cols)
	for _, sp := range splits {
		r, err := s.Open(context.Background(), connectors.ReadRequest{Split: sp, Columns: cols})
		if err != nil {
			b.Fatal(err)
		}
		for {
			batch.Reset()
			if err = r.Read(batch, vec.DefaultBatchSize); err != nil {
				break
			}
			rows += batch.Len()
		}
		if err != io.EOF {
			b.Fatal(err)
		}
		if err := r.Close(); err != nil {
			b.Fatal(err)
		}
	}
	return rows
}
