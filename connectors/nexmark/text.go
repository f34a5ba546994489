package nexmark

import (
	"encoding/binary"
	"math/bits"
	"strconv"

	"github.com/weirstream/weir/runtime/vec"
)

// Texts are cut out of pools of random characters made once, as TPC's generators do:
// views point into the pool, so a text costs as much as a number.

const (
	poolBits      = 17 // offsets into a pool
	shortestWord  = 3
	channels      = 10000
	hotChannels   = 4
	longestPhrase = 100
)

// texts are the pools and dictionaries of a generator, never changed once made.
type texts struct {
	letters []byte // a to z, for extra
	phrases []byte // letters with a space in 13, for names and descriptions
	people  dictionary
	cities  dictionary
	states  dictionary
	names   dictionary // of channels
	urls    dictionary // of channels
}

func newTexts(seed uint64, longest int64) *texts {
	rng := &sequence{seed ^ 0x6e65786d61726b} // "nexmark"
	t := &texts{letters: make([]byte, 1<<poolBits+longest), phrases: make([]byte, 1<<poolBits+longestPhrase)}
	for i := range t.phrases {
		t.phrases[i] = phraseChar(rng, ' ')
	}
	for _, first := range firstNames {
		for _, last := range lastNames {
			t.people.add([]byte(first + " " + last))
		}
	}
	for _, c := range usCities {
		t.cities.add([]byte(c))
	}
	for _, s := range usStates {
		t.states.add([]byte(s))
	}
	for _, c := range [hotChannels]string{"Google", "Facebook", "Baidu", "Apple"} {
		t.names.add([]byte(c))
		t.urls.add(baseURL(rng))
	}
	for i := range channels {
		t.names.add(strconv.AppendInt([]byte("channel-"), int64(i), 10))
		url := baseURL(rng)
		if rng.pick(10) > 0 {
			url = append(url, "&channel_id="...)
			url = strconv.AppendUint(url, channelID(uint32(i)), 10)
		}
		t.urls.add(url)
	}
	for i := range t.letters { // last: their number must not change the other texts
		t.letters[i] = byte('a' + rng.pick(26))
	}
	return t
}

var (
	firstNames = [...]string{"Peter", "Paul", "Luke", "John", "Saul", "Vicky", "Kate", "Julie", "Sarah", "Deiter", "Walter"}
	lastNames  = [...]string{"Shultz", "Abrams", "Spencer", "White", "Bartels", "Walton", "Smith", "Jones", "Noris"}
	usCities   = [...]string{"Phoenix", "Los Angeles", "San Francisco", "Boise", "Portland", "Bend", "Redmond", "Seattle", "Kent", "Cheyenne"}
	usStates   = [...]string{"AZ", "CA", "ID", "OR", "WA", "WY"}
)

func phraseChar(rng *sequence, space byte) byte {
	if rng.pick(13) == 0 {
		return space
	}
	return byte('a' + rng.pick(26))
}

// baseURL makes https://www.nexmark.com/ and three random folders.
func baseURL(rng *sequence) []byte {
	url := []byte("https://www.nexmark.com/")
	for range 3 {
		for range shortestWord + rng.pick(5-shortestWord) {
			url = append(url, phraseChar(rng, '_'))
		}
		url = append(url, '/')
	}
	return append(url, "item.htm?query=1"...)
}

// channelID is the absolute value of the channel's number with its bits reversed, a 32-bit
// two's complement.
func channelID(channel uint32) uint64 {
	x := int64(int32(bits.Reverse32(channel)))
	return uint64(max(x, -x))
}

// dictionary holds texts back to back, with a view of each that points into buffer 0.
type dictionary struct {
	text  []byte
	views []vec.StringView
}

func (d *dictionary) add(s []byte) {
	if len(s) <= vec.InlineLen {
		d.views = append(d.views, vec.MakeInline(s))
		return
	}
	d.views = append(d.views, vec.MakeView(s, 0, uint32(len(d.text))))
	d.text = append(d.text, s...)
}

// view gives text i as a view into buffer buf.
func (d *dictionary) view(i int64, buf uint32) vec.StringView {
	s := d.views[i]
	if !s.Inline() {
		binary.LittleEndian.PutUint32(s.Data[4:], buf)
	}
	return s
}

// cut gives the view of pool[off:off+n], the pool being buffer buf.
func cut(pool []byte, off, n int64, buf uint32) vec.StringView {
	s := pool[off : off+n]
	if n <= vec.InlineLen {
		return vec.MakeInline(s)
	}
	return vec.MakeView(s, buf, uint32(off))
}

// phrase gives the place of a random text of 3 to longest-1 characters without spaces at its ends.
func (t *texts) phrase(r uint64, longest uint64) (off, n int64) {
	off, n = int64(r>>32&(1<<poolBits-1)), shortestWord+pick(r, longest-shortestWord)
	for n > 0 && t.phrases[off] == ' ' {
		off, n = off+1, n-1
	}
	for n > 0 && t.phrases[off+n-1] == ' ' {
		n--
	}
	return off, n
}

// padding is how long extra is: size bytes in all on average, give or take a fifth, of
// which used are taken.
type padding struct{ least, spread int64 }

func newPadding(size, used int64) padding {
	rest := size - used
	if rest <= 0 {
		return padding{}
	}
	delta := (rest*2 + 5) / 10 // rounded
	return padding{rest - delta, 2 * delta}
}

// extra gives the place of a random text of the padding's length.
func (p padding) extra(r uint64) (off, n int64) {
	return int64(r >> 32 & (1<<poolBits - 1)), p.least + pick(r, uint64(p.spread))
}
