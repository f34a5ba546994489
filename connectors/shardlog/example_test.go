package shardlog_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"os"
	"time"

	"github.com/weirstream/weir/connectors/shardlog"
)

// tempDir is a folder for an example; yours outlives the process.
func tempDir() (string, func()) {
	dir, err := os.MkdirTemp("", "shardlog")
	if err != nil {
		log.Fatal(err)
	}
	return dir, func() {
		if err := os.RemoveAll(dir); err != nil {
			log.Fatal(err)
		}
	}
}

func Example() {
	dir, remove := tempDir()
	defer remove()
	l, err := shardlog.Open(dir, shardlog.Options{})
	if err != nil {
		log.Fatal(err)
	}
	st, err := l.Create(shardlog.Spec{Name: "orders", Shards: 1})
	if err != nil {
		log.Fatal(err)
	}
	// One batch, one write, one sync: when Append returns, the records are on the disk.
	results, err := st.Append(context.Background(), []shardlog.Put{
		{Key: "ann", Data: []byte("tea")},
		{Key: "bob", Data: []byte("coffee")},
	})
	if err != nil {
		log.Fatal(err)
	}
	var batch shardlog.Batch // its memory is used again by every read
	if err := st.Read(results[0].Shard, 0, shardlog.Limits{}, &batch); err != nil {
		log.Fatal(err)
	}
	for _, r := range batch.Records {
		fmt.Printf("%s: %s\n", r.Key, r.Data)
	}
	if err := l.Close(); err != nil {
		log.Fatal(err)
	}
	// Output:
	// ann: tea
	// bob: coffee
}

// A reader that goes on into the children of its shard when that is split.
func ExampleReader_Next() {
	dir, remove := tempDir()
	defer remove()
	l, err := shardlog.Open(dir, shardlog.Options{})
	if err != nil {
		log.Fatal(err)
	}
	st, err := l.Create(shardlog.Spec{Name: "s"})
	if err != nil {
		log.Fatal(err)
	}
	ctx := context.Background()
	put := func(data string) {
		if _, err := st.Append(ctx, []shardlog.Put{{Key: "k", Data: []byte(data)}}); err != nil {
			log.Fatal(err)
		}
	}
	put("before the split")
	if err := st.Split(0, st.Shards()[0].Hash.Middle()); err != nil {
		log.Fatal(err)
	}
	put("after it")

	var drain func(id shardlog.ShardID)
	drain = func(id shardlog.ShardID) {
		from, err := st.Seek(id, shardlog.TrimHorizon())
		if err != nil {
			log.Fatal(err)
		}
		tip, err := st.Seek(id, shardlog.Latest())
		if err != nil {
			log.Fatal(err)
		}
		info, err := st.Shard(id)
		if err != nil {
			log.Fatal(err)
		}
		r, err := st.Reader(id, from, shardlog.Limits{})
		if err != nil {
			log.Fatal(err)
		}
		var batch shardlog.Batch
		for info.Closed() || r.Offset() < tip { // an open shard would make Next wait
			err := r.Next(ctx, &batch)
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				log.Fatal(err)
			}
			for _, rec := range batch.Records {
				fmt.Printf("%v: %s\n", id, rec.Data)
			}
		}
		for _, child := range st.Children(id) {
			drain(child.ID)
		}
	}
	drain(0)
	if err := l.Close(); err != nil {
		log.Fatal(err)
	}
	// Output:
	// shardId-000000000000: before the split
	// shardId-000000000002: after it
}

// A sequence number is all that a reader must keep to go on after a restart.
func ExampleStream_Seek() {
	dir, remove := tempDir()
	defer remove()
	l, err := shardlog.Open(dir, shardlog.Options{})
	if err != nil {
		log.Fatal(err)
	}
	st, err := l.Create(shardlog.Spec{Name: "s"})
	if err != nil {
		log.Fatal(err)
	}
	results, err := st.Append(context.Background(), []shardlog.Put{
		{Key: "k", Data: []byte("one")}, {Key: "k", Data: []byte("two")}, {Key: "k", Data: []byte("three")},
	})
	if err != nil {
		log.Fatal(err)
	}
	kept := results[0].Seq.String()

	seq, err := shardlog.ParseSequenceNumber(kept)
	if err != nil {
		log.Fatal(err)
	}
	offset, err := st.Seek(0, shardlog.After(seq))
	if err != nil {
		log.Fatal(err)
	}
	var batch shardlog.Batch
	if err := st.Read(0, offset, shardlog.Limits{}, &batch); err != nil {
		log.Fatal(err)
	}
	for _, r := range batch.Records {
		fmt.Printf("%s\n", r.Data)
	}
	if err := l.Close(); err != nil {
		log.Fatal(err)
	}
	// Output:
	// two
	// three
}

// A record goes to the shard whose hash keys hold the MD5 of its key, or the key that the caller chooses. Each
// result tells where its record went.
func ExampleStream_Append() {
	dir, remove := tempDir()
	defer remove()
	l, err := shardlog.Open(dir, shardlog.Options{Durability: shardlog.Interval}) // acknowledged when in the file, synced every 100 ms
	if err != nil {
		log.Fatal(err)
	}
	st, err := l.Create(shardlog.Spec{Name: "s", Shards: 2, Retention: 7 * 24 * time.Hour})
	if err != nil {
		log.Fatal(err)
	}
	highest := shardlog.MaxHashKey
	results, err := st.Append(context.Background(), []shardlog.Put{
		{Key: "ann", Data: []byte("by its key")},
		{Key: "ann", Data: []byte("in spite of it"), Hash: &highest},
	})
	if err != nil {
		log.Fatal(err)
	}
	for _, r := range results {
		fmt.Println(r.Shard, r.Seq.Index)
	}
	_, err = st.Append(context.Background(), []shardlog.Put{{Key: "ann", Data: make([]byte, 2<<20)}})
	fmt.Println(errors.Is(err, shardlog.ErrRecordTooBig))
	if err := l.Close(); err != nil {
		log.Fatal(err)
	}
	// Output:
	// shardId-000000000000 1
	// shardId-000000000001 1
	// true
}

// A rescale gives every open shard an equal part of the hash keys. What it opens has the parents that a reader must
// drain first.
func ExampleStream_Scale() {
	dir, remove := tempDir()
	defer remove()
	l, err := shardlog.Open(dir, shardlog.Options{})
	if err != nil {
		log.Fatal(err)
	}
	st, err := l.Create(shardlog.Spec{Name: "s", Shards: 2})
	if err != nil {
		log.Fatal(err)
	}
	if err := st.Scale(3); err != nil {
		log.Fatal(err)
	}
	for _, s := range st.Shards() {
		state := "open"
		if s.Closed() {
			state = "closed"
		}
		fmt.Println(int(s.ID), state, int(s.Parent), int(s.AdjacentParent))
	}
	fmt.Println(errors.Is(st.Scale(7), shardlog.ErrLimit)) // at most double
	if err := l.Close(); err != nil {
		log.Fatal(err)
	}
	// Output:
	// 0 closed -1 -1
	// 1 closed -1 -1
	// 2 open 0 -1
	// 3 closed 0 -1
	// 4 closed 1 -1
	// 5 open 1 -1
	// 6 open 3 4
	// true
}
