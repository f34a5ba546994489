package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"

	"github.com/weirstream/weir/connectors"
	"github.com/weirstream/weir/connectors/format/text"
	"github.com/weirstream/weir/connectors/nexmark"
	"github.com/weirstream/weir/runtime/vec"
	"github.com/weirstream/weir/sql/types"
)

// input is what the programs read. It is made when it is first needed.
type input struct {
	dir         string
	rows, lines int
	file        string // of NDJSON, "" before it is made
	mem         *events
}

func newInput(dir string, rows, lines int) *input { return &input{dir: dir, rows: rows, lines: lines} }

const (
	fewKeys  = 1000
	midKeys  = 100_000
	manyKeys = 1_000_000
	windowMS = 1_000_000 // of the tumbling windows; inputs span two
	baseTime = 1436918400000
)

// events are columns in memory. Times ascend through two windows.
type events struct{ few, mid, many, price, time []int64 }

func (in *input) memory() *events {
	if in.mem == nil {
		in.mem = newEvents(in.rows)
	}
	return in.mem
}

func newEvents(n int) *events {
	e := &events{make([]int64, n), make([]int64, n), make([]int64, n), make([]int64, n), make([]int64, n)}
	for i := range n {
		r := random(uint64(i))
		e.few[i] = int64(r >> 32 * fewKeys >> 32)
		e.mid[i] = int64(r >> 16 & (1<<32 - 1) * midKeys >> 32)
		e.many[i] = int64(r & (1<<32 - 1) * manyKeys >> 32)
		e.price[i] = int64(random(r) % 1e8)
		e.time[i] = timeOf(i, n)
	}
	return e
}

func timeOf(i, n int) int64 { return baseTime - baseTime%windowMS + int64(i)*2*windowMS/int64(n) }

// random is SplitMix64's output function.
func random(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

// bidTypes are the columns of the NDJSON file: Nexmark's bids.
var bidTypes = []connectors.Column{
	{Name: "auction", Type: types.New(types.BigInt)},
	{Name: "bidder", Type: types.New(types.BigInt)},
	{Name: "price", Type: types.New(types.BigInt)},
	{Name: "channel", Type: types.String()},
	{Name: "url", Type: types.String()},
	{Name: "dateTime", Type: types.TimestampOf(3)},
	{Name: "extra", Type: types.String()},
}

// ndjson makes the file of bids: Nexmark's, but with even keys, few in bidder and many in auction, and
// times that span two windows.
func (in *input) ndjson() (string, error) {
	if in.file != "" {
		return in.file, nil
	}
	name := filepath.Join(in.dir, "bids.json")
	f, err := os.Create(name)
	if err != nil {
		return "", err
	}
	w := bufio.NewWriterSize(f, 1<<20)
	if err := in.writeBids(w); err != nil {
		return "", fmt.Errorf("writing %s: %w", name, err)
	}
	if err := errors.Join(w.Flush(), f.Close()); err != nil {
		return "", err
	}
	in.file = name
	return name, nil
}

func (in *input) writeBids(w io.Writer) error {
	b, next, err := nexmarkReader(bidTypes, 0)
	if err != nil {
		return err
	}
	var line []byte
	for i := 0; i < in.lines; {
		if err := next(); err != nil {
			return err
		}
		for row := 0; row < b.Len() && i < in.lines; row++ {
			line = appendBid(line[:0], b, row, i, in.lines)
			if _, err := w.Write(line); err != nil {
				return err
			}
			i++
		}
	}
	return nil
}

func appendBid(line []byte, b *vec.Batch, row, i, n int) []byte {
	r := random(uint64(i))
	line = strconv.AppendInt(append(line, `{"auction":`...), int64(r&(1<<32-1)*manyKeys>>32), 10)
	line = strconv.AppendInt(append(line, `,"bidder":`...), int64(r>>32*fewKeys>>32), 10)
	line = strconv.AppendInt(append(line, `,"price":`...), vec.Values[int64](b.Cols[2])[row], 10)
	line = append(append(line, `,"channel":"`...), b.Cols[3].Bytes(row)...)
	line = append(append(line, `","url":"`...), b.Cols[4].Bytes(row)...)
	line = text.AppendTimestamp(append(line, `","dateTime":"`...), timeOf(i, n), 1000, ' ', 3)
	line = append(append(line, `","extra":"`...), b.Cols[6].Bytes(row)...)
	return append(line, "\"}\n"...)
}

// nexmarkReader opens the generator's flat table of bids: each call of next puts further rows of the
// columns into the batch, until io.EOF. events is how many of all kinds there are, 0 for no end.
func nexmarkReader(cols []connectors.Column, events int) (b *vec.Batch, next func() error, err error) {
	o := connectors.NewOptions(map[string]string{"table": "bid", "events.num": strconv.Itoa(events), "splits": "1"}, nil)
	source, err := nexmark.Connector().Source(&connectors.Table{Columns: cols, Options: o})
	if err != nil {
		return nil, nil, err
	}
	splits, err := source.Splits(context.Background())
	if err != nil {
		return nil, nil, err
	}
	r, err := source.Open(context.Background(), connectors.ReadRequest{Split: splits[0], Columns: cols})
	if err != nil {
		return nil, nil, err
	}
	var schema vec.Schema
	for _, c := range cols {
		schema = append(schema, vec.Field{Name: c.Name, Type: c.Type})
	}
	b = vec.NewBatch(schema)
	return b, func() error {
		b.Reset()
		return r.Read(b, vec.DefaultBatchSize)
	}, nil
}
