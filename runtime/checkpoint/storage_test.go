package checkpoint_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/google/go-cmp/cmp"

	"github.com/weirstream/weir/runtime/checkpoint"
	"github.com/weirstream/weir/runtime/checkpoint/s3"
	"github.com/weirstream/weir/runtime/checkpoint/s3/s3test"
	"github.com/weirstream/weir/runtime/plan"
)

// place is somewhere to keep checkpoints, seen from a machine.
type place struct {
	own    func(t *testing.T) (checkpoint.Storage, error)
	look   func() checkpoint.Lister
	damage func(t *testing.T, part string, f func([]byte) []byte) // all files whose path has a part; nil removes one
}

// lease is short where tests wait for it to expire, and long where they must not.
var (
	short = checkpoint.Lease{Renew: 20 * time.Millisecond, Expire: 300 * time.Millisecond}
	long  = checkpoint.Lease{Renew: time.Hour, Expire: time.Hour}
)

func bucket(t *testing.T, s *s3test.Server, url string) *s3.Bucket {
	t.Helper()
	b, err := s3.Open(t.Context(), url, plan.ObjectStore{Endpoint: s.URL, AccessKey: "test", SecretKey: "secret", Region: "eu-west-1"})
	must(t, err)
	return b
}

// at gives a place in an object store.
func at(t *testing.T, o checkpoint.Objects) place {
	dir := t.TempDir()
	return place{
		own: func(t *testing.T) (checkpoint.Storage, error) {
			return checkpoint.OwnAt(t.Context(), o, vfs.Default, dir, short, nil)
		},
		look: func() checkpoint.Lister { return checkpoint.LookAt(o) },
		damage: func(t *testing.T, part string, f func([]byte) []byte) {
			keys, err := o.List(t.Context(), "")
			must(t, err)
			for _, key := range keys {
				if strings.Contains(key, part) {
					if text := f(get(t, o, key)); text == nil {
						must(t, o.Delete(t.Context(), key))
					} else {
						must(t, o.Put(t.Context(), key, strings.NewReader(string(text)), int64(len(text)), ""))
					}
				}
			}
			must(t, os.RemoveAll(dir)) // what the machine still has is of no help
		},
	}
}

func inFolder(t *testing.T) place {
	dir := filepath.Join(t.TempDir(), "state")
	return place{
		own:  func(*testing.T) (checkpoint.Storage, error) { return checkpoint.Own(vfs.Default, dir) },
		look: func() checkpoint.Lister { return checkpoint.Look(vfs.Default, dir) },
		damage: func(t *testing.T, part string, f func([]byte) []byte) {
			must(t, filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
				if err != nil || d.IsDir() || !strings.Contains(path, part) {
					return err
				}
				text, err := os.ReadFile(path)
				if err != nil {
					return err
				}
				if text = f(text); text == nil {
					return os.Remove(path)
				}
				return os.WriteFile(path, text, 0o600)
			}))
		},
	}
}

// places are the implementations of Storage.
func places(t *testing.T, f func(t *testing.T, p place)) {
	t.Run("folder", func(t *testing.T) { f(t, inFolder(t)) })
	t.Run("store", func(t *testing.T) { f(t, at(t, bucket(t, s3test.New(t), "s3://b/jobs/one"))) })
	t.Run("versitygw", func(t *testing.T) {
		url := s3test.Versity().Start(t)
		o, err := s3.Open(t.Context(), "s3://"+s3test.Bucket+"/a job/"+strings.ReplaceAll(t.Name(), "/", "-"), plan.ObjectStore{Endpoint: url, AccessKey: s3test.AccessKey, SecretKey: s3test.SecretKey})
		must(t, err)
		f(t, at(t, o))
	})
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func get(t *testing.T, o checkpoint.Objects, key string) []byte {
	t.Helper()
	body, _, err := o.Get(t.Context(), key)
	must(t, err)
	var b strings.Builder
	_, err = fmt.Fprint(&b, read(t, body))
	must(t, err)
	return []byte(b.String())
}

func (p place) must(t *testing.T) checkpoint.Storage {
	t.Helper()
	s, err := p.own(t)
	must(t, err)
	t.Cleanup(func() { must(t, s.Close()) })
	return s
}

func manifest(id int64) *checkpoint.Manifest {
	wm := int64(-5)
	return &checkpoint.Manifest{
		Job: "a1b2", Name: "job", ID: id, Time: time.Date(2026, 1, 2, 3, 4, 5, 6000, time.UTC), Parallelism: 4, MaxParallelism: 128,
		Sources: []checkpoint.Source{{ID: "f00d", Table: "c.d.t", Watermark: &wm, Splits: []checkpoint.Split{{ID: "b", Position: []byte{0, 255}, Rows: 7}}}},
		Sinks:   []checkpoint.Sink{{Table: "c.d.out", Guarantee: "exactly-once", Committables: [][]byte{[]byte("x")}}},
	}
}

// make writes the files of a checkpoint: name to text.
func prepare(t *testing.T, s checkpoint.Storage, id int64, files map[string]string) *checkpoint.Manifest {
	t.Helper()
	m := manifest(id)
	must(t, s.Work().Begin(id))
	must(t, os.MkdirAll(s.Work().State(id), 0o777))
	for _, name := range keys(files) {
		path := filepath.Join(s.Work().State(id), name)
		must(t, os.WriteFile(path, []byte(files[name]), 0o600))
		size, sum, err := checkpoint.Checksum(vfs.Default, path)
		must(t, err)
		m.Files = append(m.Files, checkpoint.File{Name: checkpoint.StateFile(name), Size: size, Sum: sum})
	}
	return m
}

// write makes a complete checkpoint.
func write(t *testing.T, s checkpoint.Storage, id int64) *checkpoint.Manifest {
	t.Helper()
	m := prepare(t, s, id, map[string]string{"000001.sst": "rows of the state", "MANIFEST-000007": fmt.Sprint("of ", id)})
	must(t, s.Finish(t.Context(), m))
	return m
}

// plain leaves out of a manifest what only a store has.
func plain(m *checkpoint.Manifest) *checkpoint.Manifest {
	c := *m
	c.Files = nil
	for _, f := range m.Files {
		f.Shared = ""
		c.Files = append(c.Files, f)
	}
	return &c
}

func TestCheckpointIsReadAsWritten(t *testing.T) {
	places(t, func(t *testing.T, p place) {
		s := p.must(t)
		want := write(t, s, 3)
		for _, l := range []checkpoint.Lister{s, p.look()} {
			got, err := checkpoint.Newest(t.Context(), l)
			must(t, err)
			if diff := cmp.Diff(want, plain(got.Manifest)); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
			must(t, got.Verify(t.Context()))
			if got.Committed {
				t.Error("nobody has committed it")
			}
		}
		must(t, s.Committed(t.Context(), 3))
		must(t, s.Close())
		again := p.must(t)
		got, err := checkpoint.Newest(t.Context(), again)
		must(t, err)
		if !got.Committed {
			t.Error("it is not known that it was committed")
		}
		must(t, again.Committed(t.Context(), 3))
		here, err := again.Resume(t.Context(), got)
		must(t, err)
		must(t, here.Verify(t.Context()))
		text, err := os.ReadFile(filepath.Join(here.State(), "MANIFEST-000007"))
		if err != nil || string(text) != "of 3" {
			t.Errorf("%q, %v", text, err)
		}
	})
}

func TestIncompleteIsNoCheckpoint(t *testing.T) {
	places(t, func(t *testing.T, p place) {
		s := p.must(t)
		none := func(when string) {
			t.Helper()
			if c, err := checkpoint.Newest(t.Context(), s); c != nil || err != nil {
				t.Errorf("%s: %v, %v", when, c, err)
			}
		}
		none("at first")
		m := prepare(t, s, 1, map[string]string{"000001.sst": "rows"})
		none("begun")
		must(t, s.Finish(t.Context(), m))
		must(t, s.Discard(t.Context(), 1))
		none("discarded")
		write(t, s, 2)
		must(t, s.Clear(t.Context()))
		none("cleared")
	})
}

func TestRetainKeepsTheNewestComplete(t *testing.T) {
	places(t, func(t *testing.T, p place) {
		s := p.must(t)
		for id := int64(1); id <= 4; id++ {
			write(t, s, id)
		}
		must(t, s.Work().Begin(5)) // never completed
		must(t, s.Retain(t.Context(), 2))
		for _, l := range []checkpoint.Lister{s, p.look()} {
			ids, err := l.Complete(t.Context())
			must(t, err)
			if diff := cmp.Diff([]int64{3, 4}, ids); diff != "" {
				t.Errorf("kept (-want +got):\n%s", diff)
			}
			for _, id := range ids {
				c, err := l.Read(t.Context(), id)
				must(t, err)
				must(t, c.Verify(t.Context()))
			}
		}
		if next, err := s.NextID(t.Context()); err != nil || next != 5 {
			t.Errorf("the next is %d, %v", next, err)
		}
	})
}

func TestSecondOwnerIsRefused(t *testing.T) {
	places(t, func(t *testing.T, p place) {
		s := p.must(t)
		if _, err := p.own(t); !errors.Is(err, checkpoint.ErrLocked) || !strings.Contains(err.Error(), s.Dir()) {
			t.Errorf("a second owner: %v", err)
		}
		must(t, s.Close())
		must(t, s.Close())
		p.must(t)
	})
}

func TestJobIsKept(t *testing.T) {
	places(t, func(t *testing.T, p place) {
		s := p.must(t)
		id, err := s.Job(t.Context(), func() (string, error) { return "feed", nil })
		if id != "feed" || err != nil {
			t.Fatal(id, err)
		}
		must(t, s.Close())
		again := p.must(t)
		must(t, again.Clear(t.Context()))
		if id, err = again.Job(t.Context(), func() (string, error) { return "cafe", nil }); id != "feed" || err != nil {
			t.Fatal(id, err)
		}
	})
}

func TestDamageIsNamed(t *testing.T) {
	for name, c := range map[string]struct {
		part string
		harm func([]byte) []byte
	}{
		"missing":            {"000001.sst", func([]byte) []byte { return nil }},
		"truncated":          {"000001.sst", func(b []byte) []byte { return b[:3] }},
		"flipped":            {"000001.sst", func(b []byte) []byte { return []byte("rows of the stale") }},
		"manifest missing":   {"/MANIFEST", func([]byte) []byte { return nil }},
		"manifest truncated": {"/MANIFEST", func(b []byte) []byte { return b[:len(b)*2/3] }},
	} {
		t.Run(name, func(t *testing.T) {
			places(t, func(t *testing.T, p place) {
				s := p.must(t)
				write(t, s, 1)
				must(t, s.Close())
				p.damage(t, c.part, c.harm)
				s = p.must(t)
				got, err := checkpoint.Newest(t.Context(), s)
				if got == nil && err == nil && strings.HasPrefix(t.Name(), "TestDamageIsNamed/manifest_missing/folder") {
					return // what has no manifest never was one
				}
				if err == nil {
					_, err = s.Resume(t.Context(), got)
				}
				if err == nil {
					err = got.Verify(t.Context())
				}
				var damaged *checkpoint.DamagedError
				if !errors.As(err, &damaged) || !strings.Contains(damaged.Path, s.Dir()) || !strings.Contains(damaged.Path, c.part) {
					t.Errorf("%v", err)
				}
			})
		})
	}
}

// TestNewestIsNotPassedOver: an older checkpoint in place of a damaged one would commit rows twice.
func TestNewestIsNotPassedOver(t *testing.T) {
	places(t, func(t *testing.T, p place) {
		s := p.must(t)
		write(t, s, 1)
		write(t, s, 2)
		must(t, s.Close())
		p.damage(t, "chk-2", func(b []byte) []byte { return b[:len(b)/2] })
		if c, err := checkpoint.Newest(t.Context(), p.must(t)); err == nil {
			t.Errorf("checkpoint %d is taken", c.ID)
		}
	})
}

func TestWhatIsNotThere(t *testing.T) {
	places(t, func(t *testing.T, p place) {
		s := p.must(t)
		if _, err := s.Read(t.Context(), 7); err == nil {
			t.Error("a checkpoint that there never was can be read")
		}
		must(t, s.Discard(t.Context(), 7))
		must(t, s.Retain(t.Context(), 1))
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := checkpoint.All(ctx, vfs.Default, filepath.Join(t.TempDir(), "nowhere"), nil); err != nil {
			t.Error(err)
		}
	})
}
