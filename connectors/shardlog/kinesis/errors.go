package kinesis

import (
	"errors"
	"fmt"
	"net/http"

	"github.com/weirstream/weir/connectors/shardlog"
)

// APIError is an error as it goes over the wire.
type APIError struct {
	Type    string // the exception's name
	Message string
	Status  int // of HTTP
}

func (e *APIError) Error() string { return e.Type + ": " + e.Message }

// The names of the errors that several actions give.
const (
	resourceNotFound    = "ResourceNotFoundException"
	resourceInUse       = "ResourceInUseException"
	invalidArgument     = "InvalidArgumentException"
	limitExceeded       = "LimitExceededException"
	validation          = "ValidationException"
	serialization       = "SerializationException"
	unknownOperation    = "UnknownOperationException"
	accessDenied        = "AccessDeniedException"
	expiredIterator     = "ExpiredIteratorException"
	expiredNextToken    = "ExpiredNextTokenException"
	throughputExceeded  = "ProvisionedThroughputExceededException"
	internalFailure     = "InternalFailure"
	dryRun              = "DryRunOperationException"
	internalFailureText = "The request processing has failed because of an unknown error, exception or failure."
)

func clientError(kind, format string, args ...any) *APIError {
	return &APIError{Type: kind, Message: fmt.Sprintf(format, args...), Status: http.StatusBadRequest}
}

// asAPIError turns what the log says into the protocol's errors. Handlers find better words
// where AWS has them; what is left is the server's own fault.
func asAPIError(err error) *APIError {
	var api *APIError
	if errors.As(err, &api) {
		return api
	}
	for _, known := range []struct {
		err  error
		kind string
	}{
		{shardlog.ErrNotFound, resourceNotFound},
		{shardlog.ErrNoShard, resourceNotFound},
		{shardlog.ErrNoConsumer, resourceNotFound},
		{shardlog.ErrNoChannel, resourceNotFound},
		{shardlog.ErrExists, resourceInUse},
		{shardlog.ErrNotActive, resourceInUse},
		{shardlog.ErrHasConsumers, resourceInUse},
		{shardlog.ErrHasChannels, resourceInUse},
		{shardlog.ErrOnDemand, validation},
		{shardlog.ErrProvisioned, validation},
		{shardlog.ErrArgument, invalidArgument},
		{shardlog.ErrFutureInstant, invalidArgument},
		{shardlog.ErrOtherShard, invalidArgument},
		{shardlog.ErrForeignSequence, invalidArgument},
		{shardlog.ErrRecordTooBig, validation},
		{shardlog.ErrLimit, limitExceeded},
	} {
		if errors.Is(err, known.err) {
			return clientError(known.kind, "%v", err)
		}
	}
	return &APIError{Type: internalFailure, Message: internalFailureText, Status: http.StatusInternalServerError}
}
