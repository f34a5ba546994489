package kinesis

import (
	"bytes"
	"encoding/hex"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws/protocol/eventstream"

	"github.com/weirstream/weir/connectors/shardlog"
	"github.com/weirstream/weir/connectors/shardlog/kinesis/wire"
)

// FuzzRequest gives every action any body. Whatever comes is answered in the request's encoding: with a result,
// or with an error that is the client's fault.
func FuzzRequest(f *testing.F) {
	names := slices.Sorted(maps.Keys(actions()))
	add := func(action string, cbor bool, body []byte) {
		f.Add(uint8(slices.Index(names, action)), cbor, body)
	}
	for _, c := range recordedCalls {
		b, err := hex.DecodeString(c.request)
		if err != nil {
			f.Fatal(err)
		}
		add(c.action, true, b)
	}
	for action, body := range map[string]string{
		"CreateStream": `{"StreamName":"s","ShardCount":2}`, "PutRecords": `{"StreamName":"s","Records":[{"Data":"YQ==","PartitionKey":"k"},{"Data":"","PartitionKey":"\u00e9","ExplicitHashKey":"7"}]}`,
		"SplitShard": `{"StreamName":"s","ShardToSplit":"0","NewStartingHashKey":"99"}`, "UpdateShardCount": `{"StreamName":"s","TargetShardCount":4,"ScalingType":"UNIFORM_SCALING"}`,
		"GetShardIterator": `{"StreamName":"s","ShardId":"0","ShardIteratorType":"AT_TIMESTAMP","Timestamp":1795427999.125}`, "ListShards": `{"StreamName":"s","ShardFilter":{"Type":"AT_LATEST"}}`,
		"SubscribeToShard": `{"ConsumerARN":"arn:aws:kinesis:eu-west-1:123456789012:stream/s/consumer/c:1795428000","ShardId":"0","StartingPosition":{"Type":"TRIM_HORIZON"}}`,
		"CreateChannel":    `{"ChannelName":"n","ServiceExecutionRoleARN":"r","StreamConfigurationList":[{"StreamARN":"arn:aws:kinesis:eu-west-1:123456789012:stream/s","RecordConfiguration":{"RecordFormatType":"JSON"}}],"S3DestinationConfiguration":{"StorageConfiguration":{"BucketARN":"b","CompressionType":"NONE","ExpectedBucketOwner":"o"}}}`,
		"UpdateChannel":    `{"ChannelARN":"arn:aws:kinesis:eu-west-1:123456789012:channel/x","LoggingConfiguration":{"CloudWatchLogs":{"Enabled":true}}}`,
		"TagResource":      `{"ResourceARN":"arn:aws:kinesis:eu-west-1:123456789012:stream/s","Tags":{"a":"b"}}`,
	} {
		add(action, false, []byte(body))
	}
	l, err := shardlog.Open(f.TempDir(), shardlog.Options{Clock: stoppedClock{}, Durability: shardlog.None})
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() {
		if err := l.Close(); err != nil {
			f.Error(err)
		}
	})
	s, err := New(l, Config{Now: stoppedClock{}.Now, SubscriptionLife: time.Millisecond})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, action uint8, cbor bool, body []byte) {
		prepare(t, l)
		name, kind, parse := names[int(action)%len(names)], jsonType, wire.ParseJSON
		if cbor {
			kind, parse = cborType, wire.ParseCBOR
		}
		w := post(s, kind, name, body)
		if w.Header().Get("Content-Type") == "application/vnd.amazon.eventstream" {
			checkEvents(t, w.Body.Bytes())
			return
		}
		if w.Code != http.StatusOK && w.Code != http.StatusBadRequest {
			t.Fatalf("%s: %d %s", name, w.Code, w.Body)
		}
		if w.Body.Len() == 0 && w.Code == http.StatusOK {
			return
		}
		out, err := parse(w.Body.Bytes())
		if err != nil || (w.Code != http.StatusOK) != has(&out, "__type") {
			t.Fatalf("%s: %d %q, %v", name, w.Code, w.Body, err)
		}
	})
}

// prepare makes sure of a stream s with a consumer c, and that there are not too many others.
func prepare(t *testing.T, l *shardlog.Log) {
	t.Helper()
	names := l.Streams()
	open := 0
	for _, name := range names {
		if st, err := l.Stream(name); err == nil {
			open += st.Info().OpenShards
		}
	}
	if open > 500 {
		for _, name := range names {
			st, err := l.Stream(name)
			if err != nil {
				t.Fatal(err)
			}
			for _, c := range st.Channels() {
				if err := st.RemoveChannel(c.ID); err != nil {
					t.Fatal(err)
				}
			}
			if err := st.Delete(true); err != nil {
				t.Fatal(err)
			}
		}
	}
	if _, err := l.Stream("s"); err == nil {
		return
	}
	st, err := l.Create(shardlog.Spec{Name: "s", Mode: shardlog.OnDemand})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := st.Register("c", nil); err != nil {
		t.Fatal(err)
	}
}

// checkEvents reads a stream of events with the SDK's own decoder.
func checkEvents(t *testing.T, b []byte) {
	t.Helper()
	for in, first := bytes.NewReader(b), true; in.Len() > 0; first = false {
		m, err := eventstream.NewDecoder().Decode(in, nil)
		if err != nil {
			t.Fatal(err)
		}
		kind := m.Headers.Get(":event-type")
		if first && (kind == nil || kind.String() != "initial-response") {
			t.Fatalf("the first event is %v", m.Headers)
		}
	}
}

// What appendEvent writes, the SDK's decoder reads.
func FuzzAppendEvent(f *testing.F) {
	f.Add(":message-type", "event", []byte("{}"))
	f.Add("x", "", []byte{})
	f.Fuzz(func(t *testing.T, name, value string, payload []byte) {
		if len(name) == 0 || len(name) > 255 || len(value) > 1<<15-1 {
			return // the server's own names and values are shorter
		}
		b := appendEvent([]byte("before"), []header{{name, value}, {":content-type", jsonType}}, payload)
		m, err := eventstream.NewDecoder().Decode(strings.NewReader(string(b[len("before"):])), nil)
		if err != nil {
			t.Fatal(err)
		}
		if got := m.Headers.Get(name); name != ":content-type" && (got == nil || got.String() != value) || !bytes.Equal(m.Payload, payload) {
			t.Fatalf("got %v and %q", m.Headers, m.Payload)
		}
	})
}

// The frames as the SDK for Java read them: the event that must come first, and one with two records.
func TestRecordedEvents(t *testing.T) {
	const want = "0000007200000060ab820d9e0d3a6d6573736167652d747970650700056576656e740b3a6576656e742d74797065070010696e697469616c2d726573706f6e73650d3a636f6e74656e742d7479706507001a6170706c69636174696f6e2f782d616d7a2d6a736f6e2d312e317b7de16e66e40000023000000065b41353330d3a6d6573736167652d747970650700056576656e740b3a6576656e742d74797065070015537562736372696265546f53686172644576656e740d3a636f6e74656e742d7479706507001a6170706c69636174696f6e2f782d616d7a2d6a736f6e2d312e317b225265636f726473223a5b7b2253657175656e63654e756d626572223a223439363830343837343235333133333632353031373939323833393334323030323934393633343331343839373137363231373531383130222c22417070726f78696d6174654172726976616c54696d657374616d70223a313739353432383030302e3235302c2244617461223a224150392f222c22506172746974696f6e4b6579223a226b227d2c7b2253657175656e63654e756d626572223a223439363830343837343235333133333632353031373939323833393334323031353033383839323531313034333436373936343537393836222c22417070726f78696d6174654172726976616c54696d657374616d70223a313739353432383030302e3235302c2244617461223a226232356c222c22506172746974696f6e4b6579223a22d0bad0bbd18ed187227d5d2c22436f6e74696e756174696f6e53657175656e63654e756d626572223a223439363830343837343235333133333632353031373939323833393334323031353033383839323531313034333436373936343537393836222c224d696c6c6973426568696e644c6174657374223a307d65c22eb0"
	synctest.Test(t, func(t *testing.T) {
		s := recordedServer(t)
		s.config.SubscriptionLife = time.Second
		for _, c := range recordedCalls {
			if c.action == "CreateStream" || c.action == "PutRecord" || c.action == "PutRecords" || c.action == "RegisterStreamConsumer" {
				b, err := hex.DecodeString(c.request)
				if err != nil {
					t.Fatal(err)
				}
				post(s, cborType, c.action, b)
			}
		}
		w := post(s, jsonType, "SubscribeToShard", []byte(`{"ConsumerARN":"arn:aws:kinesis:eu-west-1:123456789012:stream/s/consumer/c:1795428000","ShardId":"shardId-000000000000","StartingPosition":{"Type":"AT_TIMESTAMP","Timestamp":1795427999.000}}`))
		if got := hex.EncodeToString(w.Body.Bytes()); got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
		checkEvents(t, w.Body.Bytes())
	})
}
