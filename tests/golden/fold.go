package golden

import (
	"fmt"
	"sort"
	"strings"
)

// changelogTable renders the changelog as it came.
func (l *changelog) changelogTable() string {
	rows := [][]string{append([]string{"op"}, l.columns...)}
	for _, r := range l.rows {
		rows = append(rows, append([]string{r.kind.String()}, r.cells...))
	}
	return renderTable(rows)
}

// resultTable renders what the changelog amounts to, sorted; it is an error when a row is
// taken back that is not there.
func (l *changelog) resultTable() (string, error) {
	folded, err := l.fold()
	if err != nil {
		return "", err
	}
	rows := append([][]string{l.columns}, folded...)
	return renderTable(rows), nil
}

// fold applies the changes: by primary key where there is one, otherwise row by row.
func (l *changelog) fold() ([][]string, error) {
	count := map[string]int{}
	cells := map[string][]string{}
	for _, r := range l.rows {
		key := l.rowKey(r)
		switch {
		case l.upsertKey != nil && r.kind.Retracts():
			count[key] = 0
		case l.upsertKey != nil:
			count[key], cells[key] = 1, r.cells
		case r.kind.Retracts():
			if count[key] == 0 {
				return nil, fmt.Errorf("%s takes back a row that is not there: %s", r.kind, strings.Join(r.cells, " | "))
			}
			count[key]--
		default:
			count[key]++
			cells[key] = r.cells
		}
	}
	var out [][]string
	for key, n := range count {
		for range n {
			out = append(out, cells[key])
		}
	}
	sort.Slice(out, func(i, j int) bool { return lessCells(out[i], out[j]) })
	return out, nil
}

func (l *changelog) rowKey(r changeRow) string {
	if l.upsertKey == nil {
		return strings.Join(r.cells, "\x00")
	}
	key := make([]string, len(l.upsertKey))
	for i, c := range l.upsertKey {
		key[i] = r.cells[c]
	}
	return strings.Join(key, "\x00")
}

func lessCells(a, b []string) bool {
	for i := range a {
		if a[i] != b[i] {
			return a[i] < b[i]
		}
	}
	return false
}
