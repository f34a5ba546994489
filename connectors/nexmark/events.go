package nexmark

// kind is a kind of event; the values are those of event_type.
type kind int8

const (
	person kind = iota
	auction
	bid
	all kind = -1
)

// Ids and ratios of the benchmark, as in Beam's generator.
const (
	firstPersonID  = 1000
	firstAuctionID = 1000
	firstCategory  = 10
	categories     = 5
	idLead         = 10  // ids ahead of the newest that bids and auctions may refer to
	hotBatch       = 100 // one person and one auction in so many is hot
)

// run is a row of consecutive events of one kind, of one round. Each field fills its part of a
// batch run by run.
type run struct {
	kind    kind
	row, n  int   // place in the batch
	event   int64 // number of the first event
	person  int64 // person: its id from 0, of the first; others: the newest person
	auction int64 // auction: its id from 0, of the first; bid: the newest auction
}

// runs appends what is made of the events from (inclusive) to (exclusive), limit rows at most, starting at row
// of the batch. Events of kinds that the table does not show give no row. next is the
// event to go on with.
func (g *generator) runs(dst []run, from, to int64, row, limit int) (out []run, next int64, rows int) {
	round, offset := from/g.total(), from%g.total()
	ends := [3]int64{g.personShare, g.personShare + g.auctionShare, g.total()}
	for from < to && rows < limit {
		k := person
		for offset >= ends[k] {
			k++
		}
		n := min(ends[k]-offset, to-from)
		if g.table == all || g.table == k {
			n = min(n, int64(limit-rows))
			dst = append(dst, g.run(k, round, offset, from, row+rows, int(n)))
			rows += int(n)
		}
		from += n
		if offset += n; offset == g.total() {
			round, offset = round+1, 0
		}
	}
	return dst, from, rows
}

func (g *generator) run(k kind, round, offset, event int64, row, n int) run {
	r := run{kind: k, row: row, n: n, event: event}
	switch k {
	case person:
		r.person = round*g.personShare + offset
	case auction:
		r.person = round*g.personShare + g.personShare - 1
		r.auction = round*g.auctionShare + offset - g.personShare
	default:
		r.person = round*g.personShare + g.personShare - 1
		r.auction = round*g.auctionShare + g.auctionShare - 1
	}
	return r
}

// time gives the timestamp of an event in milliseconds, and what is left in units of 1/rate ms.
func (g *generator) time(event int64) (ms, rest int64) {
	whole, part := event/g.rate, event%g.rate
	return g.baseTime + whole*1000 + part*1000/g.rate, part * 1000 % g.rate
}

// eventAt gives the number of the first event that is later than d milliseconds after the first.
func (g *generator) eventAt(d int64) int64 {
	if d < 0 {
		return 0
	}
	whole, part := d/1000, d%1000
	return whole*g.rate + ((part+1)*g.rate+999)/1000
}

// activePerson chooses one of the newest people or of those who come soon.
func (g *generator) activePerson(newest int64, r uint64) int64 {
	oldest, n := g.activePeople(newest)
	return oldest + pick(r, n)
}

// activePeople gives the first of the active people, and how many there are from it to the last that comes soon.
func (g *generator) activePeople(newest int64) (oldest int64, n uint64) {
	people := newest + 1
	active := min(people, g.active)
	return people - active, uint64(active + idLead)
}

// openAuctions gives the first of the newest auctions that are bid for, and how many there are from it to the last that
// comes soon.
func (g *generator) openAuctions(newest int64) (oldest int64, n uint64) {
	oldest = max(newest-g.inFlight, 0)
	return oldest, uint64(newest - oldest + 1 + idLead)
}
