package fuzz

import (
	"fmt"
	"math"
	"regexp"
	"slices"
	"sort"
	"strconv"
	"strings"

	"github.com/weirstream/weir/tests/golden"
)

// Difference is where two results of a case differ.
type Difference struct {
	Item int // of Case.Items, -1 where it cannot be told
	Text string
}

// Compare gives the differences of two results, at most one for each item. Floating-point numbers, also as
// texts, may differ in their last digits; whether a column admits NULL is not compared.
func (c *Case) Compare(a, b *golden.Table) []Difference {
	if len(a.Columns) != len(b.Columns) {
		return []Difference{{-1, fmt.Sprintf("%d columns and %d", len(a.Columns), len(b.Columns))}}
	}
	if c.Kind != "expressions" {
		return c.compareBranches(a, b)
	}
	var out []Difference
	for i := range a.Columns {
		if x, y := baseType(a.Columns[i]), baseType(b.Columns[i]); x != y {
			out = append(out, Difference{i, fmt.Sprintf("%s: the type is %s and %s", c.Items[i], x, y)})
			continue
		}
		x, y := columnOf(a, i), columnOf(b, i)
		if d := diffColumn(x, y); d != "" {
			out = append(out, Difference{i, c.Items[i].String() + ": " + d})
		}
	}
	return out
}

// columnOf gives column i in the order of the input: results are compared column by column, as bags.
func columnOf(t *golden.Table, i int) []string {
	out := make([]string, len(t.Rows))
	for r, row := range t.Rows {
		out[r] = row[i]
	}
	sort.Strings(out)
	return out
}

func diffColumn(x, y []string) string {
	if len(x) == len(y) && sameCells(x, y) {
		return ""
	}
	only := func(a, b []string) string {
		count := map[string]int{}
		for _, v := range b {
			count[v]++
		}
		var out []string
		for _, v := range a {
			if count[v]--; count[v] < 0 {
				out = append(out, v)
			}
		}
		return strings.Join(out, " ; ")
	}
	return "only in the first: " + only(x, y) + "\n    only in the second: " + only(y, x)
}

// sameCells compares bags, each sorted: by place, and where numbers differ a little, after sorting by
// value.
func sameCells(x, y []string) bool {
	if slices.EqualFunc(x, y, sameCell) {
		return true
	}
	byValue := func(s []string) []string {
		s = slices.Clone(s)
		sort.SliceStable(s, func(i, j int) bool {
			a, errA := strconv.ParseFloat(s[i], 64)
			b, errB := strconv.ParseFloat(s[j], 64)
			if errA == nil && errB == nil {
				return a < b
			}
			return errA == nil && errB != nil || errA != nil && errB != nil && s[i] < s[j]
		})
		return s
	}
	return slices.EqualFunc(byValue(x), byValue(y), sameCell)
}

// sameCell allows for what two libraries give for the same function, and for how Java prints
// floats before JDK 19.
func sameCell(x, y string) bool {
	if x == y {
		return true
	}
	if !strings.ContainsAny(x, ".E") || !strings.ContainsAny(y, ".E") {
		return false
	}
	a, errA := strconv.ParseFloat(x, 64)
	b, errB := strconv.ParseFloat(y, 64)
	if errA != nil || errB != nil {
		return sameLongNumbers(x, y)
	}
	if a == 0 && b == 0 {
		return true // of 0.0 and -0.0 functions may give either
	}
	return math.Abs(a-b) <= 2e-7*max(math.Abs(a), math.Abs(b)) && len(x) > 5
}

// longNumber is a number with nearly all the digits of a DOUBLE.
var longNumber = regexp.MustCompile(`-?[0-9]+\.[0-9]{11,}(E[-+]?[0-9]+)?`)

// sameLongNumbers compares texts that hold floating-point numbers, such as JSON.
func sameLongNumbers(x, y string) bool {
	a, b := longNumber.FindAllString(x, -1), longNumber.FindAllString(y, -1)
	return len(a) > 0 && slices.EqualFunc(a, b, sameCell) && longNumber.ReplaceAllString(x, "") == longNumber.ReplaceAllString(y, "")
}

// baseType gives the type of "name TYPE [NOT NULL]".
func baseType(column string) string {
	_, t, _ := strings.Cut(column, " ")
	return strings.ReplaceAll(t, " NOT NULL", "")
}

// compareBranches compares the queries of a union one by one.
func (c *Case) compareBranches(a, b *golden.Table) []Difference {
	x, y := byBranch(a), byBranch(b)
	var out []Difference
	for i := range c.Items {
		q := c.number(i)
		if p, r := x[q], y[q]; !slices.EqualFunc(p, r, func(p, r []string) bool { return slices.EqualFunc(p, r, sameCell) }) {
			out = append(out, Difference{i, fmt.Sprintf("%s:\n    %s", c.Items[i], diffColumn(joined(p), joined(r)))})
		}
	}
	return out
}

// number is the first column of an item's rows.
func (c *Case) number(item int) string {
	rest, _ := strings.CutPrefix(c.Items[item].text, "SELECT ")
	q, _, _ := strings.Cut(rest, " ")
	return q
}

func joined(rows [][]string) []string {
	out := make([]string, len(rows))
	for i, r := range rows {
		out[i] = strings.Join(r, " | ")
	}
	return out
}

func byBranch(t *golden.Table) map[string][][]string {
	out := map[string][][]string{}
	for _, r := range t.Rows {
		out[r[0]] = append(out[r[0]], r[1:])
	}
	return out
}
