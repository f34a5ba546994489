package stream

import "github.com/weirstream/weir/connectors/shardlog"

// chunk is a list of records to be put: all data and all keys in one piece each.
type chunk struct {
	data, keys []byte
	ends       []mark // of each record
}

// mark is a place in a chunk.
type mark struct{ data, key int }

// add closes a record whose data and key were appended.
func (c *chunk) add() { c.ends = append(c.ends, mark{len(c.data), len(c.keys)}) }

// puts gives the records as the log takes them. Their data is borrowed.
func (c *chunk) puts() []shardlog.Put {
	out := make([]shardlog.Put, len(c.ends))
	keys := string(c.keys)
	from := mark{}
	for i, to := range c.ends {
		out[i] = shardlog.Put{Key: keys[from.key:to.key], Data: c.data[from.data:to.data]}
		from = to
	}
	return out
}

func (c *chunk) size() int { return len(c.data) + len(c.keys) }

func (c *chunk) reset() { c.data, c.keys, c.ends = c.data[:0], c.keys[:0], c.ends[:0] }
