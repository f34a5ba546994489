package streams

import (
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"strings"

	"github.com/aws/smithy-go"

	"github.com/weirstream/weir/connectors/shardlog"
)

// explain puts an error in the words of who typed the command: what went wrong, and what to do next.
func (t *target) explain(err error) error {
	var operation *smithy.OperationError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &operation):
		// The SDK's words tell its layers. What stands around them stays.
		return &fault{text: strings.Replace(err.Error(), operation.Error(), t.said(operation), 1), err: err}
	case errors.Is(err, shardlog.ErrNotFound):
		return fmt.Errorf("%w in %s (weir streams list shows those that are there)", err, t.path)
	case errors.Is(err, shardlog.ErrNoShard):
		return fmt.Errorf("%w (weir streams describe shows the shards)", err)
	case errors.Is(err, shardlog.ErrHasConsumers):
		return fmt.Errorf("%w (--force deletes them too)", err)
	}
	return err
}

// said words what an endpoint answered, or that it did not.
func (t *target) said(err *smithy.OperationError) string {
	var api smithy.APIError
	var network *net.OpError
	var certificate *tls.CertificateVerificationError
	switch {
	case errors.As(err, &api):
		return fmt.Sprintf("%s: %s%s", api.ErrorCode(), api.ErrorMessage(), advice[api.ErrorCode()])
	case errors.As(err, &certificate):
		return fmt.Sprintf("%s has a certificate that is not trusted: %v (SSL_CERT_FILE names a file of those that are)", t.endpoint, certificate.Err)
	case errors.As(err, &network):
		return fmt.Sprintf("%s does not answer: %v (weir streams serve starts a server)", t.endpoint, network)
	}
	return fmt.Sprintf("%s: %v", t.endpoint, err.Unwrap())
}

// advice is what to do about what an endpoint says.
var advice = map[string]string{
	"UnrecognizedClientException": " (AWS_ACCESS_KEY_ID is none of the server's)",
	"InvalidSignatureException":   " (AWS_SECRET_ACCESS_KEY must be the server's, and the clocks must agree)",
	"ResourceInUseException":      " (weir streams describe shows the state; --force deletes a stream with consumers)",
}

// fault has words of its own for an error that has too many: those of the SDK tell its layers.
type fault struct {
	text string
	err  error
}

func (f *fault) Error() string { return f.text }
func (f *fault) Unwrap() error { return f.err }
