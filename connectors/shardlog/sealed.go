package shardlog

import (
	"bytes"
	"errors"
	"fmt"
	"hash/crc32"
	"os"
	"path/filepath"

	"github.com/weirstream/weir/connectors/shardlog/internal/segment"
)

// The small files beside the records are texts that end with a line of their checksum.

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

func sealed(body []byte) []byte {
	return fmt.Appendf(body[:len(body):len(body)], "\ncrc32c %08x\n", crc32.Checksum(body, castagnoli))
}

func unsealed(b []byte) ([]byte, error) {
	body, _, _ := bytes.Cut(b, []byte("\ncrc32c "))
	if !bytes.Equal(b, sealed(body)) {
		return nil, errors.New("content does not match its checksum")
	}
	return body, nil
}

// replaceSealed replaces a file atomically: a crash leaves the old one or the new one.
func replaceSealed(dir, name string, body []byte) error {
	path := filepath.Join(dir, name)
	if err := writeSynced(path+".new", sealed(body)); err != nil {
		return err
	}
	if err := os.Rename(path+".new", path); err != nil {
		return err
	}
	return segment.SyncDir(dir)
}

func writeSynced(path string, b []byte) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	_, err = f.Write(b)
	if err == nil {
		err = f.Sync()
	}
	return errors.Join(err, f.Close())
}
