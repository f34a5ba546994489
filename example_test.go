package weir_test

import (
	"context"
	"fmt"
	"log"
	"time"

	"github.com/weirstream/weir"
)

// A query's changelog is read with a range loop.
func Example() {
	env, err := weir.NewEnv(weir.WithSetting("table.exec.mini-batch.enabled", "false"))
	if err != nil {
		log.Fatal(err)
	}
	res, err := env.ExecuteSQL(context.Background(), `
		SELECT word, COUNT(*) AS n FROM (VALUES ('stream'), ('table'), ('stream')) AS t (word) GROUP BY word`)
	if err != nil {
		log.Fatal(err)
	}
	for row, err := range res.Rows() {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(row)
	}
	// Output:
	// +I[stream, 1]
	// +I[table, 1]
	// -U[stream, 1]
	// +U[stream, 2]
}

type reading struct {
	Sensor string
	Value  float64
	TS     time.Time `weir:"ts"`
}

// Go values enter as a table, with event time, and the result is final when a window closes.
func ExampleFromSlice() {
	start := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	readings := []reading{
		{"a", 1.5, start}, {"b", 7, start.Add(20 * time.Second)}, {"a", 2.5, start.Add(40 * time.Second)}, {"a", 9, start.Add(70 * time.Second)},
	}
	env, err := weir.NewEnv(weir.WithSetting("table.local-time-zone", "UTC"))
	if err != nil {
		log.Fatal(err)
	}
	if err := weir.FromSlice(env, "readings", readings, weir.WithWatermark("ts", "ts - INTERVAL '5' SECOND")); err != nil {
		log.Fatal(err)
	}
	res, err := env.ExecuteSQL(context.Background(), "SELECT sensor, AVG(`value`) AS mean FROM TUMBLE(TABLE readings, DESCRIPTOR(ts), INTERVAL '1' MINUTE) GROUP BY sensor, window_start, window_end")
	if err != nil {
		log.Fatal(err)
	}
	for row, err := range res.Rows() {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(row)
	}
	// Output:
	// +I[a, 2]
	// +I[b, 7]
	// +I[a, 9]
}

type alert struct {
	Sensor string
	Value  float64
}

// A job runs beside the program: rows go in through one channel and come out of another.
func ExampleToChannel() {
	ctx := context.Background()
	in, out := make(chan reading), make(chan weir.Change[alert], 8)
	env, err := weir.NewEnv()
	if err != nil {
		log.Fatal(err)
	}
	if err := weir.FromChannel(env, "readings", in); err != nil {
		log.Fatal(err)
	}
	if err := weir.ToChannel(env, "alerts", out); err != nil {
		log.Fatal(err)
	}
	res, err := env.ExecuteSQL(ctx, "INSERT INTO alerts SELECT sensor, `value` FROM readings WHERE `value` > 5")
	if err != nil {
		log.Fatal(err)
	}
	in <- reading{Sensor: "a", Value: 1}
	in <- reading{Sensor: "b", Value: 7}
	a := <-out
	fmt.Println(a.Kind, a.Row.Sensor, a.Row.Value)
	close(in)
	if err := res.Job().Wait(ctx); err != nil {
		log.Fatal(err)
	}
	// Output: +I b 7
}
