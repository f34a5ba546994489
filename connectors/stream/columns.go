package stream

import (
	"github.com/weirstream/weir/connectors"
	"github.com/weirstream/weir/connectors/format"
	"github.com/weirstream/weir/runtime/vec"
	"github.com/weirstream/weir/sql/types"
)

// Keys of metadata columns.
const (
	metaTimestamp = "timestamp"
	metaShard     = "shard-id"
	metaSequence  = "sequence-number"
	metaKey       = "partition-key"
)

func metadata() []connectors.Metadata {
	return []connectors.Metadata{
		{Key: metaTimestamp, Type: types.TimestampLTZOf(3).WithoutNull(), Doc: "When the record arrived in the stream."},
		{Key: metaShard, Type: varchar(128), Doc: "The shard that holds the record."},
		{Key: metaSequence, Type: varchar(128), Doc: "The record's sequence number, unique in its shard; the records of an aggregate share one."},
		{Key: metaKey, Type: varchar(256), Doc: "The record's partition key. Weir's own, Flink has no such column."},
	}
}

func varchar(n int) types.Type { return types.Type{Kind: types.VarChar, Length: n}.WithoutNull() }

// payload gives the columns that are in the records.
func payload(t *connectors.Table) []connectors.Column {
	var out []connectors.Column
	for _, c := range t.Columns {
		if c.Metadata == "" {
			out = append(out, c)
		}
	}
	return out
}

// columns puts a batch together of what the decoder reads of a record and what is known beside it.
type columns struct {
	payload []connectors.Column // for the decoder
	at      []int               // the payload's places in the batch
	inner   vec.Batch           // the payload's vectors of the batch being filled

	meta  []connectors.Column
	metas []int // their places
	shard []byte
	text  []byte // a sequence number in digits
}

func newColumns(want []connectors.Column, shard string) *columns {
	c := &columns{shard: []byte(shard)}
	for i, col := range want {
		if asked, ok := format.OfFormat(col); ok {
			c.payload, c.at = append(c.payload, asked), append(c.at, i)
		} else {
			c.meta, c.metas = append(c.meta, col), append(c.metas, i)
		}
	}
	c.inner.Cols = make([]*vec.Vector, len(c.payload))
	return c
}

// begin gives the batch of the payload alone.
func (c *columns) begin(b *vec.Batch) *vec.Batch {
	for k, i := range c.at {
		c.inner.Cols[k] = b.Cols[i]
	}
	c.inner.Kinds, c.inner.Sel = b.Kinds, nil
	c.inner.SetLen(b.Len())
	return &c.inner
}

// fill gives the n rows that were just decoded of a record their metadata.
func (c *columns) fill(b *vec.Batch, rec *record, key string, n int) {
	for k, col := range c.meta {
		v := b.Cols[c.metas[k]]
		text := c.text[:0]
		switch col.Metadata {
		case metaTimestamp:
			for range n {
				vec.Append(v, rec.arrived)
			}
			continue
		case metaShard:
			text = append(text, c.shard...)
		case metaSequence:
			text = rec.seq.append(text)
		case metaKey:
			if key != "" {
				text = append(text, key...)
			} else {
				text = append(text, rec.key...)
			}
		}
		for range n {
			v.AppendBytes(text)
		}
		c.text = text
	}
}

// end takes over what was read into the payload.
func (c *columns) end(b *vec.Batch) {
	b.Kinds = c.inner.Kinds
	b.SetLen(c.inner.Len())
}
