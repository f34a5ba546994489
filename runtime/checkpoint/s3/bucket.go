// Package s3 keeps the objects of checkpoints in a bucket of S3, or of a store that speaks its protocol and honours conditional
// writes.
//
// Checkpoints need six kinds of requests. They are plain HTTP here, signed by AWS's SDK, which also finds the credentials: the
// SDK's own client of S3, with everything that S3 can do, makes the program 6.3 MB larger.
//
// Enter at Open.
package s3

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/hex"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
)

// Get is checkpoint.Objects'.
func (b *Bucket) Get(ctx context.Context, key string) (body io.ReadCloser, tag string, err error) {
	res, err := b.do(ctx, request{doing: "reading", method: http.MethodGet, key: key})
	if err != nil {
		return nil, "", err
	}
	return res.Body, res.Header.Get("ETag"), nil
}

// Put is checkpoint.Objects'.
func (b *Bucket) Put(ctx context.Context, key string, body io.ReaderAt, size int64, sum string) error {
	if size > b.part {
		return b.putParts(ctx, key, body, size)
	}
	h := http.Header{}
	if raw, err := hex.DecodeString(sum); err == nil && len(raw) == 4 {
		h.Set("X-Amz-Checksum-Crc32c", base64.StdEncoding.EncodeToString(raw)) // the store refuses what does not fit it
	}
	_, err := b.done(ctx, request{doing: "writing", method: http.MethodPut, key: key, header: h, body: body, size: size})
	return err
}

// Swap is checkpoint.Objects'.
func (b *Bucket) Swap(ctx context.Context, key string, body []byte, tag string) (string, error) {
	h := http.Header{}
	if tag == "" {
		h.Set("If-None-Match", "*")
	} else {
		h.Set("If-Match", tag)
	}
	answer, err := b.done(ctx, request{doing: "writing", method: http.MethodPut, key: key, header: h, body: bytes.NewReader(body), size: int64(len(body))})
	if err != nil {
		return "", err
	}
	return answer.header.Get("ETag"), nil
}

// List is checkpoint.Objects'.
func (b *Bucket) List(ctx context.Context, prefix string) (keys []string, err error) {
	query := url.Values{"list-type": {"2"}, "prefix": {b.prefix + prefix}}
	for {
		answer, err := b.done(ctx, request{doing: "listing", method: http.MethodGet, place: prefix, query: query})
		if err != nil {
			return nil, err
		}
		var page struct {
			Contents []struct{ Key string }
			Next     string `xml:"NextContinuationToken"`
		}
		if err := xml.Unmarshal(answer.body, &page); err != nil {
			return nil, fmt.Errorf("listing '%s': what came is no list: %w", b.Place(prefix), err)
		}
		for _, o := range page.Contents {
			keys = append(keys, strings.TrimPrefix(o.Key, b.prefix))
		}
		if page.Next == "" {
			return keys, nil
		}
		query.Set("continuation-token", page.Next)
	}
}

// Delete is checkpoint.Objects'.
func (b *Bucket) Delete(ctx context.Context, key string) error {
	_, err := b.done(ctx, request{doing: "deleting", method: http.MethodDelete, key: key})
	return err
}

// completion is what puts the parts of an object together.
type completion struct {
	XMLName struct{} `xml:"http://s3.amazonaws.com/doc/2006-03-01/ CompleteMultipartUpload"`
	Parts   []part   `xml:"Part"`
}

type part struct {
	Number int `xml:"PartNumber"`
	ETag   string
}

// putParts writes a large object.
func (b *Bucket) putParts(ctx context.Context, key string, body io.ReaderAt, size int64) error {
	answer, err := b.done(ctx, request{doing: "writing", method: http.MethodPost, key: key, query: url.Values{"uploads": {""}}})
	if err != nil {
		return err
	}
	var begun struct{ UploadId string } //nolint:revive // S3's name
	if err := xml.Unmarshal(answer.body, &begun); err != nil || begun.UploadId == "" {
		return fmt.Errorf("writing '%s': the store gives no id for the upload", b.Place(key))
	}
	upload := url.Values{"uploadId": {begun.UploadId}}
	var all completion
	for at := int64(0); at < size && err == nil; at += b.part {
		n, number := min(b.part, size-at), len(all.Parts)+1
		answer, err = b.done(ctx, request{
			doing: "writing", method: http.MethodPut, key: key, body: io.NewSectionReader(body, at, n), size: n,
			query: url.Values{"uploadId": {begun.UploadId}, "partNumber": {strconv.Itoa(number)}},
		})
		if err == nil {
			all.Parts = append(all.Parts, part{number, answer.header.Get("ETag")})
		}
	}
	var text []byte
	if err == nil {
		text, err = xml.Marshal(all)
	}
	if err == nil {
		_, err = b.done(ctx, request{doing: "writing", method: http.MethodPost, key: key, query: upload, body: bytes.NewReader(text), size: int64(len(text))})
	}
	if err != nil { // parts that nobody puts together are paid for
		_, late := b.done(context.WithoutCancel(ctx), request{doing: "giving up", method: http.MethodDelete, key: key, query: upload})
		err = errors.Join(err, late)
	}
	return err
}
