package nexmark

import "github.com/weirstream/weir/runtime/vec"

const longestName = 20 // of an item

func fillAuctionID(_ *generator, v *vec.Vector, runs []run) {
	out := vec.Values[int64](v)
	for _, r := range runs {
		for i := range r.n {
			out[r.row+i] = firstAuctionID + r.auction + int64(i)
		}
	}
}

func fillSeller(g *generator, v *vec.Vector, runs []run) {
	out := vec.Values[int64](v)
	for _, r := range runs {
		hot := r.person / hotBatch * hotBatch
		for i := range r.n {
			d, id := g.draw(r.event+int64(i), auctionSeller), hot
			if pickHigh(d, g.hotSellers) == 0 {
				id = g.activePerson(r.person, d)
			}
			out[r.row+i] = firstPersonID + id
		}
	}
}

func fillCategory(g *generator, v *vec.Vector, runs []run) {
	out := vec.Values[int64](v)
	for _, r := range runs {
		for i := range r.n {
			out[r.row+i] = firstCategory + pick(g.draw(r.event+int64(i), auctionCategory), categories)
		}
	}
}

func fillInitialBid(g *generator, v *vec.Vector, runs []run) {
	out := vec.Values[int64](v)
	for _, r := range runs {
		for i := range r.n {
			out[r.row+i] = g.price(g.draw(r.event+int64(i), auctionPrice))
		}
	}
}

// fillReserve writes the initial bid and another price together.
func fillReserve(g *generator, v *vec.Vector, runs []run) {
	out := vec.Values[int64](v)
	for _, r := range runs {
		for i := range r.n {
			event := r.event + int64(i)
			out[r.row+i] = g.price(g.draw(event, auctionPrice)) + g.price(g.draw(event, auctionReserve))
		}
	}
}

// fillExpires writes when auctions end: on average when as many further auctions have
// begun as are open at a time.
func fillExpires(g *generator, v *vec.Vector, runs []run) {
	out := vec.Values[int64](v)
	ahead := g.inFlight * g.total() / max(g.auctionShare, 1)
	for _, r := range runs {
		for i := range r.n {
			event := r.event + int64(i)
			now, _ := g.time(event)
			then, _ := g.time(event + ahead)
			out[r.row+i] = now + 1 + pickLong(g.draw(event, auctionExpires), max(2*(then-now), 1))
		}
	}
}

// pickLong is pick for an n that may need more than 32 bits.
func pickLong(r uint64, n int64) int64 {
	if n < 1<<32 {
		return pick(r, uint64(n))
	}
	return int64(r>>1) % n
}

func fillItemName(g *generator, v *vec.Vector, runs []run) {
	g.fillPhrases(v, runs, auctionName, longestName)
}

func fillDescription(g *generator, v *vec.Vector, runs []run) {
	g.fillPhrases(v, runs, auctionDescription, longestPhrase)
}

func (g *generator) fillPhrases(v *vec.Vector, runs []run, s slot, longest uint64) {
	buf := v.AddLasting(g.phrases)
	out := vec.Values[vec.StringView](v)
	for _, r := range runs {
		for i := range r.n {
			off, n := g.phrase(g.draw(r.event+int64(i), s), longest)
			out[r.row+i] = cut(g.phrases, off, n, buf)
		}
	}
}

func fillAuctionExtra(g *generator, v *vec.Vector, runs []run) {
	buf := v.AddLasting(g.letters)
	out := vec.Values[vec.StringView](v)
	for _, r := range runs {
		for i := range r.n {
			event := r.event + int64(i)
			_, name := g.phrase(g.draw(event, auctionName), longestName)
			_, description := g.phrase(g.draw(event, auctionDescription), longestPhrase)
			off, n := newPadding(g.auctionSize, 8*6+name+description).extra(g.draw(event, auctionExtra))
			out[r.row+i] = cut(g.letters, off, n, buf)
		}
	}
}
