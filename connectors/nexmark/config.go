package nexmark

import (
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/weirstream/weir/connectors"
)

// config is what the options say.
type config struct {
	table    kind // all, or the kind whose rows are given
	events   int64
	rate     int64 // events a second
	paced    bool
	baseTime int64 // ms
	seed     uint64
	splits   int64

	personShare, auctionShare, bidShare int64
	personSize, auctionSize, bidSize    int64
	hotAuctions, hotBidders, hotSellers uint64
	inFlight, active                    int64
}

const (
	defaultBaseTime = 1436918400000 // 2015-07-15 00:00:00, Beam's
	maxEvents       = 1 << 50       // keeps times of millisecond precision inside 64 bits
	maxSize         = 1 << 20
)

func (c *config) total() int64 { return c.personShare + c.auctionShare + c.bidShare }

// share gives the events of a kind in a round of total events.
func (c *config) share(k kind) int64 {
	switch k {
	case person:
		return c.personShare
	case auction:
		return c.auctionShare
	case bid:
		return c.bidShare
	}
	return c.total()
}

func parseConfig(o *connectors.Options) (*config, error) {
	c := &config{}
	for _, parse := range []func(*connectors.Options) error{c.parseTable, c.parseRate, c.parseBaseTime, c.parseNumbers, c.parseSizes} {
		if err := parse(o); err != nil {
			return nil, err
		}
	}
	if c.total() == 0 {
		return nil, o.Errorf("bid.proportion", "the proportions add up to 0")
	}
	if c.share(c.table) == 0 && c.events == maxEvents {
		return nil, o.Errorf("table", "the proportion of its rows is 0, and 'events.num' sets no end")
	}
	return c, nil
}

func (c *config) parseTable(o *connectors.Options) error {
	switch v := strings.ToLower(o.String("table", "all")); v {
	case "all":
		c.table = all
	case "person":
		c.table = person
	case "auction":
		c.table = auction
	case "bid":
		c.table = bid
	default:
		return o.Errorf("table", "there is no table '%s'", v).WithHint("use 'all', 'person', 'auction' or 'bid'")
	}
	return nil
}

func (c *config) parseRate(o *connectors.Options) error {
	first, err := o.Int("first-event.rate", 10000)
	if err != nil {
		return err
	}
	next, err := o.Int("next-event.rate", first)
	if err != nil {
		return err
	}
	if !o.Has("first-event.rate") {
		first = next
	}
	if first != next {
		return o.Errorf("next-event.rate", "%d differs from 'first-event.rate', %d: a changing rate is not supported yet", next, first)
	}
	if first < 1 || first > 1e9 {
		return o.Errorf("first-event.rate", "%d is not between 1 and 1000000000", first)
	}
	c.rate = first
	fast, err := o.Bool("max-emit-speed", true)
	c.paced = !fast
	return err
}

func (c *config) parseBaseTime(o *connectors.Options) error {
	c.baseTime = defaultBaseTime
	text := strings.TrimSpace(o.Get("base-time"))
	switch {
	case text == "":
		return nil
	case strings.EqualFold(text, "now"):
		c.baseTime = time.Now().UnixMilli()
		return nil
	}
	if n, err := strconv.ParseInt(text, 10, 64); err == nil && n >= 0 && n < math.MaxInt64/4 {
		c.baseTime = n
		return nil
	}
	t, err := time.Parse("2006-01-02 15:04:05", text)
	if err != nil {
		return o.Errorf("base-time", "'%s' is not a timestamp", text).WithHint("for example '2015-07-15 00:00:00', '1436918400000' or 'now'")
	}
	c.baseTime = t.UnixMilli()
	return nil
}

func (c *config) parseNumbers(o *connectors.Options) error {
	var hotAuctions, hotBidders, hotSellers, seed int64
	numbers := []struct {
		key           string
		to            *int64
		def, min, max int64
	}{
		{"events.num", &c.events, 0, 0, maxEvents},
		{"seed", &seed, 0, math.MinInt64, math.MaxInt64},
		{"splits", &c.splits, c.defaultSplits(), 1, 1024},
		{"person.proportion", &c.personShare, 1, 0, 1e6},
		{"auction.proportion", &c.auctionShare, 3, 0, 1e6},
		{"bid.proportion", &c.bidShare, 46, 0, 1e6},
		{"bid.hot-ratio.auctions", &hotAuctions, 2, 1, math.MaxInt32},
		{"bid.hot-ratio.bidders", &hotBidders, 4, 1, math.MaxInt32},
		{"auction.hot-ratio.sellers", &hotSellers, 4, 1, math.MaxInt32},
		{"auctions.in-flight", &c.inFlight, 100, 1, 1e6},
		{"people.active", &c.active, 1000, 1, 1e6},
	}
	for _, n := range numbers {
		v, err := o.Int(n.key, n.def)
		if err != nil {
			return err
		}
		if v < n.min || v > n.max {
			return o.Errorf(n.key, "%d is not between %d and %d", v, n.min, n.max)
		}
		*n.to = v
	}
	c.hotAuctions, c.hotBidders, c.hotSellers, c.seed = uint64(hotAuctions), uint64(hotBidders), uint64(hotSellers), uint64(seed)
	if c.events == 0 {
		c.events = maxEvents
	}
	return nil
}

// defaultSplits is one where events wait for the clock: one is fast enough, and the others would hold
// the watermark back.
func (c *config) defaultSplits() int64 {
	if c.paced {
		return 1
	}
	return 8
}

func (c *config) parseSizes(o *connectors.Options) error {
	sizes := []struct {
		key string
		to  *int64
		def int64
	}{
		{"person.avg-size", &c.personSize, 200},
		{"auction.avg-size", &c.auctionSize, 500},
		{"bid.avg-size", &c.bidSize, 100},
	}
	for _, s := range sizes {
		v, err := o.Size(s.key, s.def)
		if err != nil {
			return err
		}
		if v > maxSize {
			return o.Errorf(s.key, "%d bytes are more than 1 mb", v)
		}
		*s.to = v
	}
	return nil
}
