package agg

import (
	"encoding/binary"
	"fmt"
	"math"
	"math/bits"
	"slices"
)

// sketches count distinct hashes approximately: a HyperLogLog of 2^12 registers for every group (Flajolet
// and others, 2007), with a standard error of 1.6 %. A group begins with a sorted list of its hashes, of which 25 bits
// of place and the rank of the rest are kept, as HyperLogLog++ does (Heule, Nunkesser and Hall, 2013): exact but
// for collisions. Lists are 8, 32, 128, 512 entries of 4 bytes long; what outgrows them gets registers, 4 KiB. All lists of
// a length lie in one slice, and so do all registers.
//
// A hash costs a binary search and a move of a part of the list, or one register; an estimate a pass over the
// registers if one has risen since the last.
type sketches struct {
	class []uint8 // by group: the length of its list, classes for registers
	place []uint32
	count []uint16 // entries of the list
	known []int64  // the estimate from registers and one, 0 where a register has risen since

	lists     [len(listLengths)][]uint32
	registers []uint8
	free      [len(listLengths) + 1][]uint32
}

const (
	sketchBits = 12 // of a hash that choose the register
	listBits   = 25 // of a hash that are kept in a list
	rankBits   = 6
	registers  = 1 << sketchBits
	dense      = uint8(len(listLengths))
	noPlace    = ^uint32(0)
)

var listLengths = [...]int{8, 32, 128, 512}

func (s *sketches) grow(n int) {
	s.class, s.place, s.count = grown(s.class, n, 0), grown(s.place, n, noPlace), grown(s.count, n, 0)
	s.known = grown(s.known, n, 0)
}

// entryOf gives what a list keeps of a hash.
func entryOf(hash uint64) uint32 {
	rank := min(bits.LeadingZeros64(hash<<listBits), 64-listBits) + 1
	return uint32(hash>>(64-listBits))<<rankBits | uint32(rank)
}

// registerOf gives the register of an entry and its rank there.
func registerOf(entry uint32) (register uint32, rank uint8) {
	const rest = listBits - sketchBits
	place := entry >> rankBits
	if low := place & (1<<rest - 1); low != 0 {
		return place >> rest, uint8(bits.LeadingZeros32(low<<(32-rest)) + 1)
	}
	return place >> rest, uint8(rest + entry&(1<<rankBits-1))
}

func (s *sketches) add(g, entry uint32) {
	if s.class[g] == dense {
		s.raise(g, entry)
		return
	}
	if s.place[g] == noPlace {
		s.place[g] = s.take(0)
	}
	l := s.list(g)
	n := int(s.count[g])
	at, _ := slices.BinarySearch(l[:n], entry>>rankBits<<rankBits)
	if at < n && l[at]>>rankBits == entry>>rankBits {
		l[at] = max(l[at], entry)
		return
	}
	if n == len(l) {
		s.widen(g)
		s.add(g, entry)
		return
	}
	copy(l[at+1:n+1], l[at:n])
	l[at] = entry
	s.count[g]++
}

func (s *sketches) list(g uint32) []uint32 {
	n := listLengths[s.class[g]]
	return s.lists[s.class[g]][int(s.place[g])*n:][:n]
}

func (s *sketches) ranks(g uint32) []uint8 {
	return s.registers[int(s.place[g])*registers:][:registers]
}

func (s *sketches) raise(g, entry uint32) {
	register, rank := registerOf(entry)
	r := &s.registers[int(s.place[g])*registers+int(register)]
	if rank > *r {
		*r, s.known[g] = rank, 0
	}
}

// widen moves a full list to one of the next length, or to registers.
func (s *sketches) widen(g uint32) {
	class, place, full := s.class[g], s.place[g], s.list(g)
	s.class[g], s.place[g] = class+1, s.take(class+1)
	if class+1 == dense {
		for _, e := range full {
			s.raise(g, e)
		}
	} else {
		copy(s.list(g), full)
	}
	s.free[class] = append(s.free[class], place)
}

// take gives a free place of a class.
func (s *sketches) take(class uint8) uint32 {
	free := &s.free[class]
	if n := len(*free); n > 0 {
		p := (*free)[n-1]
		*free = (*free)[:n-1]
		if class == dense {
			clear(s.registers[int(p)*registers:][:registers])
		}
		return p
	}
	if class == dense {
		s.registers = grown(s.registers, len(s.registers)+registers, 0)
		return uint32(len(s.registers)/registers - 1)
	}
	n := listLengths[class]
	s.lists[class] = grown(s.lists[class], len(s.lists[class])+n, 0)
	return uint32(len(s.lists[class])/n - 1)
}

// estimate gives the number of distinct hashes of a group.
func (s *sketches) estimate(g uint32) int64 {
	if s.class[g] != dense {
		const places = float64(1 << listBits)
		return int64(math.Round(places * math.Log(places/(places-float64(s.count[g])))))
	}
	if s.known[g] == 0 {
		s.known[g] = int64(math.Round(estimate(s.ranks(g)))) + 1
	}
	return s.known[g] - 1
}

// estimate is the estimator of Ertl, "New cardinality estimation algorithms for HyperLogLog sketches" (2017),
// algorithm 6: without tables, and without bias where registers are still empty.
func estimate(ranks []uint8) float64 {
	const most = 64 - sketchBits + 1
	var of [most + 1]float64
	for _, r := range ranks {
		of[r]++
	}
	const m = float64(registers)
	z := m * tau(1-of[most]/m)
	for k := most - 1; k > 0; k-- {
		z = (z + of[k]) / 2
	}
	z += m * sigma(of[0]/m)
	return m * m / (2 * math.Ln2 * z)
}

func sigma(x float64) float64 {
	if x == 1 {
		return math.Inf(1)
	}
	y, z := 1.0, x
	for before := -1.0; z != before; y += y {
		x *= x
		before = z
		z += x * y
	}
	return z
}

func tau(x float64) float64 {
	if x == 0 || x == 1 {
		return 0
	}
	y, z := 1.0, 1-x
	for before := -1.0; z != before; {
		x = math.Sqrt(x)
		before = z
		y /= 2
		z -= (1 - x) * (1 - x) * y
	}
	return z / 3
}

// appendTo writes a group's sketch: 0 and its list, or 1 and its registers.
func (s *sketches) appendTo(dst []byte, g uint32) []byte {
	if s.class[g] == dense {
		return append(append(dst, 1), s.ranks(g)...)
	}
	dst = append(dst, 0)
	if s.place[g] == noPlace {
		return dst
	}
	for _, e := range s.list(g)[:s.count[g]] {
		dst = binary.LittleEndian.AppendUint32(dst, e)
	}
	return dst
}

// merge takes in a sketch that appendTo has written.
func (s *sketches) merge(g uint32, sketch []byte) error {
	switch {
	case len(sketch) > 0 && sketch[0] == 0 && len(sketch)%4 == 1:
		for b := sketch[1:]; len(b) > 0; b = b[4:] {
			s.add(g, binary.LittleEndian.Uint32(b))
		}
		return nil
	case len(sketch) == 1+registers && sketch[0] == 1:
		for s.class[g] != dense {
			s.toRegisters(g)
		}
		s.known[g] = 0
		for i, r := range s.ranks(g) {
			s.ranks(g)[i] = max(r, sketch[1+i])
		}
		return nil
	}
	return fmt.Errorf("merging a sketch of %d bytes", len(sketch))
}

// toRegisters gives a group registers whatever its list holds.
func (s *sketches) toRegisters(g uint32) {
	class, place := s.class[g], s.place[g]
	var entries []uint32
	if place != noPlace {
		entries = s.list(g)[:s.count[g]]
		s.free[class] = append(s.free[class], place)
	}
	s.class[g], s.place[g] = dense, s.take(dense)
	for _, e := range entries {
		s.raise(g, e)
	}
}

func (s *sketches) reset(g uint32) {
	if s.place[g] != noPlace {
		s.free[s.class[g]] = append(s.free[s.class[g]], s.place[g])
	}
	s.class[g], s.place[g], s.count[g], s.known[g] = 0, noPlace, 0, 0
}

func (s *sketches) clear() {
	s.class, s.place, s.count, s.known, s.registers = s.class[:0], s.place[:0], s.count[:0], s.known[:0], s.registers[:0]
	for c := range s.lists {
		s.lists[c] = s.lists[c][:0]
	}
	for c := range s.free {
		s.free[c] = s.free[c][:0]
	}
}

func (s *sketches) memory() int {
	m := cap(s.class) + 4*cap(s.place) + 2*cap(s.count) + 8*cap(s.known) + cap(s.registers)
	for _, l := range s.lists {
		m += 4 * cap(l)
	}
	for _, f := range s.free {
		m += 4 * cap(f)
	}
	return m
}
