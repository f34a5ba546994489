package nexmark

import "math"

// slot names a random number of an event. Every field has its own, so that its value
// does not depend on what else is read.
type slot uint64

const (
	bidAuction slot = iota
	bidBidder
	bidPrice
	bidChannel
	bidExtra
)

const (
	auctionSeller slot = iota
	auctionCategory
	auctionPrice
	auctionReserve
	auctionExpires
	auctionName
	auctionDescription
	auctionExtra
)

const (
	personName slot = iota
	personUser
	personHost
	personCard
	personCity
	personExtra
)

// golden is the increment of SplitMix64 (Steele, Lea, Flood: Fast splittable pseudorandom
// number generators); mix is its output function.
const golden = 0x9e3779b97f4a7c15

func mix(x uint64) uint64 {
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

// draw gives the 64 random bits of a slot of an event.
func (g *generator) draw(event int64, s slot) uint64 {
	return mix(g.key + (uint64(event)<<4|uint64(s))*golden)
}

// pick makes a number from 0 to n-1 of the lower half of r; n is below 2^32.
func pick(r, n uint64) int64 { return int64((r & math.MaxUint32) * n >> 32) }

// pickHigh is pick by the upper half.
func pickHigh(r, n uint64) int64 { return int64((r >> 32) * n >> 32) }

// sequence is a plain stream of random numbers, for the texts.
type sequence struct{ state uint64 }

func (s *sequence) next() uint64 {
	s.state += golden
	return mix(s.state)
}

func (s *sequence) pick(n uint64) int64 { return pick(s.next(), n) }

// priceSteps are the exact points of the price curve; prices between are interpolated.
const priceSteps = 1 << 10

// priceCurve gives 100 * 10^(6 i / priceSteps): prices in cents, evenly spread by their logarithm from 1
// to a million.
func priceCurve() *[priceSteps + 1]int64 {
	curve := new([priceSteps + 1]int64)
	for i := range curve {
		curve[i] = int64(math.Round(100 * math.Pow(10, 6*float64(i)/priceSteps)))
	}
	return curve
}

// price makes a price of r. The arithmetic is whole, so that it is the same on every machine.
func (g *generator) price(r uint64) int64 {
	i := r >> 54
	low, high := g.prices[i], g.prices[i+1]
	return low + (high-low)*int64(r>>32&(1<<22-1))>>22
}
