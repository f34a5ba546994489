package stream

import (
	"fmt"
	"strconv"
	"strings"
)

// position is a place in a shard, in words:
//
//	oldest              the oldest record that is kept
//	newest              behind the newest record
//	since MILLIS        the first record that arrived then or later
//	after SEQ           behind a record
//	at SEQ N            in the aggregate with this sequence number, N user records of which were read
//
// "until OFFSET" behind it is where a bounded read of the log ends.
type position struct {
	where where
	since int64 // unix milliseconds
	seq   sequence
	used  int
	until uint64
}

type where string

const (
	oldest where = "oldest"
	newest where = "newest"
	since  where = "since"
	after  where = "after"
	inside where = "at"
)

// String is the form that checkpoints keep.
func (p position) String() string {
	b := []byte(p.where)
	switch p.where {
	case since:
		b = strconv.AppendInt(append(b, ' '), p.since, 10)
	case after:
		b = p.seq.append(append(b, ' '))
	case inside:
		b = strconv.AppendInt(append(p.seq.append(append(b, ' ')), ' '), int64(p.used), 10)
	}
	if p.until > 0 {
		b = strconv.AppendUint(append(b, " until "...), p.until, 10)
	}
	return string(b)
}

// parsePosition reads what String wrote.
func parsePosition(s string) (position, error) {
	p := position{}
	words := strings.Fields(s)
	bad := fmt.Errorf("'%s' is no position in a shard", s)
	if n := len(words); n >= 2 && words[n-2] == "until" {
		until, err := strconv.ParseUint(words[n-1], 10, 64)
		if err != nil || until == 0 {
			return p, bad
		}
		p.until, words = until, words[:n-2]
	}
	if len(words) == 0 {
		return p, bad
	}
	p.where = where(words[0])
	args := map[where]int{oldest: 0, newest: 0, since: 1, after: 1, inside: 2}
	if n, ok := args[p.where]; !ok || len(words) != 1+n {
		return p, bad
	}
	var err error
	switch p.where {
	case since:
		p.since, err = strconv.ParseInt(words[1], 10, 64)
	case inside:
		p.used, err = strconv.Atoi(words[2])
		if p.used < 0 {
			return p, bad
		}
	}
	if err != nil {
		return p, bad
	}
	if p.where == after || p.where == inside {
		if strings.Trim(words[1], "0123456789") != "" {
			return p, bad
		}
		p.seq.text = words[1]
	}
	return p, nil
}
