package nexmark

import "github.com/weirstream/weir/runtime/vec"

func fillBidAuction(g *generator, v *vec.Vector, runs []run) {
	out := vec.Values[int64](v)
	for _, r := range runs {
		hot := r.auction / hotBatch * hotBatch
		for i := range out[r.row : r.row+r.n] {
			d, id := g.draw(r.event+int64(i), bidAuction), hot
			if pickHigh(d, g.hotAuctions) == 0 {
				id = g.openAuction(r.auction, d)
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
		for i := range out[r.row : r.row+r.n] {
			d, id := g.draw(r.event+int64(i), bidBidder), hot
			if pickHigh(d, g.hotBidders) == 0 {
				id = g.activePerson(r.person, d)
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
	if d>>63 == 0 {
		return pick(d, hotChannels)
	}
	return hotChannels + pick(d, channels)
}

func fillChannel(g *generator, v *vec.Vector, runs []run) { g.fillByChannel(&g.names, v, runs) }

func fillURL(g *generator, v *vec.Vector, runs []run) { g.fillByChannel(&g.urls, v, runs) }

func (g *generator) fillByChannel(d *dictionary, v *vec.Vector, runs []run) {
	buf := v.AddBuffer(d.text)
	out := vec.Values[vec.StringView](v)
	for _, r := range runs {
		for i := range out[r.row : r.row+r.n] {
			out[r.row+i] = d.view(g.channel(r.event+int64(i)), buf)
		}
	}
}

func fillBidExtra(g *generator, v *vec.Vector, runs []run) {
	buf := v.AddBuffer(g.letters)
	out := vec.Values[vec.StringView](v)
	pad := newPadding(g.bidSize, 8*4)
	for _, r := range runs {
		for i := range out[r.row : r.row+r.n] {
			off, n := pad.extra(g.draw(r.event+int64(i), bidExtra))
			out[r.row+i] = cut(g.letters, off, n, buf)
		}
	}
}
