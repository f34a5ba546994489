package filesystem

import (
	"fmt"

	"github.com/weirstream/weir/connectors"
	"github.com/weirstream/weir/connectors/format"
)

// rangeSize is how long the parts are in which a large file is read. It is a constant,
// because the parts' IDs must be the same after a restart.
const rangeSize = 8 << 20

// part is a split's data: a file or a part of one. For a line format from and to are
// bytes, and the part holds the records that begin there; for a bulk format they are
// rows. to is -1 for the file's end.
type part struct {
	file     file
	from, to int64
}

// splitID names a part; the first part of a file has the file's path, so that a file has
// the same ID whether it is divided or not.
func splitID(path string, from int64, unit string) string {
	if from == 0 {
		return path
	}
	return fmt.Sprintf("%s@%s%d", path, unit, from)
}

func split(p part, unit string) connectors.Split {
	return connectors.Split{ID: splitID(p.file.path, p.from, unit), Data: p}
}

// splitLines divides a file of a line format, where it may be divided.
func splitLines(f file, divide bool) []connectors.Split {
	if !divide || f.pipe || f.size <= rangeSize || compression(f.path) != "" {
		return []connectors.Split{split(part{f, 0, -1}, "")}
	}
	var out []connectors.Split
	for from := int64(0); from < f.size; from += rangeSize {
		p := part{f, from, from + rangeSize}
		if p.to >= f.size {
			p.to = -1
		}
		out = append(out, split(p, ""))
	}
	return out
}

// splitBulk divides a file of a bulk format at its blocks.
func splitBulk(f file, d *format.Decoding, divide bool) ([]connectors.Split, error) {
	whole := []connectors.Split{split(part{f, 0, -1}, "")}
	if !divide || d.Blocks == nil || f.size <= rangeSize {
		return whole, nil
	}
	in, err := openBulk(f)
	if err != nil {
		return nil, err
	}
	defer in.close()
	blocks, err := d.Blocks(in.BulkInput)
	if err != nil {
		return nil, fmt.Errorf("reading the index of '%s': %w", f.path, err)
	}
	// As many blocks together as make a part of about the usual size.
	each := max(1, int(rangeSize*int64(len(blocks))/f.size))
	var out []connectors.Split
	for i := 0; i < len(blocks); i += each {
		p := part{f, blocks[i], -1}
		if i+each < len(blocks) {
			p.to = blocks[i+each]
		}
		out = append(out, split(p, "row"))
	}
	if len(out) == 0 {
		return whole, nil
	}
	return out, nil
}
