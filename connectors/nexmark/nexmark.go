// Package nexmark is the connector of the Nexmark benchmark: a generator of an auction
// site's events, people, auctions and bids in the proportion 1:3:46. Enter at Connector.
//
// The values follow the generator of Apache Beam and nexmark-flink (hot sellers, bidders
// and auctions, log-uniform prices, padding to average sizes), except for the random numbers
// themselves: each value is a hash of the seed, the event's number and the field. So an
// event is the same whoever makes it and whatever else is read with it: any number
// of splits gives the same events, a reader starts anywhere at once, and a column that nobody
// reads costs nothing.
package nexmark

import (
	"github.com/weirstream/weir/connectors"
)

// Connector describes the connector 'nexmark'.
func Connector() connectors.Connector {
	return connectors.Connector{
		Name: "nexmark",
		Doc: "Generates the events of the Nexmark benchmark. The table has the columns event_type, person, auction and bid " +
			"of nexmark-flink, or, with 'table', the columns of one of the three; columns and fields that are not declared are not made.",
		Options:          options(),
		NestedProjection: true,
		Source:           newSource,
	}
}

func options() []connectors.Option {
	return []connectors.Option{
		{Key: "table", Type: connectors.EnumOption, Values: []string{"all", "person", "auction", "bid"}, Default: "all", Doc: "all: one row an event, with event_type (0 person, 1 auction, 2 bid) and a ROW for each kind, NULL but for one; person, auction, bid: the rows of one kind, its fields as columns"},
		{Key: "events.num", Type: connectors.IntOption, Default: "0", Doc: "number of events of all kinds, whether or not the table shows them; 0: without end"},
		{Key: "first-event.rate", Type: connectors.IntOption, Default: "10000", Doc: "events a second, by their timestamps"},
		{Key: "next-event.rate", Type: connectors.IntOption, Doc: "as first-event.rate; when both are given they must be equal"},
		{Key: "max-emit-speed", Type: connectors.BoolOption, Default: "true", Doc: "false: an event comes no earlier than its timestamp says, counted from the start of the job"},
		{Key: "base-time", Type: connectors.StringOption, Default: "2015-07-15 00:00:00", Doc: "timestamp of the first event: a timestamp, milliseconds since the epoch, or 'now'"},
		{Key: "seed", Type: connectors.IntOption, Default: "0", Doc: "another seed gives other values"},
		{Key: "splits", Type: connectors.IntOption, Doc: "number of splits, among which blocks of events go in turns: by default 8, and 1 where max-emit-speed is false"},
		{Key: "person.proportion", Type: connectors.IntOption, Default: "1", Doc: "people in a round of events"},
		{Key: "auction.proportion", Type: connectors.IntOption, Default: "3", Doc: "auctions in a round of events"},
		{Key: "bid.proportion", Type: connectors.IntOption, Default: "46", Doc: "bids in a round of events"},
		{Key: "person.avg-size", Type: connectors.SizeOption, Default: "200b", Doc: "average size of a person; extra fills it up"},
		{Key: "auction.avg-size", Type: connectors.SizeOption, Default: "500b", Doc: "average size of an auction"},
		{Key: "bid.avg-size", Type: connectors.SizeOption, Default: "100b", Doc: "average size of a bid"},
		{Key: "bid.hot-ratio.auctions", Type: connectors.IntOption, Default: "2", Doc: "one of so many bids is not for a hot auction"},
		{Key: "bid.hot-ratio.bidders", Type: connectors.IntOption, Default: "4", Doc: "one of so many bids is not by a hot bidder"},
		{Key: "auction.hot-ratio.sellers", Type: connectors.IntOption, Default: "4", Doc: "one of so many auctions is not by a hot seller"},
		{Key: "auctions.in-flight", Type: connectors.IntOption, Default: "100", Doc: "auctions that are open at a time, on average"},
		{Key: "people.active", Type: connectors.IntOption, Default: "1000", Doc: "newest people among whom bidders and sellers are chosen"},
	}
}
