package vec

// soleIndex is the index of a table without key columns, which has one key at most.
type soleIndex struct{ used bool }

func (x *soleIndex) find(_ *GroupTable, _ *KeyBatch, from, to int, ids []uint32, miss []int32) []int32 {
	if !x.used {
		return allRows(miss, from, to)
	}
	clear(ids[from:to])
	return miss
}

// search has nothing to do: find has searched to the end.
func (x *soleIndex) search(_ *KeyBatch, _ []uint32, miss []int32) []int32 { return miss }

func (x *soleIndex) insert(t *GroupTable, b *KeyBatch, ids []uint32, miss []int32) {
	t.add(b, miss[0])
	x.used = true
	for _, k := range miss {
		ids[k] = 0
	}
}

func (x *soleIndex) remove(*KeyBatch, []uint32) { x.used = false }
func (x *soleIndex) reset()                     { x.used = false }
func (x *soleIndex) memory() int                { return 0 }
