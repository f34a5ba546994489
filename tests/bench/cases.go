package main

import (
	"context"
	"fmt"
	"io"

	"github.com/weirstream/weir/connectors"
	"github.com/weirstream/weir/runtime/vec"
)

// comparison is one job, done by the limit and by Weir.
type comparison struct {
	name  string
	bar   float64 // the least ratio of Weir's rows per CPU second to the limit's
	rows  func(in *input) int
	limit func(in *input) (result, error)
	weir  func(ctx context.Context, in *input, parallelism int) (result, error)
	// expect gives the right result where the limit does not compute it; nil: the limit's is.
	expect func(in *input) (result, error)
}

var cases = append([]comparison{
	{name: "ndjson filter", bar: 0.6, rows: lines, limit: fromFile(limitFilter), weir: fromNDJSON(
		"CREATE TABLE sums (auction BIGINT, price BIGINT, t TIMESTAMP(3)) WITH ('connector' = 'checksum');\n",
		fmt.Sprintf("INSERT INTO sums SELECT auction, price, `dateTime` FROM bids WHERE price > %d", filterPrice))},
	{name: "tumble memory 1k keys", bar: 0.5, rows: rows, limit: fromMemory(func(e *events) []int64 { return e.few }), weir: tumbleMemory("few")},
	{name: "tumble memory 1M keys", bar: 0.5, rows: rows, limit: fromMemory(func(e *events) []int64 { return e.many }), weir: tumbleMemory("many")},
	{name: "tumble ndjson 1k keys", bar: 0.6, rows: lines, limit: fromFile(func(name string) (result, error) {
		return limitTumbleNDJSON(name, func(b *bidLine) int64 { return b.bidder })
	}), weir: fromNDJSON(tumbleOut, tumbleInsert("bidder", "bids", "dateTime"))},
	{name: "tumble ndjson 1M keys", bar: 0.6, rows: lines, limit: fromFile(func(name string) (result, error) {
		return limitTumbleNDJSON(name, func(b *bidLine) int64 { return b.auction })
	}), weir: fromNDJSON(tumbleOut, tumbleInsert("auction", "bids", "dateTime"))},
	nexmarkQuery{
		name: "nexmark q0", columns: []int{0, 1, 2, 5, 6},
		out:    "auction BIGINT, bidder BIGINT, price BIGINT, `dateTime` TIMESTAMP(3), extra STRING",
		query:  "SELECT auction, bidder, price, `dateTime`, extra FROM bid",
		factor: 1,
	}.comparison(),
	nexmarkQuery{
		name: "nexmark q1", columns: []int{0, 1, 2, 5, 6},
		out:    "auction BIGINT, bidder BIGINT, price DECIMAL(23, 3), `dateTime` TIMESTAMP(3), extra STRING",
		query:  "SELECT auction, bidder, 0.908 * price, `dateTime`, extra FROM bid",
		factor: 908,
	}.comparison(),
	nexmarkQuery{
		name: "nexmark q2", columns: []int{0, 2},
		out:    "auction BIGINT, price BIGINT",
		query:  "SELECT auction, price FROM bid WHERE MOD(auction, 123) = 0",
		factor: 1, modulus: 123,
	}.comparison(),
}, wideCases...)

func rows(in *input) int  { return in.rows }
func lines(in *input) int { return in.lines }

func fromFile(f func(name string) (result, error)) func(*input) (result, error) {
	return func(in *input) (result, error) {
		name, err := in.ndjson()
		if err != nil {
			return result{}, err
		}
		return f(name)
	}
}

func fromNDJSON(out, insert string) func(context.Context, *input, int) (result, error) {
	return func(ctx context.Context, in *input, parallelism int) (result, error) {
		name, err := in.ndjson()
		if err != nil {
			return result{}, err
		}
		return runSQL(ctx, nil, parallelism, out+fmt.Sprintf("CREATE TABLE bids (auction BIGINT, bidder BIGINT, price BIGINT, channel STRING, url STRING, "+
			"`dateTime` TIMESTAMP(3), extra STRING, WATERMARK FOR `dateTime` AS `dateTime`) WITH ('connector' = 'filesystem', 'path' = '%s', 'format' = 'json');\n", name)+insert)
	}
}

const tumbleOut = "CREATE TABLE sums (k BIGINT, c BIGINT, m BIGINT, w TIMESTAMP(3)) WITH ('connector' = 'checksum');\n"

func tumbleInsert(key, table, time string) string {
	return fmt.Sprintf("INSERT INTO sums SELECT %s, COUNT(*), MAX(price), window_start FROM TUMBLE(TABLE %s, DESCRIPTOR(`%s`), INTERVAL '%d' SECOND(4)) GROUP BY %[1]s, window_start, window_end",
		key, table, time, windowMS/1000)
}

func fromMemory(keys func(*events) []int64) func(*input) (result, error) {
	return func(in *input) (result, error) {
		e := in.memory()
		return limitTumble(keys(e), e.price, e.time), nil
	}
}

func tumbleMemory(key string) func(context.Context, *input, int) (result, error) {
	return func(ctx context.Context, in *input, parallelism int) (result, error) {
		return runSQL(ctx, in.memory(), parallelism, eventsTable+tumbleOut+tumbleInsert(key, "events", "time"))
	}
}

// nexmarkQuery is a query over the generator's bids.
type nexmarkQuery struct {
	name    string
	columns []int // of the bid, that the query reads
	out     string
	query   string
	factor  uint64 // of the price in the result, unscaled
	modulus int64  // of which the auctions that are kept are a multiple, 0 for all
}

// comparison gives the case. The limit is the generator's own time for the columns that the query
// reads.
func (q nexmarkQuery) comparison() comparison {
	var cols []connectors.Column
	for _, c := range q.columns {
		cols = append(cols, bidTypes[c])
	}
	sql := "CREATE TABLE sums (" + q.out + ") WITH ('connector' = 'checksum');\n" +
		"CREATE TABLE bid (auction BIGINT, bidder BIGINT, price BIGINT, channel STRING, url STRING, `dateTime` TIMESTAMP(3), extra STRING) " +
		"WITH ('connector' = 'nexmark', 'table' = 'bid', 'events.num' = '%d');\n" +
		"INSERT INTO sums " + q.query
	return comparison{
		name: q.name, bar: 1 / 1.3, rows: rows,
		limit: func(in *input) (result, error) { return result{}, generate(cols, in.rows, func(*vec.Batch) {}) },
		weir: func(ctx context.Context, in *input, parallelism int) (result, error) {
			return runSQL(ctx, nil, parallelism, fmt.Sprintf(sql, in.rows))
		},
		expect: func(in *input) (result, error) { return q.expect(cols, in.rows) },
	}
}

// generate reads all bids.
func generate(cols []connectors.Column, events int, f func(*vec.Batch)) error {
	b, next, err := nexmarkReader(cols, events)
	if err != nil {
		return err
	}
	for {
		if err := next(); err == io.EOF {
			return nil
		} else if err != nil {
			return err
		}
		f(b)
	}
}

// expect computes the query's result row by row.
func (q nexmarkQuery) expect(cols []connectors.Column, events int) (res result, err error) {
	err = generate(cols, events, func(b *vec.Batch) {
		for i := range b.Len() {
			if q.modulus > 0 && vec.Values[int64](b.Cols[0])[i]%q.modulus != 0 {
				continue
			}
			res.rows++
			for c, v := range b.Cols {
				res.sum += q.word(cols[c].Name, v, i) * weight(c)
			}
		}
	})
	return res, err
}

func (q nexmarkQuery) word(column string, v *vec.Vector, i int) uint64 {
	if v.Phys() == vec.View {
		return viewWord(vec.Values[vec.StringView](v)[i])
	}
	x := uint64(vec.Values[int64](v)[i])
	if column == "price" {
		x *= q.factor
	}
	return x
}
