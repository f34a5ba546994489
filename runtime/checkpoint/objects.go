package checkpoint

import (
	"context"
	"errors"
	"io"
	"strings"
)

// Objects is an object store below some prefix, as far as checkpoints need one: S3 is (package s3). Keys have slashes. An object
// is there whole or not at all, and whoever asks after a write has come back sees what was written.
// Errors name the object. Methods may be called by several goroutines.
type Objects interface {
	// Place is what people call an object, or with "" the store: s3://bucket/prefix/key.
	Place(key string) string
	// Get reads an object. Tag stands for its present contents. The error for one that is not there has os.ErrNotExist in its
	// chain.
	Get(ctx context.Context, key string) (body io.ReadCloser, tag string, err error)
	// Put writes an object of some size, in place of what is there. The checksum is as Checksum gives it, or "".
	Put(ctx context.Context, key string, body io.ReaderAt, size int64, sum string) error
	// Swap writes a small object if its contents are still those that a tag stands for; with "", if there is none. The error
	// for one that has been changed meanwhile has ErrChanged in its chain. After another error it may have been written.
	Swap(ctx context.Context, key string, body []byte, tag string) (newTag string, err error)
	// List gives the keys that begin with a prefix.
	List(ctx context.Context, prefix string) ([]string, error)
	// Delete removes an object; it is no error if there is none.
	Delete(ctx context.Context, key string) error
}

// ErrChanged is in the chain of Swap's error for an object that another has written.
var ErrChanged = errors.New("it has been changed by another")

// IsURL reports whether a place is in an object store, not a folder's path.
func IsURL(place string) bool {
	_, _, ok := SplitURL(place)
	return ok
}

// SplitURL takes s3://bucket/prefix apart. Flink's other name for the scheme, s3a, is one as well.
func SplitURL(place string) (bucket, prefix string, ok bool) {
	rest, ok := strings.CutPrefix(place, "s3://")
	if !ok {
		rest, ok = strings.CutPrefix(place, "s3a://")
	}
	bucket, prefix, _ = strings.Cut(rest, "/")
	return bucket, strings.Trim(prefix, "/"), ok
}
