package fuzz

import (
	"fmt"
	"strings"
	"time"
)

type column struct {
	name, typ string
	class     class
}

// expressionColumns has two columns of each type, so that operators meet their own type and others.
func expressionColumns() []column {
	types := []struct {
		name, typ string
		class     class
	}{
		{"b", "BOOLEAN", boolean},
		{"ti", "TINYINT", integer},
		{"si", "SMALLINT", integer},
		{"i", "INT", integer},
		{"l", "BIGINT", integer},
		{"f", "FLOAT", float},
		{"d", "DOUBLE", double},
		{"m", "DECIMAL(10, 2)", exact},
		{"w", "DECIMAL(20, 6)", exact},
		{"s", "STRING", text},
		{"v", "VARCHAR(8)", text},
		{"dt", "DATE", date},
		{"tm", "TIME", clock},
		{"ts", "TIMESTAMP(3)", stamp},
		{"tu", "TIMESTAMP(6)", stamp},
		{"tz", "TIMESTAMP_LTZ(3)", instant},
	}
	var out []column
	for _, t := range types {
		for _, suffix := range []string{"", "2"} {
			out = append(out, column{t.name + suffix, t.typ, t.class})
		}
	}
	return out
}

func aggregateColumns() []column {
	return []column{
		{"k", "STRING", text},
		{"g", "INT", integer},
		{"b", "BOOLEAN", boolean},
		{"i", "INT", integer},
		{"l", "BIGINT", integer},
		{"d", "DOUBLE", double},
		{"m", "DECIMAL(10, 2)", exact},
		{"s", "STRING", text},
		{"dt", "DATE", date},
		{"ts", "TIMESTAMP(3)", stamp},
	}
}

var cells = map[string][]string{
	"BOOLEAN":          {"true", "false"},
	"TINYINT":          {"0", "1", "-1", "127", "-128", "7", "100"},
	"SMALLINT":         {"0", "1", "-1", "32767", "-32768", "255", "12"},
	"INT":              {"0", "1", "-1", "2147483647", "-2147483648", "42", "1000", "-365", "3"},
	"BIGINT":           {"0", "1", "-1", "9223372036854775807", "-9223372036854775808", "1700000000000", "86400", "5"},
	"FLOAT":            {"0", "1.5", "-2.25", "0.5", "1000000", "16777216", "-0.125"},
	"DOUBLE":           {"0", "1.5", "-2.25", "0.1", "1e10", "-123456.789", "3", "1e-5", "70000.5"},
	"DECIMAL(10, 2)":   {"0", "1.00", "-1.50", "99999999.99", "0.01", "-0.05", "12.34", "100"},
	"DECIMAL(20, 6)":   {"0", "1.000001", "-99999999999999.999999", "0.5", "2.5", "-3.141593", "1000000"},
	"STRING":           {"\"\"", "a", "abc", "ABC", "\" x \"", "12", "-3.75", "hello world", "éß", "a,b,c", "2024-02-29", "2024-02-29 12:34:56", "true", "%", "a_c", "{\"a\":1}"},
	"VARCHAR(8)":       {"\"\"", "b", "abc", "Z", "q7", "bcd", "1e2", "12:34:56"},
	"DATE":             {"2024-02-29", "2023-12-31", "1999-12-31", "2038-01-19", "2024-03-31"},
	"TIME":             {"00:00:00", "12:34:56", "23:59:59", "01:02:03"},
	"TIMESTAMP(3)":     {"1971-01-01 00:00:00.000", "2024-02-29 12:34:56.789", "2024-03-31 02:30:00.000", "2023-12-31 23:59:59.999", "2000-01-01 00:00:00.001", "2024-10-27 02:30:00.000"},
	"TIMESTAMP(6)":     {"1972-01-01 00:00:00.000001", "2024-02-29 12:34:56.789123", "2023-12-31 23:59:59.999999", "2001-09-09 01:46:40.000000"},
	"TIMESTAMP_LTZ(3)": {"1971-01-01 00:00:00.000Z", "2024-03-31 01:00:00.000Z", "2024-10-27 00:30:00.000Z", "2024-02-29 23:59:59.999Z", "2001-09-09 01:46:40.000Z"},
}

// small are the values of columns that are aggregated: sums of doubles are exact.
var small = map[string][]string{
	"k": {"a", "b", "c", "\"\""}, "g": {"0", "1", "2", "7"}, "b": {"true", "false"},
	"i": {"0", "1", "2", "3", "-5", "2147483647", "1"}, "l": {"0", "1", "9223372036854775807", "-7", "40"},
	"d": {"0", "0.5", "1.25", "-3", "1024", "0.5"}, "m": {"0", "1.00", "2.50", "-0.01", "99999999.99"},
	"s": {"x", "y", "zz", "é", "\"\""}, "dt": {"2024-01-01", "2023-05-05", "2024-01-01"},
	"ts": {"2024-01-01 00:00:00.000", "2024-01-01 00:00:05.500", "2023-01-01 10:00:00.000"},
}

// rows makes n rows; each cell is NULL with probability 1/6. A changelog takes back and updates
// some of the rows that are there.
func (g *generator) rows(cols []column, n int, edges, changes bool) [][]string {
	var out, live [][]string
	for len(out) < n {
		row := make([]string, len(cols)+1)
		for i, c := range cols {
			from := cells[c.typ]
			if !edges {
				from = small[c.name]
			}
			row[i] = pick(g, from)
			if g.rand.IntN(6) == 0 {
				row[i] = "NULL"
			}
		}
		row[len(cols)] = "+I"
		switch {
		case !changes || len(live) == 0 || g.rand.IntN(3) == 0:
			out, live = append(out, row), append(live, row)
		default:
			at := g.rand.IntN(len(live))
			old := append([]string{}, live[at]...)
			if g.rand.IntN(2) == 0 {
				old[len(cols)] = "-D"
				out, live = append(out, old), append(live[:at], live[at+1:]...)
				break
			}
			row[0], row[1] = old[0], old[1] // an update keeps the key
			old[len(cols)], row[len(cols)] = "-U", "+U"
			out, live[at] = append(out, old, row), row
		}
	}
	return out
}

// maxStepBack bounds, in seconds, how far a row is behind those before it.
const maxStepBack = 20

// windowRows are inserts whose time goes on, with steps back that make rows late.
func (g *generator) windowRows(cols []column, n int) [][]string {
	out := g.rows(cols, n, false, false)
	at := time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)
	for _, row := range out {
		for i, c := range cols {
			if c.name == "ts" {
				at = at.Add(time.Duration(g.rand.IntN(6000)) * time.Millisecond)
				t := at
				if g.rand.IntN(3) == 0 {
					t = t.Add(-time.Duration(g.rand.IntN(1000*maxStepBack)) * time.Millisecond)
				}
				row[i] = t.Format("2006-01-02 15:04:05.000")
			}
		}
	}
	return out
}

// named gives the columns of a class.
func named(c class) []string {
	var out []string
	for _, col := range expressionColumns() {
		if col.class == c {
			out = append(out, col.name)
		}
	}
	return out
}

// literal gives a constant of a class.
func (g *generator) literal(c class) string {
	quoted := func(s string) string {
		return "'" + strings.ReplaceAll(strings.Trim(s, "\""), "'", "''") + "'"
	}
	switch c {
	case boolean:
		return pick(g, []string{"TRUE", "FALSE"})
	case integer:
		return pick(g, []string{"0", "1", "2", "10", "-3", "127"})
	case exact:
		return pick(g, []string{"1.5", "0.01", "-2.25", "10.0"})
	case float, double:
		return pick(g, []string{"CAST(2 AS DOUBLE)", "1.5e0", "-0.25e0"})
	case text:
		return quoted(pick(g, []string{"a", "abc", "x", "", "12", "b%", "é"}))
	case date:
		return "DATE " + quoted(pick(g, cells["DATE"]))
	case clock:
		return "TIME " + quoted(pick(g, cells["TIME"]))
	case stamp:
		return "TIMESTAMP " + quoted(pick(g, cells["TIMESTAMP(3)"]))
	}
	return fmt.Sprintf("TO_TIMESTAMP_LTZ(%d, 3)", g.rand.Int64N(2e12))
}
