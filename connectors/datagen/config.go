package datagen

import (
	"math"

	"github.com/weirstream/weir/connectors"
)

// config is what the options say of the table as a whole.
type config struct {
	rows    int64 // in all
	bounded bool
	rate    int64 // rows a second, 0: no limit
	seed    uint64
	splits  int64
	block   int64 // rows that a split gives before it is the next one's turn
}

const (
	maxRows   = 1 << 56
	blockRows = 4096 // a batch
)

func parseConfig(t *connectors.Table) (*config, error) {
	o := t.Options
	c := &config{rows: maxRows, bounded: o.Has("number-of-rows"), block: blockRows}
	var seed int64
	for _, n := range []struct {
		key           string
		to            *int64
		def, min, max int64
	}{
		{"rows-per-second", &c.rate, 10000, 0, 1e9},
		{"number-of-rows", &c.rows, maxRows, 0, maxRows},
		{"seed", &seed, 0, math.MinInt64, math.MaxInt64},
		{"splits", &c.splits, 0, 0, 1024},
	} {
		v, err := o.Int(n.key, n.def)
		if err != nil {
			return nil, err
		}
		if v < n.min || v > n.max {
			return nil, o.Errorf(n.key, "%d is not between %d and %d", v, n.min, n.max)
		}
		*n.to = v
	}
	c.seed = uint64(seed)
	if c.splits == 0 {
		c.splits = 8
		if c.rate > 0 {
			c.splits = 1
		}
	}
	if t.RowWatermarks {
		c.splits = 1
	}
	if c.rate > 0 && c.splits > 1 { // no split falls back by more than 10 ms
		c.block = min(max(c.rate/100, 1), blockRows)
	}
	return c, nil
}
