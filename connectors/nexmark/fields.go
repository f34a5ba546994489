package nexmark

import (
	"github.com/weirstream/weir/runtime/vec"
	"github.com/weirstream/weir/sql/types"
)

// filler writes the values of one field at the rows of the runs. The vector has its
// length already.
type filler func(g *generator, v *vec.Vector, runs []run)

// field is a field of one kind of event.
type field struct {
	name string
	typ  types.Type
	fill filler
}

// fieldsOf gives the fields of a kind of event, in nexmark-flink's order.
func fieldsOf(k kind) []field {
	bigint, str, ts := types.New(types.BigInt), types.String(), types.TimestampOf(3)
	switch k {
	case person:
		return []field{
			{"id", bigint, fillPersonID},
			{"name", str, fillPersonName},
			{"emailAddress", str, fillEmail},
			{"creditCard", str, fillCreditCard},
			{"city", str, fillCity},
			{"state", str, fillState},
			{"dateTime", ts, fillTime},
			{"extra", str, fillPersonExtra},
		}
	case auction:
		return []field{
			{"id", bigint, fillAuctionID},
			{"itemName", str, fillItemName},
			{"description", str, fillDescription},
			{"initialBid", bigint, fillInitialBid},
			{"reserve", bigint, fillReserve},
			{"dateTime", ts, fillTime},
			{"expires", ts, fillExpires},
			{"seller", bigint, fillSeller},
			{"category", bigint, fillCategory},
			{"extra", str, fillAuctionExtra},
		}
	}
	return []field{
		{"auction", bigint, fillBidAuction},
		{"bidder", bigint, fillBidder},
		{"price", bigint, fillPrice},
		{"channel", str, fillChannel},
		{"url", str, fillURL},
		{"dateTime", ts, fillTime},
		{"extra", str, fillBidExtra},
	}
}

// fillTime writes the timestamps of events of any kind.
func fillTime(g *generator, v *vec.Vector, runs []run) {
	out := vec.Values[int64](v)
	step, stepRest := 1000/g.rate, 1000%g.rate
	for _, r := range runs {
		ms, rest := g.time(r.event)
		for i := range out[r.row : r.row+r.n] {
			out[r.row+i] = ms
			ms += step
			if rest += stepRest; rest >= g.rate {
				ms, rest = ms+1, rest-g.rate
			}
		}
	}
}

// fillEventType writes 0, 1 or 2.
func fillEventType(_ *generator, v *vec.Vector, runs []run) {
	out := vec.Values[int32](v)
	for _, r := range runs {
		for i := range out[r.row : r.row+r.n] {
			out[r.row+i] = int32(r.kind)
		}
	}
}
