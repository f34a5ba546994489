package kinesis_test

import (
	"context"
	"fmt"
	"log"
	"net"
	"os"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/kinesis"

	"github.com/weirstream/weir/connectors/shardlog"
	"github.com/weirstream/weir/connectors/shardlog/kinesis"
)

// A program that keeps a log and lets AWS clients at it.
func ExampleServer_Serve() {
	dir, err := os.MkdirTemp("", "shardlog")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	l, err := shardlog.Open(dir, shardlog.Options{})
	if err != nil {
		log.Fatal(err)
	}
	st, err := l.Create(shardlog.Spec{Name: "orders"})
	if err != nil {
		log.Fatal(err)
	}
	server, err := kinesis.New(l, kinesis.Config{Credentials: map[string]string{"AKID": "secret"}})
	if err != nil {
		log.Fatal(err)
	}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	served := make(chan error, 1)
	go func() { served <- server.Serve(ctx, ln, 10*time.Second) }()

	client := sdk.New(sdk.Options{
		Region: "eu-west-1", BaseEndpoint: aws.String("http://" + ln.Addr().String()),
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "AKID", SecretAccessKey: "secret"}, nil
		}),
	})
	put, err := client.PutRecord(ctx, &sdk.PutRecordInput{StreamName: aws.String("orders"), PartitionKey: aws.String("ann"), Data: []byte("tea")})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(*put.ShardId)

	var batch shardlog.Batch // the program itself needs no client
	if err := st.Read(0, 0, shardlog.Limits{}, &batch); err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%s: %s\n", batch.Records[0].Key, batch.Records[0].Data)
	stop()
	if err := <-served; err != nil {
		log.Fatal(err)
	}
	if err := l.Close(); err != nil {
		log.Fatal(err)
	}
	// Output:
	// shardId-000000000000
	// ann: tea
}
