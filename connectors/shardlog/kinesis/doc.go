// Package kinesis serves a shard log over the wire protocol of Amazon Kinesis Data
// Streams, so that unmodified AWS clients can use it.
//
// New makes a Server around a shardlog.Log; it is an http.Handler, and Serve runs it
// on a listener with HTTP/1.1 and HTTP/2 on the one port. A request goes through
// dispatch.go (the order of checks that AWS has), the schema of its action (schema.go,
// shapes.go), and its handler (the files named after what they serve). Errors are
// *APIError values in AWS's names and words.
package kinesis
