package nexmark

// generator makes any event's fields. It does not change once made; all readers of a
// source share it.
type generator struct {
	*config
	*texts
	key    uint64 // the seed, spread over 64 bits
	prices *[priceSteps + 1]int64
}

func newGenerator(c *config) *generator {
	longest := max(c.personSize, c.auctionSize, c.bidSize) * 5 / 4
	return &generator{config: c, texts: newTexts(c.seed, longest+1), key: mix(c.seed + golden), prices: priceCurve()}
}
