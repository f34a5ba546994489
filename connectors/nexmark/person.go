package nexmark

import "github.com/weirstream/weir/runtime/vec"

func fillPersonID(_ *generator, v *vec.Vector, runs []run) {
	out := vec.Values[int64](v)
	for _, r := range runs {
		for i := range r.n {
			out[r.row+i] = firstPersonID + r.person + int64(i)
		}
	}
}

func (g *generator) personName(event int64) int64 {
	return pick(g.draw(event, personName), uint64(len(g.people.views)))
}

// city and state are drawn apart, as in the benchmark: Phoenix may lie in Wyoming.
func (g *generator) city(event int64) int64 {
	return pick(g.draw(event, personCity), uint64(len(g.cities.views)))
}

func (g *generator) state(event int64) int64 {
	return pickHigh(g.draw(event, personCity), uint64(len(g.states.views)))
}

func fillPersonName(g *generator, v *vec.Vector, runs []run) {
	g.fillByWord(&g.people, g.personName, v, runs)
}
func fillCity(g *generator, v *vec.Vector, runs []run)  { g.fillByWord(&g.cities, g.city, v, runs) }
func fillState(g *generator, v *vec.Vector, runs []run) { g.fillByWord(&g.states, g.state, v, runs) }

func (g *generator) fillByWord(d *dictionary, choose func(int64) int64, v *vec.Vector, runs []run) {
	buf := v.AddLasting(d.text)
	out := vec.Values[vec.StringView](v)
	for _, r := range runs {
		for i := range r.n {
			out[r.row+i] = d.view(choose(r.event+int64(i)), buf)
		}
	}
}

const (
	longestUser = 7
	longestHost = 5
	cardDigits  = 16
	cardLength  = cardDigits + 3 // in groups of four
)

// appendEmail appends user@host.com.
func (g *generator) appendEmail(dst []byte, event int64) []byte {
	off, n := g.phrase(g.draw(event, personUser), longestUser)
	dst = append(append(dst, g.phrases[off:off+n]...), '@')
	off, n = g.phrase(g.draw(event, personHost), longestHost)
	return append(append(dst, g.phrases[off:off+n]...), ".com"...)
}

func fillEmail(g *generator, v *vec.Vector, runs []run) {
	var buf [32]byte
	for _, r := range runs {
		for i := range r.n {
			v.SetBytes(r.row+i, g.appendEmail(buf[:0], r.event+int64(i)))
		}
	}
}

func fillCreditCard(g *generator, v *vec.Vector, runs []run) {
	var buf [cardLength]byte
	for _, r := range runs {
		for i := range r.n {
			d := g.draw(r.event+int64(i), personCard)
			for j := range buf {
				if j%5 == 4 {
					buf[j] = ' '
					continue
				}
				buf[j], d = byte('0'+d%10), d/10
			}
			v.SetBytes(r.row+i, buf[:])
		}
	}
}

func fillPersonExtra(g *generator, v *vec.Vector, runs []run) {
	buf := v.AddLasting(g.letters)
	out := vec.Values[vec.StringView](v)
	var email [32]byte
	for _, r := range runs {
		for i := range r.n {
			event := r.event + int64(i)
			used := 8 + cardLength + int64(g.people.views[g.personName(event)].Len) + int64(g.cities.views[g.city(event)].Len) +
				int64(g.states.views[g.state(event)].Len) + int64(len(g.appendEmail(email[:0], event)))
			off, n := newPadding(g.personSize, used).extra(g.draw(event, personExtra))
			out[r.row+i] = cut(g.letters, off, n, buf)
		}
	}
}
