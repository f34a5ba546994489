package s3

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"strings"
	"sync/atomic"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials"

	"github.com/weirstream/weir/runtime/checkpoint"
	"github.com/weirstream/weir/runtime/plan"
)

// Bucket is a bucket, or what lies below a prefix of its keys. It is a checkpoint.Objects.
type Bucket struct {
	bucket   string
	prefix   string   // "" or with a slash at its end
	endpoint *url.URL // nil: AWS's own
	inPath   bool     // the bucket stands in the path
	region   atomic.Pointer[string]
	keys     aws.CredentialsProvider
	http     aws.HTTPClient
	signer   *v4.Signer
	part     int64         // bytes: what is larger is sent in parts of that size
	pause    time.Duration // before a request is sent again; it doubles
}

// partSize is far below the 5 GiB that one request may carry, and with at most 10,000 parts allows for 2.5 TiB.
const partSize = 256 << 20

// Open gives the bucket of a URL, s3://bucket/prefix. No request is made yet.
func Open(ctx context.Context, place string, o plan.ObjectStore) (*Bucket, error) {
	name, prefix, ok := checkpoint.SplitURL(place)
	if !ok || name == "" {
		return nil, fmt.Errorf("'%s' is no place in S3: it should be s3://bucket/prefix", place)
	}
	if (o.AccessKey == "") != (o.SecretKey == "") {
		return nil, errors.New("'s3.access-key' and 's3.secret-key' go together: one of them is not set")
	}
	load := []func(*config.LoadOptions) error{config.WithHTTPClient(awshttp.NewBuildableClient())}
	if o.Region != "" {
		load = append(load, config.WithRegion(o.Region))
	}
	if o.AccessKey != "" {
		load = append(load, config.WithCredentialsProvider(credentials.NewStaticCredentialsProvider(o.AccessKey, o.SecretKey, o.Token)))
	}
	c, err := config.LoadDefaultConfig(ctx, load...)
	if err != nil {
		return nil, fmt.Errorf("finding the AWS configuration for '%s': %w", place, err)
	}
	if prefix != "" {
		prefix += "/"
	}
	b := &Bucket{
		bucket: name, prefix: prefix, keys: c.Credentials, http: c.HTTPClient, part: partSize, pause: 100 * time.Millisecond,
		signer: v4.NewSigner(func(s *v4.SignerOptions) { s.DisableURIPathEscaping = true }),
	}
	if c.Region == "" {
		c.Region = "us-east-1" // it knows where each bucket is; other stores take any
	}
	b.region.Store(&c.Region)
	if b.endpoint, err = address(o.Endpoint, c.BaseEndpoint); err != nil {
		return nil, err
	}
	b.inPath = o.PathStyle || strings.Contains(name, ".") || b.endpoint != nil && local(b.endpoint.Hostname())
	return b, nil
}

// address finds the store's URL; nil is AWS's own. A host's name is meant with https, as in Flink.
func address(set string, base *string) (*url.URL, error) {
	from := "'s3.endpoint'"
	if set == "" {
		set, from = os.Getenv("AWS_ENDPOINT_URL_S3"), "AWS_ENDPOINT_URL_S3"
	}
	if set == "" {
		set, from = aws.ToString(base), "AWS_ENDPOINT_URL"
	}
	if set == "" {
		return nil, nil
	}
	full := set
	if !strings.Contains(full, "://") {
		full = "https://" + full
	}
	u, err := url.Parse(full)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return nil, fmt.Errorf("%s: '%s' is not an address; for example 'http://127.0.0.1:9000'", from, set)
	}
	return u, nil
}

// local reports whether a host cannot have a bucket's name in front.
func local(host string) bool { return host == "localhost" || net.ParseIP(host) != nil }

// Place is checkpoint.Objects'.
func (b *Bucket) Place(key string) string {
	return strings.TrimSuffix("s3://"+b.bucket+"/"+b.prefix+key, "/")
}

// host gives the URL of the store, and what stands before the key in its path.
func (b *Bucket) host() (u url.URL, path string) {
	if b.endpoint != nil {
		u = *b.endpoint
		path = strings.TrimSuffix(u.Path, "/")
	} else {
		region := *b.region.Load()
		u = url.URL{Scheme: "https", Host: "s3." + region + ".amazonaws.com"}
		if strings.HasPrefix(region, "cn-") {
			u.Host += ".cn"
		}
	}
	if b.inPath {
		return u, path + "/" + b.bucket
	}
	u.Host = b.bucket + "." + u.Host
	return u, path
}
