package filesystem

import (
	"bufio"
	"compress/bzip2"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

// compression gives how a file is compressed, by the end of its name: gzip, zstd, bzip2
// or "".
func compression(path string) string {
	switch strings.ToLower(filepath.Ext(path)) {
	case ".gz", ".gzip":
		return "gzip"
	case ".zst", ".zstd":
		return "zstd"
	case ".bz2":
		return "bzip2"
	}
	return ""
}

// decompress gives the plain bytes of r; closing the result does not close r.
func decompress(r io.Reader, how string) (io.ReadCloser, error) {
	switch how {
	case "gzip":
		z, err := gzip.NewReader(bufio.NewReaderSize(r, 128<<10))
		if err == io.EOF {
			return io.NopCloser(strings.NewReader("")), nil // an empty file is an empty table
		}
		if err != nil {
			return nil, decompressing(how, err)
		}
		return z, nil
	case "zstd":
		z, err := zstd.NewReader(r, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(1<<30))
		if err != nil {
			return nil, decompressing(how, err)
		}
		return z.IOReadCloser(), nil
	case "bzip2":
		return io.NopCloser(bzip2.NewReader(bufio.NewReaderSize(r, 128<<10))), nil
	}
	return io.NopCloser(r), nil
}

// decompressing says what is wrong with compressed data; io.EOF is their end.
func decompressing(how string, err error) error {
	if err == nil || err == io.EOF {
		return err
	}
	if errors.Is(err, io.ErrUnexpectedEOF) {
		return fmt.Errorf("the %s data end in the middle (%w): the file is cut off, or was still being written; read it again once it is whole", how, err)
	}
	return fmt.Errorf("this is no sound %s data (%w): is the file damaged, or its name's ending wrong?", how, err)
}
