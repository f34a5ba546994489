package display

import (
	"bufio"
	"bytes"
	"fmt"
	"sort"
	"strings"
	"time"

	"github.com/weirstream/weir"
	"github.com/weirstream/weir/runtime/vec"
)

// redrawEvery bounds how often the live table is drawn.
const redrawEvery = 200 * time.Millisecond

// livePrinter shows what a changelog amounts to, in place. Rows stand in the order in which
// they first came.
type livePrinter struct {
	screen *Footer
	cols   []weir.Column
	format *weir.Formatter
	rows   map[string]*liveRow
	next   int // order of the next new row
	last   time.Time
}

type liveRow struct {
	cells []string
	count int
	order int
}

func newLivePrinter(screen *Footer, res *weir.Result) *livePrinter {
	return &livePrinter{screen: screen, cols: res.Columns(), format: res.Formatter(), rows: map[string]*liveRow{}}
}

func (p *livePrinter) batch(b *vec.Batch) error {
	freed := -1 // the place of the row that an update takes away is its new row's
	for i := range b.Len() {
		cells, err := textRow(p.format, b, i)
		if err != nil {
			return err
		}
		cells = clipAll(cells)
		key := strings.Join(cells, "\x00")
		row := p.rows[key]
		if b.Kind(i).Retracts() {
			if row == nil {
				continue
			}
			if row.count--; row.count == 0 {
				freed = row.order
				delete(p.rows, key)
			}
			continue
		}
		if row == nil {
			row = &liveRow{cells: cells, order: p.next}
			if b.Kind(i) == vec.UpdateAfter && freed >= 0 {
				row.order, freed = freed, -1
			} else {
				p.next++
			}
			p.rows[key] = row
		}
		row.count++
	}
	if time.Since(p.last) < redrawEvery {
		return nil
	}
	return p.draw(false)
}

func (p *livePrinter) end() error {
	if err := p.draw(true); err != nil {
		return err
	}
	return p.screen.Leave()
}

// draw replaces what was drawn before. Until the end it shows no more than the screen holds.
func (p *livePrinter) draw(final bool) error {
	p.last = time.Now()
	rows := make([]*liveRow, 0, len(p.rows))
	total := 0
	for _, r := range p.rows {
		rows = append(rows, r)
		total += r.count
	}
	sort.Slice(rows, func(i, j int) bool { return rows[i].order < rows[j].order })
	table := [][]string{make([]string, len(p.cols))}
	for i, c := range p.cols {
		table[0][i] = c.Name
	}
	_, height := p.screen.size()
	limit := max(1, height-5)
	for _, r := range rows {
		for range r.count {
			if !final && len(table) > limit {
				break
			}
			table = append(table, r.cells)
		}
	}
	var text bytes.Buffer
	w := bufio.NewWriter(&text)
	writeAligned(w, p.cols, table)
	if hidden := total - (len(table) - 1); hidden > 0 {
		fmt.Fprintf(w, "… and %s\n", counted(hidden, "more row"))
	} else {
		fmt.Fprintln(w, counted(total, "row"))
	}
	if err := w.Flush(); err != nil {
		return err
	}
	return p.screen.Show(text.String())
}
