package checkpoint

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Format is the version of the manifest that this program writes, and the newest that it reads.
const Format = 1

// Manifest says what a checkpoint is made of.
type Manifest struct {
	// Job tells jobs apart: it is drawn at random when a job first runs, and kept when it goes on.
	Job string `json:"job"`
	// Name is the job's name when the checkpoint was taken.
	Name string    `json:"name"`
	ID   int64     `json:"id"`
	Time time.Time `json:"time"`
	// Ended says that the job had come to its end: there is nothing to go on with but the commits.
	Ended bool `json:"ended,omitempty"`
	// Drained says that the end was asked for, not that of the input.
	Drained bool `json:"drained,omitempty"`

	Parallelism    int `json:"parallelism"`
	MaxParallelism int `json:"maxParallelism"` // key groups

	Sources   []Source   `json:"sources"`
	Operators []Operator `json:"operators"`
	Sinks     []Sink     `json:"sinks"`
	Files     []File     `json:"files"`
}

// Source is how far a table has been read.
type Source struct {
	ID    string `json:"id"` // the plan's: of what is read, columns included
	Table string `json:"table"`
	// Watermark is what all subtasks had reached, in milliseconds; nil before the first.
	Watermark *int64   `json:"watermark,omitempty"`
	Splits    []Split  `json:"splits"`             // begun, not at their end
	Finished  []string `json:"finished,omitempty"` // read to their end, and still listed by the source
}

// Split is a split that has been begun.
type Split struct {
	ID        string `json:"id"`
	Position  []byte `json:"position"` // the connector's: behind the last row that counts
	Watermark *int64 `json:"watermark,omitempty"`
	Rows      int64  `json:"rows"` // read so far
}

// Operator is an operator of the plan: its state is in the files, under its ID.
type Operator struct {
	ID        string  `json:"id"`
	Name      string  `json:"name"`
	Watermark *int64  `json:"watermark,omitempty"` // the lowest of its subtasks'; nil before the first
	Tables    []Table `json:"tables,omitempty"`
}

// Table describes a table of an operator's state.
type Table struct {
	Name    string   `json:"name"`
	Kind    string   `json:"kind,omitempty"`
	Version int      `json:"version"`
	Key     []Column `json:"key"`
	Value   []Column `json:"value"`
}

// Column is a column of a state table.
type Column struct {
	Name string `json:"name"`
	Type string `json:"type"`
}

// Sink holds what a sink's writers have prepared and what is to be committed.
type Sink struct {
	ID           string   `json:"id"`
	Table        string   `json:"table"`
	Guarantee    string   `json:"guarantee"`
	Committables [][]byte `json:"committables,omitempty"`
}

// File is a file of the checkpoint.
type File struct {
	Name string `json:"name"` // below the checkpoint's folder, with slashes
	Size int64  `json:"size"`
	Sum  string `json:"sum"` // see Checksum
	// Shared is the key of a file that checkpoints in an object store share; "": the file is the checkpoint's own.
	Shared string `json:"shared,omitempty"`
}

// Rows is how many rows the checkpoint's open splits have given.
func (m *Manifest) Rows() (n int64) {
	for _, s := range m.Sources {
		for _, p := range s.Splits {
			n += p.Rows
		}
	}
	return n
}

// Size is how many bytes of state the checkpoint refers to.
func (m *Manifest) Size() (n int64) {
	for _, f := range m.Files {
		n += f.Size
	}
	return n
}

// magic begins every manifest; the format's version and the checksum of all that follows stand behind it
// in the first line.
const magic = "weir-checkpoint"

// Encode gives the manifest's text: a line with version and checksum, then JSON.
func (m *Manifest) Encode() ([]byte, error) {
	var body bytes.Buffer
	enc := json.NewEncoder(&body)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", " ")
	if err := enc.Encode(m); err != nil {
		return nil, fmt.Errorf("writing a manifest: %w", err)
	}
	head := fmt.Sprintf("%s %d ", magic, Format)
	return append([]byte(head+sum(head, body.Bytes())+"\n"), body.Bytes()...), nil
}

func sum(head string, body []byte) string {
	h := sha256.New()
	h.Write([]byte(head))
	h.Write(body)
	return hex.EncodeToString(h.Sum(nil))
}

// Decode reads what Encode wrote. Path is for the error, a *DamagedError.
func Decode(path string, text []byte) (*Manifest, error) {
	damaged := func(format string, args ...any) (*Manifest, error) {
		return nil, &DamagedError{path, fmt.Sprintf(format, args...)}
	}
	line, body, _ := strings.Cut(string(text), "\n")
	words := strings.Split(line, " ")
	if len(words) != 3 || words[0] != magic {
		return damaged("it is no manifest of a checkpoint")
	}
	version, err := strconv.Atoi(words[1])
	if err != nil || version < 1 {
		return damaged("'%s' is no version of a format", words[1])
	}
	if version > Format {
		return nil, &NewerError{path, version}
	}
	if got := sum(words[0]+" "+words[1]+" ", []byte(body)); got != words[2] {
		return damaged("its checksum does not match: it is truncated or has been changed")
	}
	m := &Manifest{}
	if err := json.Unmarshal([]byte(body), m); err != nil {
		return damaged("%v", err)
	}
	return m, nil
}
