package checkpoint

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// headName is the key of the one object that is changed. It takes the place of a folder's lock and of the order of its
// names: each change says what it replaces, and the store refuses it where another process was first. A checkpoint is
// complete when HEAD lists it. So whoever has been taken for dead, and is not, can write what it wants: nobody will read it.
const headName = "HEAD"

// headFormat is the version of HEAD that this program writes, and the newest that it reads.
const headFormat = 1

// head is the contents of HEAD.
type head struct {
	Format int    `json:"format"`
	Job    string `json:"job,omitempty"`   // the ID of the job that the place belongs to
	Epoch  int64  `json:"epoch"`           // grows by one with each owner
	Owner  *owner `json:"owner,omitempty"` // nil: no process has it
	Change int64  `json:"change"`          // grows by one with each change, so that a living owner is told from a dead one
	// Checkpoints are those that are complete, oldest first.
	Checkpoints []kept `json:"checkpoints"`
	// Committed is the newest checkpoint whose sinks have committed; 0: none.
	Committed int64 `json:"committed,omitempty"`
}

// owner is a process that has a place, or had it when it died.
type owner struct {
	Host string `json:"host"`
	PID  int    `json:"pid"`
	Work string `json:"work"` // tells the folder that it works in from all others: who has the lock of that is its successor
}

func (o *owner) String() string { return fmt.Sprintf("process %d on %s", o.PID, o.Host) }

// kept is a complete checkpoint.
type kept struct {
	ID  int64  `json:"id"`
	Dir string `json:"dir"` // its keys begin with it
}

// dirOf names a checkpoint in a store. The stamp is its writer's.
func dirOf(id int64, stamp string) string {
	return prefix + strconv.FormatInt(id, 10) + "-" + stamp + "/"
}

func (h *head) clone() *head {
	c := *h
	c.Checkpoints = slices.Clone(h.Checkpoints)
	return &c
}

func (h *head) encode() ([]byte, error) {
	text, err := json.MarshalIndent(h, "", " ")
	return append(text, '\n'), err
}

// find gives a complete checkpoint.
func (h *head) find(id int64) (kept, bool) {
	i := slices.IndexFunc(h.Checkpoints, func(k kept) bool { return k.ID == id })
	if i < 0 {
		return kept{}, false
	}
	return h.Checkpoints[i], true
}

// remove takes a checkpoint out.
func (h *head) remove(id int64) {
	h.Checkpoints = slices.DeleteFunc(h.Checkpoints, func(k kept) bool { return k.ID == id })
}

// ids are those of the complete checkpoints.
func (h *head) ids() (ids []int64) {
	for _, k := range h.Checkpoints {
		ids = append(ids, k.ID)
	}
	return ids
}

// readHead reads HEAD; nil where there is none.
func readHead(ctx context.Context, o Objects) (h *head, text []byte, tag string, err error) {
	text, tag, err = getObject(ctx, o, headName)
	if missing(err) {
		return nil, nil, "", nil
	}
	if err != nil {
		return nil, nil, "", fmt.Errorf("reading the state's place: %w", err)
	}
	h = &head{}
	path := o.Place(headName)
	if err := json.Unmarshal(text, h); err != nil {
		return nil, nil, "", &DamagedError{path, err.Error()}
	}
	if h.Format > headFormat {
		return nil, nil, "", &NewerError{path, h.Format}
	}
	for i, k := range h.Checkpoints {
		if k.ID <= 0 || i > 0 && k.ID <= h.Checkpoints[i-1].ID || !strings.HasPrefix(k.Dir, prefix) || !strings.HasSuffix(k.Dir, "/") {
			return nil, nil, "", &DamagedError{path, "its list of checkpoints makes no sense"}
		}
	}
	if h.Format < 1 {
		return nil, nil, "", &DamagedError{path, "it has no version of its format"}
	}
	return h, text, tag, nil
}

// read reads the manifest of a complete checkpoint.
func (h *head) read(ctx context.Context, o Objects, id int64) (*Checkpoint, error) {
	k, ok := h.find(id)
	if !ok {
		return nil, fmt.Errorf("there is no checkpoint %d in '%s'", id, o.Place(""))
	}
	c, err := openAt(ctx, o, k.Dir)
	if errors.Is(err, errNoManifest) {
		return nil, &DamagedError{o.Place(k.Dir + manifestName), reasonMissing}
	}
	if err != nil {
		return nil, err
	}
	if c.ID != id {
		return nil, &DamagedError{c.Path(), fmt.Sprintf("it is that of checkpoint %d, not of %d", c.ID, id)}
	}
	c.Committed = h.Committed >= id
	return c, nil
}

// Glance is the checkpoints in an object store as somebody sees them who only reads.
type Glance struct{ o Objects }

// LookAt gives a place in an object store for reading.
func LookAt(o Objects) Glance { return Glance{o} }

func (g Glance) head(ctx context.Context) (*head, error) {
	h, _, _, err := readHead(ctx, g.o)
	if err == nil && h == nil {
		return nil, fmt.Errorf("there is no state in '%s'", g.o.Place(""))
	}
	return h, err
}

// Complete lists the complete checkpoints, oldest first.
func (g Glance) Complete(ctx context.Context) ([]int64, error) {
	h, err := g.head(ctx)
	if err != nil {
		return nil, err
	}
	return h.ids(), nil
}

// Read reads a checkpoint's manifest.
func (g Glance) Read(ctx context.Context, id int64) (*Checkpoint, error) {
	h, err := g.head(ctx)
	if err != nil {
		return nil, err
	}
	return h.read(ctx, g.o, id)
}
