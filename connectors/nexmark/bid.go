package nexmark

import "github.com/weirstream/weir/runtime/vec"

func fillBidAuction(g *generator, v *vec.Vector, runs []run) {
	out := vec.Values[int64](v)
	for _, r := range runs {
		hot := r.auction / hotBatch * hotBatch
		oldest, open := g.openAuctions(r.auction)
		for i := range out[r.row : r.row+r.n] {
			d := g.draw(r.event+int64(i), bidAuction)
			id, other := hot, oldest+pick(d, open)
			if pickHigh(d, g.hotAuctions) == 0 { // as likely as not: a conditional move
				id = other
			}
			out[r.row+i] = firstAuctionID + id
		}
	}
}

// fillBidder writes bidders. The hot one of a batch of people is the second, so as not to be
// the hot seller, who is the first.
func fillBidder(g *generator, v *vec.Vector, runs []run) {
	out := vec.Values[int64](v)
	for _, r := range runs {
		hot := r.person/hotBatch*hotBatch + 1
		oldest, active := g.activePeople(r.person)
		for i := range out[r.row : r.row+r.n] {
			d := g.draw(r.event+int64(i), bidBidder)
			id, other := hot, oldest+pick(d, active)
			if pickHigh(d, g.hotBidders) == 0 {
				id = other
			}
			out[r.row+i] = firstPersonID + id
		}
	}
}

func fillPrice(g *generator, v *vec.Vector, runs []run) {
	out := vec.Values[int64](v)
	for _, r := range runs {
		for i := range out[r.row : r.row+r.n] {
			out[r.row+i] = g.price(g.draw(r.event+int64(i), bidPrice))
		}
	}
}

// channel gives the number of a bid's channel in the dictionaries: half of the bids come
// through one of the hot ones.
func (g *generator) channel(event int64) int64 {
	d := g.draw(event, bidChannel)
	first, n := int64(hotChannels), uint64(channels)
	if d>>63 == 0 {
		first, n = 0, hotChannels
	}
	return first + pick(d, n)
}

func fillChannel(g *generator, v *vec.Vector, runs []run) { g.fillByChannel(&g.names, v, runs) }

func fillURL(g *generator, v *vec.Vector, runs []run) { g.fillByChannel(&g.urls, v, runs) }

func (g *generator) fillByChannel(d *dictionary, v *vec.Vector, runs []run) {
	buf := v.AddLasting(d.text)
	out := vec.Values[vec.StringView](v)
	for _, r := range runs {
		for i := range out[r.row : r.row+r.n] {
			out[r.row+i] = d.view(g.channel(r.event+int64(i)), buf)
		}
	}
}

func fillBidExtra(g *generator, v *vec.Vector, runs []run) {
	buf := v.AddLasting(g.letters)
	out := vec.Values[vec.StringView](v)
	pad := newPadding(g.bidSize, 8*4)
	for _, r := range runs {
		for i := range out[r.row : r.row+r.n] {
			off, n := pad.extra(g.draw(r.event+int64(i), bidExtra))
			out[r.row+i] = cut(g.letters, off, n, buf)
		}
	}
}
