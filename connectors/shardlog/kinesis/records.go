package kinesis

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"
	"unsafe"

	"github.com/weirstream/weir/connectors/shardlog"
	"github.com/weirstream/weir/connectors/shardlog/kinesis/wire"
)

const (
	maxPutBytes = 10 << 20 // of one PutRecords, keys included
	maxGetBytes = 10 << 20 // of one GetRecords
	maxGet      = 10_000
)

func recordActions() map[string]action {
	return map[string]action{
		"PutRecord": {run: putRecord, fields: byStream(
			blob("Data").atMost(10485760).req(), text("PartitionKey").from(1, 256), text("ExplicitHashKey").matching(hashKeyPattern),
			text("SequenceNumberForOrdering").matching(sequencePattern), boolean("DryRun"))},
		"PutRecords": {run: putRecords, fields: byStream(
			list("Records", putEntry()).from(1, 500).req().shownAs("com.amazonaws.kinesis.v20131202.PutRecordsRequestEntry@c965e310"), boolean("DryRun"))},
	}
}

// route fills in how a record finds its shard. The stream's strategy may be to spread them.
func (c *call) route(p *shardlog.Put, info *shardlog.Info, hash *wire.Value) error {
	if info.Distribution == "AUTO" && info.Mode == shardlog.OnDemand {
		p.Hash = &shardlog.HashKey{Hi: rand.Uint64(), Lo: rand.Uint64()}
		return nil
	}
	if p.Key == "" {
		return clientError(validation, "1 validation error detected: Value null at 'partitionKey' failed to satisfy constraint: Member must not be null")
	}
	if hash.Kind == wire.Null {
		return nil
	}
	k, err := shardlog.ParseHashKey(string(hash.Text))
	if err != nil {
		return clientError(invalidArgument, "Invalid ExplicitHashKey. ExplicitHashKey must be in the range: [0, 2^128-1]. Specified value was %s", hash.Text)
	}
	p.Hash = &k
	return nil
}

// borrow is a text without a copy: the log copies what it appends before the body is used again.
func borrow(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }

func putRecord(c *call) error {
	st, err := c.usable()
	if err != nil {
		return err
	}
	info := st.Info()
	p := shardlog.Put{Key: borrow(c.in.Get("PartitionKey").Text), Data: c.in.Get("Data").Text}
	if err := c.route(&p, &info, c.in.Get("ExplicitHashKey")); err != nil {
		return err
	}
	if limit := info.MaxRecordKiB << 10; len(p.Key)+len(p.Data) > limit {
		return tooBig("data", limit)
	}
	if err := c.checkOrdering(st); err != nil {
		return err
	}
	if c.in.Get("DryRun").True() {
		return wouldSucceed()
	}
	r, err := c.append(st, []shardlog.Put{p})
	if err != nil {
		return err
	}
	if err := r[0].Err; err != nil {
		return err
	}
	e := c.out
	e.BeginMap()
	e.Key("ShardId")
	e.String(r[0].Shard.String())
	e.Key("SequenceNumber")
	e.String(r[0].Seq.String())
	writeEncryption(e, info)
	e.EndMap()
	return nil
}

func tooBig(path string, limit int) *APIError {
	return clientError(validation, "1 validation error detected: Value at '%s' failed to satisfy constraint: Member must have length less than or equal to %d", path, limit)
}

func wouldSucceed() *APIError {
	return clientError(dryRun, "Request would have succeeded, but DryRun flag is set.")
}

func writeEncryption(e *wire.Encoder, info shardlog.Info) {
	if info.Encryption != "" {
		e.Key("EncryptionType")
		e.String(info.Encryption)
	}
}

// checkOrdering refuses a SequenceNumberForOrdering that cannot be one. A sound one asks for
// nothing: the log keeps the order of calls that follow each other.
func (c *call) checkOrdering(st *shardlog.Stream) error {
	text := get(&c.in, "SequenceNumberForOrdering")
	if text == "" {
		return nil
	}
	n, err := shardlog.ParseSequenceNumber(text)
	future := err == nil && int64(n.Time) > c.srv.config.Now().Unix()+1
	if (err == nil && !future) || errors.Is(err, shardlog.ErrForeignSequence) {
		return nil
	}
	return clientError(invalidArgument, "ExclusiveMinimumSequenceNumber %s used in PutRecord on stream %s under account %s is invalid.", text, st.Name(), c.account)
}

// append writes records, after the emulated limits have had their say. Errors of single records
// are in the results; what the records they belong to cannot help is returned.
func (c *call) append(st *shardlog.Stream, puts []shardlog.Put) ([]shardlog.Appended, error) {
	if c.srv.limits.enabled {
		return c.appendLimited(st, puts)
	}
	results, err := st.Append(c.r.Context(), puts)
	if results == nil && err != nil {
		if errors.Is(err, shardlog.ErrNotActive) || errors.Is(err, shardlog.ErrNotFound) {
			return nil, c.noStream(st.Name())
		}
		return nil, err
	}
	return results, nil
}

// appendLimited drops the records that their shard would not take now.
func (c *call) appendLimited(st *shardlog.Stream, puts []shardlog.Put) ([]shardlog.Appended, error) {
	results := make([]shardlog.Appended, len(puts))
	var allowed []shardlog.Put
	var places []int
	for i, p := range puts {
		id := st.Route(p)
		if !c.srv.limits.write(st.Name(), id.String(), len(p.Key)+len(p.Data)) {
			results[i] = shardlog.Appended{Shard: id, Err: throttled(id.String(), st.Name(), c.account)}
			continue
		}
		allowed, places = append(allowed, p), append(places, i)
	}
	if len(allowed) == 0 {
		return results, nil
	}
	done, err := st.Append(c.r.Context(), allowed)
	if done == nil {
		return nil, err
	}
	for i, r := range done {
		results[places[i]] = r
	}
	return results, nil
}

func putRecords(c *call) error {
	st, err := c.usable()
	if err != nil {
		return err
	}
	info := st.Info()
	puts, err := c.entries(&info)
	if err != nil {
		return err
	}
	if c.in.Get("DryRun").True() {
		return wouldSucceed()
	}
	results, err := c.append(st, puts)
	if err != nil {
		return err
	}
	failed, told := 0, false
	e := c.out
	e.BeginMap()
	e.Key("Records")
	e.BeginList()
	for i := range results {
		if err := results[i].Err; err != nil {
			if failed++; !told && asAPIError(err).Type != throughputExceeded {
				c.tell(err)
				told = true
			}
		}
		writeResult(e, &results[i])
	}
	e.EndList()
	e.Key("FailedRecordCount")
	e.Int(int64(failed))
	writeEncryption(e, info)
	e.EndMap()
	return nil
}

// entries reads the records of a PutRecords.
func (c *call) entries(info *shardlog.Info) ([]shardlog.Put, error) {
	items := c.in.Get("Records").Items
	puts, total, limit := (*c.puts)[:0], 0, info.MaxRecordKiB<<10
	for i := range items {
		p := shardlog.Put{Key: borrow(items[i].Get("PartitionKey").Text), Data: items[i].Get("Data").Text}
		if err := c.route(&p, info, items[i].Get("ExplicitHashKey")); err != nil {
			return nil, err
		}
		size := len(p.Key) + len(p.Data)
		if size > limit {
			return nil, tooBig(fmt.Sprintf("records.%d.member.data", i+1), limit)
		}
		total += size
		puts = append(puts, p)
	}
	*c.puts = puts
	if total > maxPutBytes {
		return nil, clientError(invalidArgument, "Records size exceeds 10 MB limit")
	}
	return puts, nil
}

func writeResult(e *wire.Encoder, r *shardlog.Appended) {
	e.BeginMap()
	if r.Err != nil {
		api := asAPIError(r.Err)
		if api.Type != throughputExceeded {
			api = &APIError{Type: internalFailure, Message: "Internal service failure."}
		}
		e.Key("ErrorCode")
		e.String(api.Type)
		e.Key("ErrorMessage")
		e.String(api.Message)
	} else {
		var digits [64]byte
		e.Key("SequenceNumber")
		e.Text(r.Seq.Append(digits[:0]))
		e.Key("ShardId")
		e.String(r.Shard.String())
	}
	e.EndMap()
}

// writeRecords writes a list of records and returns the bytes of keys and data.
func writeRecords(e *wire.Encoder, records []shardlog.Record, info shardlog.Info) int {
	const around = 260 // bytes of JSON around a record's key and data
	var digits [64]byte
	bytes := 0
	for i := range records {
		bytes += around + 2*len(records[i].Key) + len(records[i].Data)*4/3
	}
	e.Buf = slices.Grow(e.Buf, bytes)
	bytes = 0
	e.Key("Records")
	e.BeginList()
	for i := range records {
		r := &records[i]
		bytes += len(r.Key) + len(r.Data)
		e.BeginMap()
		e.Key("SequenceNumber")
		e.Text(r.Seq.Append(digits[:0]))
		e.Key("ApproximateArrivalTimestamp")
		e.Time(r.Arrived)
		e.Key("Data")
		e.Blob(r.Data)
		if len(r.Key) > 0 {
			e.Key("PartitionKey")
			e.Text(r.Key)
		}
		writeEncryption(e, info)
		e.EndMap()
	}
	e.EndList()
	return bytes
}

func (c *call) now() time.Time { return c.srv.config.Now() }
