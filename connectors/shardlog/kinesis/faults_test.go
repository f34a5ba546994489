package kinesis_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/kinesis"

	"github.com/weirstream/weir/connectors/shardlog"
	"github.com/weirstream/weir/connectors/shardlog/kinesis"
)

// Why the server itself failed a request, its owner is told, once a request, and the client is not.
func TestFaultsAreTold(t *testing.T) {
	dir := t.TempDir()
	l, err := shardlog.Open(dir, shardlog.Options{})
	if err != nil {
		t.Fatal(err)
	}
	var mu sync.Mutex
	var told []string
	c := client(serveLog(t, l, kinesis.Config{OnError: func(err error) {
		mu.Lock()
		defer mu.Unlock()
		told = append(told, err.Error())
	}}))
	newStream(t, c, "s", 1)
	// A folder stands where the shard's file is to be made.
	block := filepath.Join(dir, "streams", "s.stream", "000000", fmt.Sprintf("%020d.seg", 1))
	if err := os.MkdirAll(block, 0o755); err != nil {
		t.Fatal(err)
	}
	_, err = c.PutRecord(t.Context(), &sdk.PutRecordInput{StreamName: aws.String("s"), Data: []byte("x"), PartitionKey: aws.String("k")})
	wantCode(t, err, "InternalFailure", "")
	if strings.Contains(err.Error(), dir) {
		t.Errorf("the client was told %v", err)
	}
	out := must[*sdk.PutRecordsOutput](t)(c.PutRecords(t.Context(), &sdk.PutRecordsInput{StreamName: aws.String("s"), Records: batchOf(3)}))
	if *out.FailedRecordCount != 3 || *out.Records[2].ErrorCode != "InternalFailure" {
		t.Errorf("%+v", out)
	}
	_, err = c.PutRecord(t.Context(), &sdk.PutRecordInput{StreamName: aws.String("none"), Data: []byte("x"), PartitionKey: aws.String("k")})
	wantCode(t, err, "ResourceNotFoundException", "")
	mu.Lock()
	defer mu.Unlock()
	if len(told) != 2 || !strings.HasPrefix(told[0], "PutRecord: ") || !strings.HasPrefix(told[1], "PutRecords: ") || !strings.Contains(told[0], filepath.Base(block)) {
		t.Errorf("told %q", told)
	}
}
