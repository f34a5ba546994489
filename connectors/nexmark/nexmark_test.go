package nexmark

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
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

// columnsOf gives the columns of a table: "all" or the name of a kind.
func columnsOf(table string) []connectors.Column {
	row := func(k kind) types.Type {
		var fields []types.Field
		for _, f := range fieldsOf(k) {
			fields = append(fields, types.Field{Name: f.name, Type: f.typ})
		}
		return types.RowOf(fields...)
	}
	if table == "all" {
		return []connectors.Column{
			{Name: "event_type", Type: types.New(types.Int)},
			{Name: "person", Type: row(person)},
			{Name: "auction", Type: row(auction)},
			{Name: "bid", Type: row(bid)},
		}
	}
	var out []connectors.Column
	for k, name := range kindNames {
		if name == table {
			for _, f := range row(kind(k)).Fields {
				out = append(out, connectors.Column{Name: f.Name, Type: f.Type})
			}
		}
	}
	return out
}

func open(tb testing.TB, table string, options ...string) connectors.Source {
	tb.Helper()
	values := map[string]string{"table": table}
	for i := 0; i < len(options); i += 2 {
		values[options[i]] = options[i+1]
	}
	s, err := Connector().Source(&connectors.Table{Columns: columnsOf(table), Options: connectors.NewOptions(values, nil)})
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

// readAll reads all splits one after the other, limit rows at a time, and opens each reader
// anew after every reopen batches.
func readAll(tb testing.TB, s connectors.Source, cols []connectors.Column, limit, reopen int) []string {
	tb.Helper()
	ctx := context.Background()
	splits, err := s.Splits(ctx)
	if err != nil {
		tb.Fatal(err)
	}
	var out []string
	for _, split := range splits {
		var pos []byte
		for done := false; !done; {
			r, err := s.Open(ctx, connectors.ReadRequest{Split: split, Position: pos, Columns: cols})
			if err != nil {
				tb.Fatal(err)
			}
			for n := 0; n != reopen; n++ {
				b := newBatch(cols)
				if err := r.Read(b, limit); err == io.EOF {
					done = true
					break
				} else if err != nil {
					tb.Fatal(err)
				}
				if b.Len() == 0 || b.Len() > limit {
					tb.Fatalf("read %d rows, limit %d", b.Len(), limit)
				}
				for i := range b.Len() {
					out = append(out, rowText(b, i))
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

func rowText(b *vec.Batch, i int) string {
	parts := make([]string, len(b.Cols))
	for c, col := range b.Cols {
		parts[c] = fmt.Sprint(col.Value(i))
	}
	return strings.Join(parts, "|")
}

func sorted(rows []string) []string {
	out := append([]string{}, rows...)
	sort.Strings(out)
	return out
}

func TestFirstEvents(t *testing.T) {
	got := readAll(t, open(t, "all", "events.num", "5", "bid.avg-size", "40b", "auction.avg-size", "0b", "person.avg-size", "100b"), columnsOf("all"), 4096, -1)
	want := []string{
		"0|[1000 Walter Noris mfum@xaks.com 1324 7943 3359 9711 Bend OR 1436918400000 fhcmzsfxoivkvwlfvkvxkgxxnjtmtoearpgqdiom]|<nil>|<nil>",
		"1|<nil>|[1000 nezgzdhfgpeleauaera bhxx ibtiakyzxy i so 4516847 15302478 1436918400000 1436918400199 1000 11 ]|<nil>",
		"1|<nil>|[1001 enphcuhpf ksmgnv 20692 12668944 1436918400000 1436918400176 1000 10 ]|<nil>",
		"1|<nil>|[1002 rrdpnokjwefnj omi mgnbmdmvxlskwnua xpdsc qhrkcjtikyc yoguk 5912 16146389 1436918400000 1436918400165 1005 11 ]|<nil>",
		"2|<nil>|<nil>|[1007 1001 24919 channel-9832 https://www.nexmark.com/spzm/em_/ipha/item.htm?query=1&channel_id=375652352 1436918400000 qwqcfz]",
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

// TestEventsStay pins the events down: a change would make old benchmark results
// incomparable.
func TestEventsStay(t *testing.T) {
	h := fnv.New64a()
	for _, r := range readAll(t, open(t, "all", "events.num", "20000", "splits", "1"), columnsOf("all"), 4096, -1) {
		io.WriteString(h, r+"\n")
	}
	if got, want := h.Sum64(), uint64(0x89f190221f8a50f6); got != want {
		t.Errorf("hash of the first 20000 events is %#x, want %#x", got, want)
	}
}

func TestSplitsLimitsAndRestartsGiveTheSameEvents(t *testing.T) {
	for _, table := range []string{"all", "person", "auction", "bid"} {
		t.Run(table, func(t *testing.T) {
			cols := columnsOf(table)
			want := readAll(t, open(t, table, "events.num", "30011", "splits", "1"), cols, 4096, -1)
			for _, c := range []struct {
				splits        string
				limit, reopen int
			}{{"8", 4096, -1}, {"3", 7, 3}, {"1", 1000, 1}, {"64", 1, 40}} {
				got := readAll(t, open(t, table, "events.num", "30011", "splits", c.splits), cols, c.limit, c.reopen)
				if d := cmp.Diff(sorted(want), sorted(got)); d != "" {
					t.Errorf("%v: %s", c, d[:min(len(d), 1000)])
				}
			}
		})
	}
}

func TestFieldsDoNotDependOnWhatElseIsRead(t *testing.T) {
	for _, table := range []string{"person", "auction", "bid"} {
		whole := columnsOf(table)
		all := readAll(t, open(t, table, "events.num", "5000"), whole, 4096, -1)
		for i, c := range whole {
			one := readAll(t, open(t, table, "events.num", "5000"), []connectors.Column{c}, 100, -1)
			for r := range one {
				if got := strings.Split(all[r], "|")[i]; got != one[r] {
					t.Fatalf("%s.%s of row %d: alone %s, with the others %s", table, c.Name, r, one[r], got)
				}
			}
		}
	}
}

func TestTableOfAllEventsAgreesWithThoseOfOneKind(t *testing.T) {
	rows := readAll(t, open(t, "all", "events.num", "5000", "splits", "1"), columnsOf("all"), 4096, -1)
	for k, table := range kindNames {
		flat := readAll(t, open(t, table, "events.num", "5000", "splits", "1"), columnsOf(table), 4096, -1)
		var nested []string
		for _, r := range rows {
			parts := strings.Split(r, "|")
			if parts[0] == fmt.Sprint(k) {
				nested = append(nested, strings.Trim(parts[1+k], "[]"))
			} else if parts[1+k] != "<nil>" {
				t.Fatalf("%s of an event of another kind: %s", table, r)
			}
		}
		for i := range flat {
			flat[i] = strings.ReplaceAll(flat[i], "|", " ")
		}
		if d := cmp.Diff(flat, nested); d != "" {
			t.Errorf("%s: %s", table, d[:min(len(d), 1000)])
		}
	}
}

func TestNestedProjectionMakesOnlyWhatIsAskedFor(t *testing.T) {
	cols := []connectors.Column{{Name: "bid", Type: types.RowOf(types.Field{Name: "price", Type: types.New(types.BigInt)})}}
	got := readAll(t, open(t, "all", "events.num", "1000"), cols, 4096, -1)
	var bids []string
	for _, r := range got {
		if r != "<nil>" {
			bids = append(bids, strings.Trim(r, "[]"))
		}
	}
	want := readAll(t, open(t, "bid", "events.num", "1000"), []connectors.Column{{Name: "price", Type: types.New(types.BigInt)}}, 4096, -1)
	if d := cmp.Diff(want, bids); d != "" {
		t.Error(d)
	}
}

func TestReadAppends(t *testing.T) {
	cols := columnsOf("all")
	s := open(t, "all", "events.num", "500")
	split, _ := s.Splits(context.Background())
	r, err := s.Open(context.Background(), connectors.ReadRequest{Split: split[0], Columns: cols})
	if err != nil {
		t.Fatal(err)
	}
	b := newBatch(cols)
	for range 5 {
		if err := r.Read(b, 100); err != nil {
			t.Fatal(err)
		}
	}
	var got []string
	for i := range b.Len() {
		got = append(got, rowText(b, i))
	}
	if d := cmp.Diff(readAll(t, s, cols, 4096, -1), got); d != "" {
		t.Error(d[:min(len(d), 1000)])
	}
}

func TestDistributions(t *testing.T) {
	const n = 500_000
	s := open(t, "all", "events.num", fmt.Sprint(n))
	splits, _ := s.Splits(context.Background())
	cols := columnsOf("all")
	var kinds [3]int
	var bids, hotAuction, hotBidder, hotChannel, size int
	for _, split := range splits {
		r, err := s.Open(context.Background(), connectors.ReadRequest{Split: split, Columns: cols})
		if err != nil {
			t.Fatal(err)
		}
		b := newBatch(cols)
		for r.Read(b, 4096) == nil {
			for i := range b.Len() {
				k := vec.Values[int32](b.Cols[0])[i]
				kinds[k]++
				if kind(k) != bid {
					continue
				}
				row := b.Cols[3]
				bids++
				size += 32 + len(row.Child(6).Str(i))
				if vec.Values[int64](row.Child(0))[i]%hotBatch == 0 {
					hotAuction++
				}
				if vec.Values[int64](row.Child(1))[i]%hotBatch == 1 {
					hotBidder++
				}
				if !strings.HasPrefix(row.Child(3).Str(i), "channel-") {
					hotChannel++
				}
			}
			b.Reset()
		}
	}
	if want := [3]int{n / 50, n * 3 / 50, n * 46 / 50}; kinds != want {
		t.Errorf("kinds %v, want %v", kinds, want)
	}
	near := func(what string, got, want float64) {
		if got < want*0.98 || got > want*1.02 {
			t.Errorf("%s: %.4f, want about %.4f", what, got, want)
		}
	}
	near("bids for hot auctions", float64(hotAuction)/float64(bids), 0.5+0.5*0.01)
	near("bids by hot bidders", float64(hotBidder)/float64(bids), 0.75+0.25*0.01)
	near("bids by hot channels", float64(hotChannel)/float64(bids), 0.5)
	near("size of a bid", float64(size)/float64(bids), 100)
}

func TestTimestamps(t *testing.T) {
	for _, rate := range []string{"1", "3", "10000", "10000000", "999"} {
		c, err := parseConfig(connectors.NewOptions(map[string]string{"first-event.rate": rate}, nil))
		if err != nil {
			t.Fatal(err)
		}
		g := &generator{config: c}
		for _, event := range []int64{0, 1, 999, 12345, 1 << 33} {
			v := vec.New(types.TimestampOf(3))
			v.Resize(5)
			fillTime(g, v, []run{{event: event, n: 5}})
			for i, got := range vec.Values[int64](v) {
				if want := c.baseTime + (event+int64(i))*1000/c.rate; got != want {
					t.Errorf("rate %s event %d: %d, want %d", rate, event+int64(i), got, want)
				}
			}
			ms, _ := g.time(event)
			first := g.eventAt(ms - c.baseTime)
			if at, _ := g.time(first); at <= ms {
				t.Errorf("rate %s: event %d, said to be after %d, is at %d", rate, first, ms, at)
			}
			if at, _ := g.time(first - 1); at > ms {
				t.Errorf("rate %s: event %d is after %d too", rate, first-1, ms)
			}
		}
	}
}

func TestPacedEventsComeWhenTheyAreDue(t *testing.T) {
	manual := clock.NewManual(time.UnixMilli(5_000_000))
	s := open(t, "bid", "events.num", "1000", "max-emit-speed", "false", "first-event.rate", "100", "splits", "1", "person.proportion", "0", "auction.proportion", "0")
	woken := make(chan struct{}, 1)
	splits, _ := s.Splits(context.Background())
	cols := columnsOf("bid")
	req := connectors.ReadRequest{Split: splits[0], Columns: cols, Clock: manual, Wake: func() { woken <- struct{}{} }}
	r, err := s.Open(context.Background(), req)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	b := newBatch(cols)
	expect := func(rows int) {
		t.Helper()
		b.Reset()
		if err := r.Read(b, 4096); err != nil || b.Len() != rows {
			t.Fatalf("%d rows, error %v, want %d rows", b.Len(), err, rows)
		}
	}
	expect(1)
	b.Reset()
	if err := r.Read(b, 4096); !errors.Is(err, connectors.ErrNoData) {
		t.Fatal(err)
	}
	manual.Advance(10 * time.Millisecond)
	<-woken
	expect(1)
	manual.Advance(5 * time.Second)
	expect(500)
	manual.Advance(time.Hour)
	expect(498)
	if err := r.Read(b, 4096); err != io.EOF {
		t.Fatal(err)
	}
}

func TestWrongOptionsAndColumns(t *testing.T) {
	bigint := types.New(types.BigInt)
	for name, c := range map[string]struct {
		options map[string]string
		cols    []connectors.Column
		want    string
	}{
		"table":        {map[string]string{"table": "seller"}, nil, "there is no table 'seller'"},
		"rate":         {map[string]string{"first-event.rate": "0"}, nil, "not between 1 and"},
		"rates":        {map[string]string{"first-event.rate": "5", "next-event.rate": "6"}, nil, "not supported yet"},
		"no events":    {map[string]string{"person.proportion": "0", "auction.proportion": "0", "bid.proportion": "0"}, nil, "add up to 0"},
		"never a row":  {map[string]string{"table": "bid", "bid.proportion": "0"}, nil, "sets no end"},
		"time":         {map[string]string{"base-time": "soon"}, nil, "'soon' is not a timestamp"},
		"size":         {map[string]string{"bid.avg-size": "1 gb"}, nil, "more than 1 mb"},
		"column":       {nil, []connectors.Column{{Name: "price", Type: bigint}}, "'table' = 'bid'"},
		"field":        {map[string]string{"table": "bid"}, []connectors.Column{{Name: "cost", Type: bigint}}, "it has auction, bidder, price"},
		"type":         {map[string]string{"table": "bid"}, []connectors.Column{{Name: "price", Type: types.String()}}, "must be BIGINT"},
		"nested field": {nil, []connectors.Column{{Name: "bid", Type: types.RowOf(types.Field{Name: "cost", Type: bigint})}}, "field 'cost'"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Connector().Source(&connectors.Table{Columns: c.cols, Options: connectors.NewOptions(c.options, nil)})
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v, want %q", err, c.want)
			}
		})
	}
}

func TestForeignPositionsAreRefused(t *testing.T) {
	s := open(t, "all", "events.num", "100000")
	splits, _ := s.Splits(context.Background())
	for _, pos := range [][]byte{{0x80}, {0x80, 0x40}, []byte("hello"), {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01}} {
		if _, err := s.Open(context.Background(), connectors.ReadRequest{Split: splits[0], Position: pos}); err == nil {
			t.Errorf("position %x was taken", pos)
		}
	}
}

func BenchmarkRead(b *testing.B) {
	bidRow := func(names ...string) connectors.Column {
		var fields []types.Field
		for _, f := range fieldsOf(bid) {
			for _, n := range names {
				if f.name == n {
					fields = append(fields, types.Field{Name: n, Type: f.typ})
				}
			}
		}
		return connectors.Column{Name: "bid", Type: types.RowOf(fields...)}
	}
	for name, c := range map[string]struct {
		table string
		cols  []connectors.Column
	}{
		"all":        {"all", columnsOf("all")},
		"q0":         {"all", []connectors.Column{bidRow("auction", "bidder", "price", "dateTime", "extra")}},
		"q2":         {"all", []connectors.Column{bidRow("auction", "price")}},
		"flat bids":  {"bid", columnsOf("bid")},
		"flat q1":    {"bid", columnsOf("bid")[:3]},
		"flat price": {"bid", columnsOf("bid")[2:3]},
		"person":     {"person", columnsOf("person")},
	} {
		b.Run(name, func(b *testing.B) {
			s := open(b, c.table, "splits", "1")
			splits, _ := s.Splits(context.Background())
			r, err := s.Open(context.Background(), connectors.ReadRequest{Split: splits[0], Columns: c.cols})
			if err != nil {
				b.Fatal(err)
			}
			batch := newBatch(c.cols)
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
