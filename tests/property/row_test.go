package property

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"time"
)

// row is a row of the table t; k is "" for NULL. Ids and times differ from row to row.
type row struct {
	id int
	k  string
	g  int
	v  *int
	ts int // milliseconds since begin
}

var begin = time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)

// delay bounds how far a row comes behind later ones, in milliseconds; the watermark waits for it.
const delay = 20_000

// change is a row with its kind.
type change struct {
	kind string
	row
}

func randomRow(rng *rand.Rand, id, ts int) row {
	r := row{id: id, k: []string{"", "a", "b", "c", "d"}[rng.IntN(5)], g: rng.IntN(3), ts: ts}
	if rng.IntN(6) > 0 {
		v := rng.IntN(15) - 5
		r.v = &v
	}
	return r
}

// inserts makes rows in the order of their times.
func inserts(rng *rand.Rand, n int) []change {
	out, ts := make([]change, n), 0
	for i := range out {
		ts += 1 + rng.IntN(3000)
		out[i] = change{"+I", randomRow(rng, i, ts)}
	}
	return out
}

// changelog makes rows, some of which are updated or deleted later.
func changelog(rng *rand.Rand, n int) []change {
	var out []change
	var live []row
	for id := 0; len(out) < n; id++ {
		fresh := randomRow(rng, id, 1000*id)
		if len(live) == 0 || rng.IntN(2) == 0 {
			out, live = append(out, change{"+I", fresh}), append(live, fresh)
			continue
		}
		at := rng.IntN(len(live))
		old := live[at]
		if rng.IntN(3) == 0 {
			out, live = append(out, change{"-D", old}), slices.Delete(live, at, at+1)
			continue
		}
		fresh.id, fresh.ts = old.id, old.ts
		out = append(out, change{"-U", old}, change{"+U", fresh})
		live[at] = fresh
	}
	return out
}

// folded gives the rows that are left.
func folded(log []change) []row {
	var out []row
	for _, c := range log {
		if c.kind == "+I" || c.kind == "+U" {
			out = append(out, c.row)
			continue
		}
		out = slices.DeleteFunc(out, func(r row) bool { return r.id == c.id })
	}
	return out
}

// shuffled gives the changes in another order, in which none is late and those of an id stay as they are.
func shuffled(rng *rand.Rand, log []change) []change {
	type placed struct {
		change
		at int
	}
	all, last := make([]placed, len(log)), map[int]int{}
	for i, c := range log {
		at := c.ts + rng.IntN(delay)
		if was, ok := last[c.id]; ok {
			at = max(was, at)
		}
		last[c.id] = at
		all[i] = placed{c, at}
	}
	slices.SortStableFunc(all, func(a, b placed) int { return a.at - b.at })
	out := make([]change, len(all))
	for i, p := range all {
		out[i] = p.change
	}
	return out
}

// stamp gives a time as a cell.
func stamp(ms int) string {
	return begin.Add(time.Duration(ms) * time.Millisecond).Format("2006-01-02 15:04:05.000")
}

func cell(v *int) string {
	if v == nil {
		return "NULL"
	}
	return fmt.Sprint(*v)
}

func key(k string) string {
	if k == "" {
		return "NULL"
	}
	return k
}

// input writes the changes as a section of a golden file.
func input(log []change) string {
	var b strings.Builder
	b.WriteString("-- input t --\nop | id | k | g | v | ts\n")
	for _, c := range log {
		fmt.Fprintf(&b, "%s | %d | %s | %d | %s | %s\n", c.kind, c.id, key(c.k), c.g, cell(c.v), stamp(c.ts))
	}
	return b.String()
}
