// Package kinesis runs real AWS clients against the Kinesis server: both AWS CLIs, boto3, the
// JavaScript SDK over HTTP/2, the Java SDK over CBOR, the Kinesis Client Library with its leases in an
// emulated DynamoDB, the Kinesis Producer Library over TLS, and curl by upgrade. Its tests install what they need (pip,
// npm, Maven) into the user's cache folder, and run only with WEIR_PEERS=1.
package kinesis
