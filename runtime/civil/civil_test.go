package civil

import (
	"testing"
	"time"
)

func TestAgainstTime(t *testing.T) {
	for days := int64(-800_000); days < 800_000; days += 37 {
		want := time.Unix(days*SecondsPerDay, 0).UTC()
		c := Of(days)
		if int(c.Year) != want.Year() || c.Month != int(want.Month()) || c.Day != want.Day() {
			t.Fatalf("day %d is %v, not %v", days, want, c)
		}
		if Days(c.Year, c.Month, c.Day) != days || c.DayOfYear() != want.YearDay() {
			t.Fatalf("%v does not come back to %d", c, days)
		}
		y, w := ISOWeek(days)
		if wy, ww := want.ISOWeek(); int(y) != wy || w != ww || Weekday(days)%7 != int(want.Weekday()) {
			t.Fatalf("%v: week %d of %d, want %d of %d", want, w, y, ww, wy)
		}
	}
}
