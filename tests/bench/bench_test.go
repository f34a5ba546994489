package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestProgramsAgree runs all cases on small inputs: the limit is only a limit if it computes the same.
func TestProgramsAgree(t *testing.T) {
	in := newInput(t.TempDir(), 400_000, 20_000) // so many that rows of single groups pass the local phase by
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			program := c.limit
			if c.expect != nil {
				program = c.expect
			}
			want, err := program(in)
			if err != nil || want.rows == 0 {
				t.Fatalf("%v, error %v", want, err)
			}
			for _, parallelism := range []int{1, 2} {
				got, err := c.weir(context.Background(), in, parallelism)
				if err != nil {
					t.Fatal(err)
				}
				if got != want {
					t.Errorf("parallelism %d: %+v, want %+v", parallelism, got, want)
				}
			}
		})
	}
}

// TestWorkersAgree has rows left out before they reach the local phase, which passes on what is left.
func TestWorkersAgree(t *testing.T) {
	in := newInput(t.TempDir(), 600_000, 0)
	sql := eventsTable + tumbleOut + strings.Replace(tumbleInsert("many", "events", "time"), " GROUP BY", " WHERE few < 500 GROUP BY", 1)
	want, err := runSQL(t.Context(), in.memory(), 1, sql)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := runSQL(t.Context(), in.memory(), 2, sql); err != nil || got != want {
		t.Errorf("two workers give %+v, error %v, and one %+v", got, err, want)
	}
}

// TestMemoryCases runs the queries whose memory is measured, and sees that a row that is held counts.
func TestMemoryCases(t *testing.T) {
	for _, c := range memoryCases {
		if b, err := c.bytes(t.Context(), 100, c.rows); err != nil || b <= 0 {
			t.Errorf("%s: %d bytes, error %v", c.name, b, err)
		}
	}
	for _, c := range memoryCases {
		if c.name != "ORDER BY time" {
			continue
		}
		few, err := c.bytes(t.Context(), 1000, 1)
		many, merr := c.bytes(t.Context(), 100_000, 1)
		if err != nil || merr != nil || many-few < 99_000*24 {
			t.Errorf("%d and %d bytes for 1000 and 100000 rows of 24 bytes, errors %v, %v", few, many, err, merr)
		}
	}
}

func TestTumbleOfTheLimit(t *testing.T) {
	e := newEvents(10_000)
	type group struct{ key, window int64 }
	counts, greatest := map[group]int64{}, map[group]int64{}
	for i, k := range e.few {
		g := group{k, e.time[i] - e.time[i]%windowMS}
		counts[g]++
		greatest[g] = max(greatest[g], e.price[i])
	}
	var want result
	for g, n := range counts {
		want.add(g.key, n, greatest[g], g.window)
	}
	if got := limitTumble(e.few, e.price, e.time); got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
}

func TestDecoderOfTheLimit(t *testing.T) {
	for line, want := range map[string]bidLine{
		`{"auction":1,"bidder":20,"price":300,"channel":"a","url":"b","dateTime":"2015-07-15 01:02:03.004","extra":"c"}`:      {1, 20, 300, 1436922123004},
		`{"auction":0,"bidder":0,"price":0,"channel":"","url":"","dateTime":"1969-12-31 23:59:59.999","extra":""}`:            {0, 0, 0, -1},
		`{"auction":1,"bidder":2,"price":3,"channel":"\"","url":"\\","dateTime":"2015-07-15 00:00:00.000","extra":"c"}`:       {1, 2, 3, 1436918400000},
		`{"extra":"c", "dateTime":"2015-07-15 00:00:00.000","bidder":2,"auction":1,"price":3}`:                                {1, 2, 3, 1436918400000},
		`{"auction":-1,"bidder":2,"price":3,"channel":"","url":"","dateTime":"2015-07-15 00:00:00.000","extra":"c","more":1}`: {-1, 2, 3, 1436918400000},
	} {
		var d bidDecoder
		if n := d.decode([]byte(line + "\nnext")); n != len(line)+1 || d.err != nil {
			t.Errorf("%s: %d bytes, error %v", line, n, d.err)
		}
		if diff := cmp.Diff(want, d.bidLine, cmp.AllowUnexported(bidLine{})); diff != "" {
			t.Errorf("%s: %s", line, diff)
		}
		if n := d.decode([]byte(line)); n != 0 {
			t.Errorf("%s: %d bytes of a line without an end", line, n)
		}
	}
	for _, line := range []string{
		`{"auction":01,"bidder":20,"price":300,"channel":"a","url":"b","dateTime":"2015-07-15 01:02:03.004","extra":"c"}`,
		`{"auction":1,"bidder":20,"price":300,"channel":"a","url":"b","dateTime":"2015-07-15 24:02:03.004","extra":"c"}`,
		`{"auction":1,"bidder":20,"price":300,"channel":"a","url":"b","dateTime":"2015-02-30 01:02:03.004","extra":"c"}`,
		`{"auction":1,"bidder":20,"price":300,"channel":"a`, ``, `[]`,
	} {
		var d bidDecoder
		if n := d.decode([]byte(line + "\n")); n != 0 || d.err == nil {
			t.Errorf("%s was taken", line)
		}
	}
}

func BenchmarkLimit(b *testing.B) {
	in := newInput(b.TempDir(), 8_000_000, 200_000)
	for _, c := range cases {
		b.Run(c.name, func(b *testing.B) {
			if _, err := c.limit(in); err != nil { // makes the input
				b.Fatal(err)
			}
			b.ReportAllocs()
			for b.Loop() {
				if _, err := c.limit(in); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.N)*float64(c.rows(in))/b.Elapsed().Seconds(), "rows/s")
		})
	}
}

// BenchmarkEncodingJSON is what the standard library makes of the same file.
func BenchmarkEncodingJSON(b *testing.B) {
	in := newInput(b.TempDir(), 0, 50_000)
	name, err := in.ndjson()
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		f, err := os.Open(filepath.Clean(name))
		if err != nil {
			b.Fatal(err)
		}
		d := json.NewDecoder(f)
		for d.More() {
			var v struct {
				Auction, Bidder, Price        int64
				Channel, URL, DateTime, Extra string
			}
			if err := d.Decode(&v); err != nil {
				b.Fatal(err)
			}
		}
		if err := f.Close(); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.N)*float64(in.lines)/b.Elapsed().Seconds(), "rows/s")
}

// BenchmarkWeir is Weir's side of each case, on one worker and on two, for profiles.
func BenchmarkWeir(b *testing.B) {
	in := newInput(b.TempDir(), 8_000_000, 200_000)
	for _, c := range cases {
		for _, workers := range []int{1, 2} {
			b.Run(fmt.Sprintf("%s/%d", c.name, workers), func(b *testing.B) {
				if _, err := c.weir(b.Context(), in, workers); err != nil { // makes the input
					b.Fatal(err)
				}
				b.ReportAllocs()
				for b.Loop() {
					if _, err := c.weir(b.Context(), in, workers); err != nil {
						b.Fatal(err)
					}
				}
				b.ReportMetric(float64(b.N)*float64(c.rows(in))/b.Elapsed().Seconds(), "rows/s")
			})
		}
	}
}
