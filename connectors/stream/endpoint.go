package stream

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/credentials/stscreds"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"github.com/weirstream/weir/connectors"
	"github.com/weirstream/weir/sql/diag"
)

// endpoint says where the Kinesis protocol is spoken, and who asks.
type endpoint struct {
	url         string // "" is AWS's own
	region      string
	trustAll    bool
	provider    string
	options     *connectors.Options
	accessKey   string
	secretKey   string
	profile     string
	profileFile string
	role        roleOptions
}

// roleOptions are those of ASSUME_ROLE and WEB_IDENTITY_TOKEN.
type roleOptions struct {
	arn, session, externalID, stsEndpoint, tokenFile string
}

const credentialsKey = "aws.credentials.provider"

// awsOptions are those of every table behind AWS's protocols.
func awsOptions() []connectors.Option {
	const str = connectors.StringOption
	return []connectors.Option{
		{Key: "aws.region", Type: str, Doc: "The AWS region. By default that of 'stream.arn'; us-east-1 with an endpoint of one's own."},
		{Key: "aws.trust.all.certificates", Type: connectors.BoolOption, Default: "false", Doc: "Accept any TLS certificate: for tests only."},
		{Key: credentialsKey, Type: str, Default: "AUTO", Doc: "Where the keys come from: AUTO (environment, shared files, web identity, container, instance), ENV_VAR, BASIC, PROFILE, ASSUME_ROLE or WEB_IDENTITY_TOKEN."},
		{Key: "aws.credentials.basic.accesskeyid", Type: str, Doc: "For BASIC."},
		{Key: "aws.credentials.basic.secretkey", Type: str, Doc: "For BASIC."},
		{Key: "aws.credentials.profile.path", Type: str, Doc: "For PROFILE: the credentials file, in place of ~/.aws/credentials."},
		{Key: "aws.credentials.profile.name", Type: str, Doc: "For PROFILE."},
		{Key: "aws.credentials.role.arn", Type: str, Doc: "For ASSUME_ROLE and WEB_IDENTITY_TOKEN."},
		{Key: "aws.credentials.role.sessionName", Type: str, Default: "weir", Doc: "For ASSUME_ROLE and WEB_IDENTITY_TOKEN."},
		{Key: "aws.credentials.role.externalId", Type: str, Doc: "For ASSUME_ROLE."},
		{Key: "aws.credentials.role.stsEndpoint", Type: str, Doc: "The STS endpoint of ASSUME_ROLE and WEB_IDENTITY_TOKEN, in place of AWS's own."},
		{Key: "aws.credentials.role.provider", Type: str, Doc: "Whose keys assume the role: only AUTO is supported."},
		{Key: "aws.credentials.webIdentityToken.file", Type: str, Doc: "For WEB_IDENTITY_TOKEN."},
		{Key: "aws.credentials.custom.class", Type: str, Doc: "Java classes are not supported."},
	}
}

// readEndpoint reads awsOptions. urlKey is the option with the endpoint's URL.
func readEndpoint(o *connectors.Options, urlKey string) (endpoint, error) {
	e := endpoint{
		url: o.Get(urlKey), region: o.Get("aws.region"), options: o,
		accessKey: o.Get("aws.credentials.basic.accesskeyid"), secretKey: o.Get("aws.credentials.basic.secretkey"),
		profile: o.Get("aws.credentials.profile.name"), profileFile: o.Get("aws.credentials.profile.path"),
		role: roleOptions{
			arn: o.Get("aws.credentials.role.arn"), session: o.String("aws.credentials.role.sessionName", "weir"), externalID: o.Get("aws.credentials.role.externalId"),
			stsEndpoint: o.Get("aws.credentials.role.stsEndpoint"), tokenFile: o.Get("aws.credentials.webIdentityToken.file"),
		},
	}
	if o.Has(urlKey) {
		if u, err := url.Parse(e.url); err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
			return e, o.Errorf(urlKey, "'%s' is not an address", e.url).WithHint("for example 'http://127.0.0.1:4566'")
		}
	}
	var err error
	if e.trustAll, err = o.Bool("aws.trust.all.certificates", false); err != nil {
		return e, err
	}
	return e, e.checkProvider()
}

func (e *endpoint) checkProvider() error {
	o := e.options
	e.provider = strings.ToUpper(o.String(credentialsKey, "AUTO"))
	if !o.Has(credentialsKey) && (e.accessKey != "" || e.secretKey != "") {
		e.provider = "BASIC"
	}
	need := func(keys ...string) error {
		for _, k := range keys {
			if o.Get(k) == "" {
				return o.Errorf(k, "is required where '%s' = '%s'", credentialsKey, e.provider)
			}
		}
		return nil
	}
	if p := o.String("aws.credentials.role.provider", "AUTO"); strings.ToUpper(p) != "AUTO" {
		return diag.Unsupported(o.Span("aws.credentials.role.provider"), "'aws.credentials.role.provider' = '%s'", p)
	}
	switch e.provider {
	case "AUTO", "ENV_VAR":
		return nil
	case "BASIC":
		return need("aws.credentials.basic.accesskeyid", "aws.credentials.basic.secretkey")
	case "PROFILE":
		return need("aws.credentials.profile.name")
	case "ASSUME_ROLE":
		return need("aws.credentials.role.arn")
	case "WEB_IDENTITY_TOKEN":
		if e.role.arn == "" && e.role.tokenFile == "" {
			return nil // the environment has both, as AUTO finds them
		}
		return need("aws.credentials.role.arn", "aws.credentials.webIdentityToken.file")
	case "SYS_PROP", "CUSTOM":
		return diag.Unsupported(o.Span(credentialsKey), "'%s' = '%s', which is Java's own", credentialsKey, e.provider)
	}
	return o.Errorf(credentialsKey, "there is no provider '%s'", o.Get(credentialsKey)).WithHint("use AUTO, ENV_VAR, BASIC, PROFILE, ASSUME_ROLE or WEB_IDENTITY_TOKEN")
}

// clients gives a maker of clients. Each subscription has one of its own: the SDK's decoder of event
// streams is not safe for two at a time.
//
// closeIdle closes connections that nobody uses any more.
func (e *endpoint) clients(ctx context.Context) (newClient func() *kinesis.Client, closeIdle func(), err error) {
	load := []func(*config.LoadOptions) error{config.WithHTTPClient(e.httpClient()), config.WithRetryMaxAttempts(attempts)}
	if e.region != "" {
		load = append(load, config.WithRegion(e.region))
	}
	switch e.provider {
	case "BASIC":
		load = append(load, config.WithCredentialsProvider(credentials.NewStaticCredentialsProvider(e.accessKey, e.secretKey, "")))
	case "PROFILE":
		load = append(load, config.WithSharedConfigProfile(e.profile))
		if e.profileFile != "" {
			load = append(load, config.WithSharedCredentialsFiles([]string{e.profileFile}), config.WithSharedConfigFiles([]string{e.profileFile}))
		}
	case "ENV_VAR":
		env, err := config.NewEnvConfig()
		if err != nil {
			return nil, nil, fmt.Errorf("reading the AWS environment variables: %w", err)
		}
		if !env.Credentials.HasKeys() {
			return nil, nil, e.options.Errorf(credentialsKey, "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are not set")
		}
		load = append(load, config.WithCredentialsProvider(credentials.StaticCredentialsProvider{Value: env.Credentials}))
	}
	c, err := config.LoadDefaultConfig(ctx, load...)
	if err != nil {
		return nil, nil, fmt.Errorf("finding the AWS configuration: %w", err)
	}
	if c.Region == "" {
		return nil, nil, e.options.Errorf("aws.region", "is not set, neither here nor in the environment")
	}
	if e.role.arn != "" {
		c.Credentials = e.assume(c)
	}
	// With what the environment says of certificates.
	transport := c.HTTPClient.(*awshttp.BuildableClient).GetTransport()
	c.HTTPClient = wholeBody{&http.Client{Transport: transport}}
	return func() *kinesis.Client {
		return kinesis.NewFromConfig(c, func(o *kinesis.Options) {
			if e.url != "" {
				o.BaseEndpoint = &e.url
			}
		})
	}, transport.CloseIdleConnections, nil
}

// attempts is how often the SDK sends a request before it reports an error.
const attempts = 4

// assume makes the provider of a role's credentials.
func (e *endpoint) assume(c aws.Config) aws.CredentialsProvider {
	client := sts.NewFromConfig(c, func(o *sts.Options) {
		if e.role.stsEndpoint != "" {
			o.BaseEndpoint = &e.role.stsEndpoint
		}
	})
	if e.provider == "WEB_IDENTITY_TOKEN" {
		return aws.NewCredentialsCache(stscreds.NewWebIdentityRoleProvider(client, e.role.arn, stscreds.IdentityTokenFile(e.role.tokenFile),
			func(o *stscreds.WebIdentityRoleOptions) { o.RoleSessionName = e.role.session }))
	}
	return aws.NewCredentialsCache(stscreds.NewAssumeRoleProvider(client, e.role.arn, func(o *stscreds.AssumeRoleOptions) {
		o.RoleSessionName = e.role.session
		if e.role.externalID != "" {
			o.ExternalID = &e.role.externalID
		}
	}))
}

func (e *endpoint) httpClient() *awshttp.BuildableClient {
	return awshttp.NewBuildableClient().WithTransportOptions(func(t *http.Transport) {
		t.MaxIdleConnsPerHost = idleConnections
		if e.trustAll {
			t.TLSClientConfig.InsecureSkipVerify = true
		}
	})
}

// idleConnections are kept for the shards that are polled side by side.
const idleConnections = 64

// wholeBody sends requests with a body of its own. The SDK closes its body as soon as a response
// begins; where the server answers within microseconds, the transport then takes the connection for
// broken, and a call that went through is made again.
type wholeBody struct{ aws.HTTPClient }

// Do is aws.HTTPClient's.
func (c wholeBody) Do(r *http.Request) (*http.Response, error) {
	if r.Body != nil && r.Body != http.NoBody {
		b, err := io.ReadAll(r.Body)
		if err != nil {
			return nil, err
		}
		r = r.Clone(r.Context())
		r.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(b)), nil }
		r.Body, _ = r.GetBody()
	}
	return c.HTTPClient.Do(r)
}
