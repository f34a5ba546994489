package why

import (
	"fmt"
	"strings"
	"time"

	"github.com/weirstream/weir/runtime/metrics"
	"github.com/weirstream/weir/runtime/op"
)

// shownWindows is how many windows of an operator are listed.
const shownWindows = 5

// String writes the report for people, an operator a paragraph.
func (r Report) String() string {
	var b strings.Builder
	if len(r.Operators) == 0 {
		b.WriteString("No operator of this job waits for event time.\n")
	}
	for i := range r.Operators {
		if i > 0 {
			b.WriteByte('\n')
		}
		r.operator(&b, &r.Operators[i])
	}
	return b.String()
}

func (r *Report) operator(b *strings.Builder, o *Operator) {
	fmt.Fprintf(b, "%s %s\n", o.Name, o.What)
	line := func(head, text string) { fmt.Fprintf(b, "  %-10s %s\n", head, text) }
	switch o.Watermark {
	case metrics.NoWatermark:
		line("watermark", "none yet")
	case op.MaxWatermark:
		line("watermark", "the end of all input")
	default:
		line("watermark", instant(o.Watermark)+r.ago(", for ", o.Moved))
	}
	if o.Holder != nil {
		for _, l := range r.holder(o.Holder) {
			line(l[0], l[1])
		}
	}
	for i, w := range o.Waiting {
		if i == shownWindows {
			line("", fmt.Sprintf("… %d more", len(o.Waiting)-i))
			break
		}
		head := "waiting"
		if i > 0 {
			head = ""
		}
		line(head, waiting(w, o.Watermark))
	}
	if len(o.Waiting) == 0 {
		line("waiting", "nothing")
	}
	line("late", count(o.Late, "row"))
}

// holder says what holds the watermark back, and what can be done.
func (r *Report) holder(h *Holder) [][2]string {
	if h.Read {
		return [][2]string{{"held by", fmt.Sprintf("table %s: what is there has been read to its end (%s): event time stands still until more comes", h.Table, count(h.Rows, "row"))}}
	}
	split := fmt.Sprintf("table %s, split %s", h.Table, h.Split)
	if h.Idle {
		return [][2]string{{"idle", fmt.Sprintf("all splits of table %s have given no rows for %s: event time stands still until rows come", h.Table, h.IdleTimeout)}}
	}
	if h.Flowing {
		return [][2]string{{"held by", "nothing: " + split + " is at " + instant(h.Watermark) + ", rows are on their way"}}
	}
	if h.Watermark == metrics.NoWatermark {
		text := split + ": it has given no event time yet"
		if h.Rows > 0 {
			text = fmt.Sprintf("%s: %d rows came, and none has a watermark: its expression gives NULL", split, h.Rows)
		}
		return append([][2]string{{"held by", text}}, r.advice(h)...)
	}
	out := [][2]string{{"held by", split + ", which is at " + instant(h.Watermark) + r.ago(" since ", h.Moved)}}
	return append(out, r.advice(h)...)
}

// settled is how long nothing must have happened before something is said about it.
const settled = 2 * time.Second

func (r *Report) advice(h *Holder) [][2]string {
	quiet := h.LastRow.IsZero() || r.At.Sub(h.LastRow) > settled
	switch {
	case quiet && h.IdleTimeout == 0:
		return [][2]string{{"", "no rows come from it" + r.ago("; the last came ", h.LastRow, " ago") +
			". SET 'table.exec.source.idle-timeout' = '10 s' leaves splits out that give none"}}
	case quiet:
		return [][2]string{{"", fmt.Sprintf("no rows come from it; after %s it will be left out", h.IdleTimeout)}}
	case r.At.Sub(h.Moved) > settled && h.Rows > 0:
		return [][2]string{{"", "rows come from it, but none is newer"}}
	}
	return nil
}

func waiting(w op.Waiting, wm int64) string {
	var held []string
	if w.Rows > 0 {
		held = append(held, count(w.Rows, "row"))
	}
	if w.Keys > 0 && w.Rows > 0 {
		held = append(held, "of "+count(w.Keys, "group"))
	} else if w.Keys > 0 {
		held = append(held, fmt.Sprintf("%d groups or sessions", w.Keys))
	}
	text := strings.Join(held, " ")
	if w.End != 0 || w.Start != 0 {
		text = "[" + instant(w.Start) + ", " + instant(w.End) + ") " + text + "; fires at watermark " + instant(w.At)
	} else {
		text += "; the first is given at watermark " + instant(w.At)
	}
	if wm != metrics.NoWatermark && wm != op.MaxWatermark && w.At > wm {
		text += ", " + (time.Duration(w.At-wm) * time.Millisecond).String() + " of event time to go"
	}
	return text
}

// count gives a number of things: 1 row, 2 rows.
func count[T int | int64](n T, what string) string {
	if n != 1 {
		what += "s"
	}
	return fmt.Sprintf("%d %s", n, what)
}

func instant(ms int64) string { return time.UnixMilli(ms).UTC().Format("2006-01-02 15:04:05.000") }

// ago says how long ago something was; nothing where it never was.
func (r *Report) ago(before string, t time.Time, behind ...string) string {
	if t.IsZero() {
		return ""
	}
	d := r.At.Sub(t)
	switch {
	case d < 0:
		d = 0
	case d < 10*time.Second:
		d = d.Round(100 * time.Millisecond)
	default:
		d = d.Round(time.Second)
	}
	return before + d.String() + strings.Join(behind, "")
}
