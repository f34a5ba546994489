package diag

import "testing"

func TestNearest(t *testing.T) {
	names := []string{"price", "bidder", "auction", "a"}
	for word, want := range map[string]string{
		"pric": "price", "PRICE": "price", "prcie": "price", "biddr": "bidder", "x": "", "A": "a", "channel": "", "": "", "auctoin": "auction",
	} {
		if got := Nearest(word, names); got != want {
			t.Errorf("nearest to %q is %q, want %q", word, got, want)
		}
	}
}
