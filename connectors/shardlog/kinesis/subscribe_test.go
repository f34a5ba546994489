package kinesis

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws/protocol/eventstream"

	"github.com/weirstream/weir/connectors/shardlog"
)

// eventsOf reads a stream of events: what each is, and what it holds.
func eventsOf(t *testing.T, b []byte) (kinds []string, payloads []string) {
	t.Helper()
	for in := bytes.NewReader(b); in.Len() > 0; {
		m, err := eventstream.NewDecoder().Decode(in, nil)
		if err != nil {
			t.Fatal(err)
		}
		kind := m.Headers.Get(":event-type")
		if m.Headers.Get(":message-type").String() == "exception" {
			kind = m.Headers.Get(":exception-type")
		}
		kinds, payloads = append(kinds, kind.String()), append(payloads, string(m.Payload))
	}
	return kinds, payloads
}

// subscribed is a server with a stream s of one shard and a consumer, and a request to subscribe to it.
func subscribed(t *testing.T, config Config) (*Server, *shardlog.Stream, []byte) {
	t.Helper()
	l, err := shardlog.Open(t.TempDir(), shardlog.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := l.Close(); err != nil {
			t.Error(err)
		}
	})
	s, err := New(l, config)
	if err != nil {
		t.Fatal(err)
	}
	st, err := l.Create(shardlog.Spec{Name: "s"})
	if err != nil {
		t.Fatal(err)
	}
	w := post(s, jsonType, "RegisterStreamConsumer", []byte(`{"StreamARN":"arn:aws:kinesis:eu-west-1:123456789012:stream/s","ConsumerName":"c"}`))
	var out struct{ Consumer struct{ ConsumerARN string } }
	if err := json.Unmarshal(w.Body.Bytes(), &out); err != nil {
		t.Fatal(err)
	}
	return s, st, []byte(`{"ConsumerARN":"` + out.Consumer.ConsumerARN + `","ShardId":"0","StartingPosition":{"Type":"TRIM_HORIZON"}}`)
}

// A quiet subscription says that it lives, where to go on, and ends after its life without an error.
func TestQuietSubscription(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, _, request := subscribed(t, Config{SubscriptionLife: time.Minute - time.Second})
		kinds, payloads := eventsOf(t, post(s, jsonType, "SubscribeToShard", request).Body.Bytes())
		if len(kinds) != 12 || kinds[0] != "initial-response" || payloads[0] != "{}" { // and one every five seconds
			t.Fatalf("%q %q", kinds, payloads)
		}
		for i := 1; i < len(kinds); i++ {
			if kinds[i] != "SubscribeToShardEvent" || !strings.Contains(payloads[i], `{"Records":[],"ContinuationSequenceNumber":"49`) || !strings.HasSuffix(payloads[i], `"MillisBehindLatest":0}`) {
				t.Errorf("event %d: %s %s", i, kinds[i], payloads[i])
			}
		}
	})
}

// The news that the stream was deleted comes as an exception in the stream of events.
func TestSubscriptionToADeletedStream(t *testing.T) {
	s, st, request := subscribed(t, Config{})
	s.fanout.idle = time.Millisecond
	done := make(chan *bytes.Buffer)
	go func() { done <- post(s, jsonType, "SubscribeToShard", request).Body }()
	for s.metrics.subscriptions.Load() == 0 {
		time.Sleep(time.Millisecond)
	}
	if err := st.Delete(true); err != nil {
		t.Fatal(err)
	}
	kinds, payloads := eventsOf(t, (<-done).Bytes())
	if last := len(kinds) - 1; kinds[0] != "initial-response" || kinds[last] != "ResourceNotFoundException" || !strings.Contains(payloads[last], "Stream s under account 123456789012 not found.") {
		t.Errorf("%q, at last %s", kinds, payloads[last])
	}
}

// Under emulated limits a consumer subscribes to a shard once a second.
func TestSubscriptionsASecond(t *testing.T) {
	now := time.Now()
	s, _, request := subscribed(t, Config{EmulateLimits: true, SubscriptionLife: time.Millisecond, Now: func() time.Time { return now }})
	post(s, jsonType, "SubscribeToShard", request)
	if w := post(s, jsonType, "SubscribeToShard", request); w.Code != 400 || w.Header().Get("X-Amzn-Errortype") != limitExceeded {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	now = now.Add(time.Second)
	if w := post(s, jsonType, "SubscribeToShard", request); w.Code != 200 {
		t.Errorf("a second later: %d %s", w.Code, w.Body)
	}
}
