package stream

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"
)

// hurried is a clock that nobody has to wait for.
type hurried struct{}

func (hurried) Now() time.Time { return time.Now() }

func (hurried) After(time.Duration) <-chan time.Time {
	c := make(chan time.Time, 1)
	c <- time.Now()
	return c
}

// TestFaultyStore writes records again that a store at fault has refused, each or all of them, and tells of it; unless the job is to fail.
func TestFaultyStore(t *testing.T) {
	const refused = `{"FailedRecordCount":1,"Records":[{"SequenceNumber":"1","ShardId":"s"},{"ErrorCode":"InternalFailure","ErrorMessage":"boom"}]}`
	const stored = `{"FailedRecordCount":0,"Records":[{"SequenceNumber":"2","ShardId":"s"}]}`
	answers := []string{"", refused, "", stored}
	calls := 0
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/x-amz-json-1.1")
		body := answers[calls]
		if calls++; body == "" {
			w.WriteHeader(http.StatusInternalServerError)
			body = `{"__type":"InternalFailure","message":"boom"}`
		}
		fmt.Fprint(w, body)
	}))
	defer server.Close()
	r := &remote{
		client: kinesis.New(kinesis.Options{
			BaseEndpoint: &server.URL, Region: "eu-west-1", Retryer: aws.NopRetryer{}, Credentials: credentials.NewStaticCredentialsProvider("a", "b", ""),
		}),
		remoteOptions: remoteOptions{name: aws.String("orders"), perPut: 10, bytesPut: 1 << 20, inFlight: 1},
		clock:         hurried{},
	}
	c := &chunk{}
	for range 2 {
		c.data, c.keys = append(c.data, "row"...), append(c.keys, "key"...)
		c.add()
	}
	var told []string
	retrying := func(n int, cause error) {
		if !strings.Contains(cause.Error(), "InternalFailure: boom") {
			t.Errorf("the cause is %v", cause)
		}
		told = append(told, fmt.Sprint(n))
	}
	if err := r.put(t.Context(), c, retrying); err != nil || strings.Join(told, " ") != "2 1 1" || calls != 4 {
		t.Errorf("%v after %d calls; told of %v", err, calls, told)
	}
	r.failAtOnce, calls = true, 0
	if err := r.put(t.Context(), c, retrying); err == nil || calls != 1 {
		t.Errorf("%v after %d calls, for a job that is to fail", err, calls)
	}
}
