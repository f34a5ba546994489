// Command embed runs SQL over Go values and reads the changelog of the result.
//
//	go run ./examples/embed
package main

import (
	"context"
	"fmt"
	"log"
	"time"

	"github.com/weirstream/weir"
)

// Payment is a row of the table payments: its fields are the columns.
type Payment struct {
	Account string
	Cents   int64
	TS      time.Time `weir:"ts"`
}

func main() {
	if err := run(context.Background()); err != nil {
		log.Fatal(err)
	}
}

func run(ctx context.Context) error {
	start := time.Date(2026, 1, 1, 10, 0, 0, 0, time.UTC)
	payments := []Payment{
		{"ann", 1000, start.Add(1 * time.Second)},
		{"bob", 250, start.Add(20 * time.Second)},
		{"ann", 4000, start.Add(30 * time.Second)},
		{"ann", 70, start.Add(65 * time.Second)},
	}
	env, err := weir.NewEnv(weir.WithSetting("table.local-time-zone", "UTC"))
	if err != nil {
		return err
	}
	if err := weir.FromSlice(env, "payments", payments, weir.WithWatermark("ts", "ts - INTERVAL '5' SECOND")); err != nil {
		return err
	}
	res, err := env.ExecuteSQL(ctx, `
		SELECT account, window_start, SUM(cents) AS cents
		FROM TUMBLE(TABLE payments, DESCRIPTOR(ts), INTERVAL '1' MINUTE)
		GROUP BY account, window_start, window_end`)
	if err != nil {
		return err
	}
	for row, err := range res.Rows() {
		if err != nil {
			return err
		}
		minute := row.Values[1].(time.Time)
		fmt.Printf("%s %s spent %d cents in the minute from %s\n", row.Kind, row.Values[0], row.Values[2], minute.Format("15:04"))
	}
	return nil
}
