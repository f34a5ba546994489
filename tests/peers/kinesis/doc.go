// Package kinesis runs real AWS clients against the Kinesis server: both AWS CLIs, boto3, the
// JavaScript SDK over HTTP/2 and the Java SDK over CBOR. Its tests install what they need (pip,
// npm, Maven) into the user's cache folder, and run only with WEIR_PEERS=1.
package kinesis
