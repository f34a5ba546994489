// Package wire reads and writes the two encodings of the Kinesis protocol, JSON 1.1
// and CBOR, as one tree of values.
//
// ParseJSON and ParseCBOR decode a request into a Value; a schema decides later
// whether a text is a blob or a number is a time. Encoder writes a response in
// either encoding with the same calls. Both parsers take bytes from strangers: they
// bound depth and lengths, and never panic.
package wire
