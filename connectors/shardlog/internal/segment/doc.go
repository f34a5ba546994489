// Package segment stores the records of one shard as a folder of append-only files.
//
// A Store is opened with Open, which cuts a torn tail and refuses damage. One
// goroutine at a time may Write and Sync; any number may ReadFrames below the
// offset that the writer has published. Records are grouped into frames (see
// AppendFrame): a frame has its own checksums, one arrival time, and consecutive
// offsets, so that readers skip through a file without looking at the records.
// Frames that were written and synced together are a group. Each frame tells how
// far into its group it is, hence which offsets were durable before it was written:
// recovery uses that to tell a torn write (cut) from damage (refused).
//
// Layout on disk, all numbers little-endian:
//
//	00000000000000000001.seg   file header, then frames; named by its first offset
//	file header (32 bytes)     magic "WEIRSEG1" | first offset u64 | identity u64 | 0 u32 | crc32c u32
//	frame header (36 bytes)    crc32c of the rest u32 | body length u32 | first offset u64 | records u32 |
//	                           crc32c of the body u32 | arrival unix ms i64 | records before it in its group u32
//	frame body                 records x (key length uvarint | data length uvarint | key | data)
package segment
