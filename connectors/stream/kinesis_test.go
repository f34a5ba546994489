package stream_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/weirstream/weir"
	"github.com/weirstream/weir/connectors/shardlog"
	"github.com/weirstream/weir/connectors/shardlog/kinesis"
)

const arn = "arn:aws:kinesis:eu-west-1:123456789012:stream/orders"

// serve serves the bench's log and gives the WITH options of an endpoint.
func (b *bench) serve() (addr string) {
	b.t.Helper()
	s, err := kinesis.New(b.log, kinesis.Config{Credentials: map[string]string{"123456789012": "secret"}})
	if err != nil {
		b.t.Fatal(err)
	}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error)
	go func() { done <- s.Serve(ctx, ln, 10*time.Second) }()
	b.t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			b.t.Error(err)
		}
	})
	return "http://" + ln.Addr().String()
}

const keysOption = "'aws.credentials.basic.accesskeyid' = '123456789012', 'aws.credentials.basic.secretkey' = 'secret'"

// transports are the ways to a stream behind an endpoint.
func transports(addr string) map[string]string {
	fast := ", 'scan.shard.getrecords.intervalmillis' = '1'"
	efo := "'connector' = 'kinesis', 'stream.arn' = '" + arn + "', 'aws.endpoint' = '" + addr + "', 'source.init.position' = 'TRIM_HORIZON', 'source.shard.discovery.interval' = '1 ms', 'source.reader.type' = 'EFO', 'source.efo.consumer.name' = 'weir'"
	return map[string]string{
		"shardlog":      "'connector' = 'shardlog', 'stream' = 'orders', 'endpoint' = '" + addr + "', 'source.shard.discovery.interval' = '1 ms'",
		"version 5":     "'connector' = 'kinesis', 'stream.arn' = '" + arn + "', 'aws.region' = 'eu-west-1', 'aws.endpoint' = '" + addr + "', 'source.init.position' = 'TRIM_HORIZON', 'source.shard.discovery.interval' = '1 ms'" + fast,
		"version 4":     "'connector' = 'kinesis', 'stream' = 'orders', 'aws.endpoint' = '" + addr + "', 'scan.stream.initpos' = 'TRIM_HORIZON', 'scan.shard.discovery.intervalmillis' = '1', 'scan.list.shards.maxretries' = '3'" + fast,
		"fan-out":       efo,
		"version 4 efo": "'connector' = 'kinesis', 'stream' = 'orders', 'aws.region' = 'eu-west-1', 'aws.endpoint' = '" + addr + "', 'scan.stream.initpos' = 'TRIM_HORIZON', 'scan.shard.discovery.intervalmillis' = '1', 'scan.stream.recordpublisher' = 'EFO', 'scan.stream.efo.consumername' = 'old'",
	}
}

func TestEndpointsReadAndWrite(t *testing.T) {
	for name := range transports("") {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t, weir.WithParallelism(2))
			st := b.stream(2)
			with := transports(b.serve())[name] + ", 'format' = 'json', " + keysOption
			if strings.Contains(with, "'kinesis'") {
				with += ", 'sink.flush-buffer.timeout' = '1'"
			}
			b.run("CREATE TABLE t (id BIGINT, item STRING, k STRING METADATA FROM 'partition-key' VIRTUAL, shard STRING METADATA FROM 'shard-id' VIRTUAL) PARTITIONED BY (item) WITH (" + with + ")")
			b.run("CREATE TABLE all_of_it (id BIGINT, item STRING, k STRING METADATA FROM 'partition-key' VIRTUAL) WITH (" + with + ", " + bounded + ")")
			b.run("CREATE TABLE numbers (n BIGINT) WITH ('connector' = 'datagen', 'number-of-rows' = '1200', 'rows-per-second' = '0', 'fields.n.kind' = 'sequence', 'fields.n.start' = '1', 'fields.n.end' = '1200')")
			b.run("INSERT INTO t SELECT n, CAST(MOD(n, 7) AS STRING) FROM numbers")
			got := b.rows("SELECT id, k FROM all_of_it")
			if len(got) != 1200 || !slices.Contains(got, "+I[1199, 2]") {
				t.Errorf("%d rows", len(got))
			}
			b.reshardAndFollow(st)
			if n := len(st.Consumers()); n != 0 {
				t.Errorf("%d consumers are left behind", n)
			}
		})
	}
}

// reshardAndFollow reads the table t while the stream is resharded and written: all rows come once.
func (b *bench) reshardAndFollow(st *shardlog.Stream) {
	b.t.Helper()
	const keys, rounds = 10, 30
	got := b.follow("SELECT item, id - 10000 FROM t WHERE id >= 10000", func() {
		for n := range rounds {
			var puts []shardlog.Put
			for k := range keys {
				puts = append(puts, shardlog.Put{Key: fmt.Sprint(k), Data: fmt.Appendf(nil, `{"id":%d,"item":"%d"}`, 10000+n, k)})
			}
			if _, err := st.Append(b.t.Context(), puts); err != nil {
				b.t.Error(err)
			}
			if scale := map[int]int{10: 3, 20: 2}[n]; scale > 0 {
				if err := st.Scale(scale); err != nil {
					b.t.Error(err)
				}
			}
		}
	}, keys*rounds)
	eachOnce(b.t, got, true)
}

// putter answers PutRecords: it refuses every third record that it sees for the first time, and
// throttles the second call.
type putter struct {
	mu      sync.Mutex
	calls   int
	seen    int
	refused map[string]bool // not stored yet
	stored  []string
	faults  []string
}

func (p *putter) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	defer p.mu.Unlock()
	w.Header().Set("Content-Type", "application/x-amz-json-1.1")
	if p.calls++; p.calls == 2 {
		w.WriteHeader(http.StatusBadRequest)
		fmt.Fprint(w, `{"__type":"ProvisionedThroughputExceededException","message":"slow down"}`)
		return
	}
	var in struct{ Records []struct{ Data []byte } }
	if err := json.NewDecoder(r.Body).Decode(&in); err != nil {
		p.faults = append(p.faults, err.Error())
	}
	var out struct {
		FailedRecordCount int
		Records           []map[string]string
	}
	again := 0
	for _, rec := range in.Records {
		data := string(rec.Data)
		if p.refused[data] {
			again++
		} else if p.seen++; p.seen%3 == 0 {
			p.refused[data] = true
			out.FailedRecordCount++
			out.Records = append(out.Records, map[string]string{"ErrorCode": "ProvisionedThroughputExceededException", "ErrorMessage": "slow down"})
			continue
		}
		delete(p.refused, data)
		p.stored = append(p.stored, data)
		out.Records = append(out.Records, map[string]string{"SequenceNumber": "1", "ShardId": "shardId-000000000000"})
	}
	if again > 0 && again < len(in.Records) {
		p.faults = append(p.faults, fmt.Sprintf("%d of %d records were sent again", again, len(in.Records)))
	}
	if err := json.NewEncoder(w).Encode(out); err != nil {
		p.faults = append(p.faults, err.Error())
	}
}

func TestRefusedRecordsAreSentAgain(t *testing.T) {
	p := &putter{refused: map[string]bool{}}
	server := httptest.NewServer(p)
	defer server.Close()
	env, err := weir.NewEnv()
	if err != nil {
		t.Fatal(err)
	}
	b := &bench{t: t, env: env}
	with := "'connector' = 'kinesis', 'stream' = 'orders', 'aws.region' = 'eu-west-1', 'format' = 'raw', 'sink.batch.max-size' = '10', 'sink.requests.max-inflight' = '1', 'sink.flush-buffer.timeout' = '1', " +
		keysOption + ", 'aws.endpoint' = '" + server.URL + "'"
	b.run("CREATE TABLE numbers (n BIGINT) WITH ('connector' = 'datagen', 'number-of-rows' = '40', 'rows-per-second' = '0', 'fields.n.kind' = 'sequence', 'fields.n.start' = '1', 'fields.n.end' = '40')")
	b.run("CREATE TABLE t (line STRING) WITH (" + with + ")")
	b.run("CREATE TABLE strict (line STRING) WITH (" + with + ", 'sink.fail-on-error' = 'true')")
	sent, err := env.ExecuteSQL(t.Context(), "INSERT INTO t SELECT CAST(n AS STRING) FROM numbers")
	if err == nil {
		err = sent.Job().Wait(t.Context())
	}
	if err != nil {
		t.Fatal(err)
	}
	if m := sent.Job().Metrics(); m.Retried() < 13 || len(m.Sinks) != 1 || !strings.Contains(m.Sinks[0].Cause.Error(), "ProvisionedThroughputExceeded") {
		t.Errorf("of records that were sent again the job says %+v", m.Sinks)
	}
	seen := map[string]bool{}
	for _, data := range p.stored {
		seen[data] = true
	}
	if len(p.stored) != 40 || len(seen) != 40 || len(p.faults) > 0 {
		t.Errorf("%d records stored, %d of them different; %q", len(p.stored), len(seen), p.faults)
	}
	res, err := env.ExecuteSQL(t.Context(), "INSERT INTO strict SELECT CAST(n AS STRING) FROM numbers")
	if err == nil {
		err = res.Job().Wait(t.Context())
	}
	if err == nil || !strings.Contains(err.Error(), "ProvisionedThroughputExceeded") {
		t.Errorf("with sink.fail-on-error: %v", err)
	}
}

func TestKinesisOptionsThatAreRefused(t *testing.T) {
	base := "'connector' = 'kinesis', 'format' = 'json'"
	for options, want := range map[string]string{
		"": "'stream.arn': is required",
		", 'stream' = 's', 'stream.arn' = '" + arn + "'":                                                     "older name",
		", 'stream.arn' = 'orders'":                                                                          "not the ARN",
		", 'stream' = 's', 'source.init.position' = 'LATEST', 'scan.stream.initpos' = 'LATEST'":              "older name",
		", 'stream' = 's', 'aws.endpoint' = 'localhost'":                                                     "not an address",
		", 'stream' = 's', 'source.reader.type' = 'EFO'":                                                     "required for enhanced fan-out",
		", 'stream' = 's', 'source.reader.type' = 'PUSH'":                                                    "neither POLLING nor EFO",
		", 'stream' = 's', 'aws.credentials.provider' = 'BASIC'":                                             "is required where",
		", 'stream' = 's', 'aws.credentials.provider' = 'CUSTOM'":                                            "not supported yet",
		", 'stream' = 's', 'aws.credentials.provider' = 'NONE'":                                              "there is no provider",
		", 'stream' = 's', 'source.shard.get-records.max-record-count' = '10001'":                            "from 1 to 10000",
		", 'stream' = 's', 'source.init.timestamp.format' = 'yyyy', 'source.init.position' = 'AT_TIMESTAMP'": "not supported yet",
		", 'stream' = 's', 'sources.init.position' = 'LATEST'":                                               "sources.init.position",
	} {
		env, err := weir.NewEnv()
		if err != nil {
			t.Fatal(err)
		}
		_, err = env.ExecuteSQL(t.Context(), "CREATE TABLE t (x INT) WITH ("+base+options+"); SELECT * FROM t")
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %q", options, err, want)
		}
	}
}

func TestStreamThatIsNotThere(t *testing.T) {
	b := newBench(t)
	with := transports(b.serve())["version 5"] + ", 'format' = 'json', " + keysOption
	b.run("CREATE TABLE t (x INT) WITH (" + with + ")")
	_, err := b.env.ExecuteSQL(t.Context(), "SELECT * FROM t")
	if err == nil || !strings.Contains(err.Error(), "ResourceNotFoundException") {
		t.Errorf("reading: %v", err)
	}
	res, err := b.env.ExecuteSQL(t.Context(), "INSERT INTO t VALUES (1)")
	if err == nil {
		err = res.Job().Wait(t.Context())
	}
	if err == nil || errors.Is(err, context.Canceled) || !strings.Contains(err.Error(), "ResourceNotFoundException") {
		t.Errorf("writing: %v", err)
	}
}
