package kpl_test

import (
	"fmt"

	"github.com/weirstream/weir/connectors/shardlog/kpl"
)

// A reader unpacks every record that it gets: plain ones are told from packed ones.
func ExampleDeaggregate() {
	packed := kpl.Aggregate([]kpl.Record{{Key: "ann", Data: []byte("tea")}, {Key: "bob", Data: []byte("coffee")}})
	for _, data := range [][]byte{packed, []byte("water")} {
		records, ok := kpl.Deaggregate(nil, data)
		if !ok {
			fmt.Printf("plain: %s\n", data)
		}
		for i, r := range records {
			fmt.Printf("%d %s: %s\n", i, r.Key, r.Data)
		}
	}
	// Output:
	// 0 ann: tea
	// 1 bob: coffee
	// plain: water
}
