package shardlog

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// staged stages records n of the keys k0 to k4, and prepares them.
func staged(t *testing.T, g *Stage, from, to int) Prepared {
	t.Helper()
	for n := from; n < to; n++ {
		var puts []Put
		for k := range 5 {
			puts = append(puts, Put{Key: fmt.Sprint("k", k), Data: fmt.Append(nil, n)})
		}
		if err := g.Append(puts); err != nil {
			t.Fatal(err)
		}
	}
	p, ok, err := g.Prepare()
	if err != nil || !ok {
		t.Fatalf("%v, %v", ok, err)
	}
	return p
}

func newStage(t *testing.T, st *Stream, owner, writer string) *Stage {
	t.Helper()
	g, err := st.Stage(owner, writer)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := g.Close(); err != nil {
			t.Error(err)
		}
	})
	return g
}

// byKey reads all shards, parents before children, and gives each key's records.
func byKey(t *testing.T, st *Stream) map[string]string {
	t.Helper()
	out := map[string]string{}
	for _, info := range st.Shards() {
		var b Batch
		offset := uint64(0)
		for {
			if err := st.Read(info.ID, offset, Limits{}, &b); err != nil {
				t.Fatal(err)
			}
			if len(b.Records) == 0 {
				break
			}
			for _, r := range b.Records {
				out[string(r.Key)] += string(r.Data) + " "
			}
			offset = b.Next
		}
	}
	return out
}

func wantNumbers(t *testing.T, st *Stream, to int) {
	t.Helper()
	want := ""
	for n := range to {
		want += fmt.Sprint(n) + " "
	}
	got := byKey(t, st)
	for k := range 5 {
		if key := fmt.Sprint("k", k); to > 0 && got[key] != want {
			t.Fatalf("%s: got %q, want %q", key, got[key], want)
		}
	}
	if to == 0 && len(got) > 0 {
		t.Fatalf("got %v", got)
	}
}

func openStream(t *testing.T, dir string, shards int) (*Log, *Stream) {
	t.Helper()
	l, err := Open(dir, Options{SegmentBytes: 60})
	if err != nil {
		t.Fatal(err)
	}
	st, err := l.Stream("s")
	if errors.Is(err, ErrNotFound) {
		st, err = l.Create(Spec{Name: "s", Shards: shards})
	}
	if err != nil {
		t.Fatal(err)
	}
	return l, st
}

func must(t *testing.T, errs ...error) {
	t.Helper()
	for _, err := range errs {
		if err != nil {
			t.Fatal(err)
		}
	}
}

func TestStagedRecordsShowWhenCommitted(t *testing.T) {
	ctx := t.Context()
	dir := t.TempDir()
	l, st := openStream(t, dir, 3)
	must(t, st.Fence("job"))
	g := newStage(t, st, "job", "0")
	a := staged(t, g, 0, 3)
	b := staged(t, g, 3, 4)
	wantNumbers(t, st, 0)
	must(t, st.Commit(ctx, []Prepared{a}))
	wantNumbers(t, st, 3)
	must(t, st.Commit(ctx, []Prepared{a}), st.Commit(ctx, []Prepared{a, b}))
	wantNumbers(t, st, 4)
	c := staged(t, g, 4, 6)
	must(t, g.Close(), l.Close())

	// After a restart: what had been committed is, and what had only been prepared can be.
	l, st = openStream(t, dir, 3)
	must(t, st.Recommit(ctx, []Prepared{b, c}))
	wantNumbers(t, st, 6)
	must(t, st.Fence("job"), st.Recommit(ctx, []Prepared{c})) // once more, from the same checkpoint
	wantNumbers(t, st, 6)
	must(t, l.Close())
}

func TestCommitsGoOnAfterAReshard(t *testing.T) {
	l, st := openStream(t, t.TempDir(), 2)
	must(t, st.Fence("job"))
	g := newStage(t, st, "job", "0")
	for n := range 6 {
		p := staged(t, g, n, n+1)
		must(t, st.Scale(2+n%3))
		must(t, st.Commit(t.Context(), []Prepared{p}))
	}
	wantNumbers(t, st, 6)
	must(t, l.Close())
}

// A run that was replaced can neither stage nor commit, and what it had staged is gone.
func TestFence(t *testing.T) {
	ctx := t.Context()
	l, st := openStream(t, t.TempDir(), 2)
	must(t, st.Fence("job"))
	zombie := newStage(t, st, "job", "0")
	old := staged(t, zombie, 0, 1)
	other := newStage(t, st, "another job", "0")
	kept := staged(t, other, 0, 1)
	must(t, st.Fence("job"))
	g := newStage(t, st, "job", "0")
	must(t, st.Commit(ctx, []Prepared{staged(t, g, 0, 1)}))
	if err := st.Commit(ctx, []Prepared{old}); !errors.Is(err, ErrFenced) {
		t.Errorf("the old run's commit: %v", err)
	}
	if _, _, err := zombie.Prepare(); !errors.Is(err, ErrFenced) {
		t.Errorf("the old run prepares: %v", err)
	}
	wantNumbers(t, st, 1)
	must(t, st.Commit(ctx, []Prepared{kept})) // is nobody else's business
	for owner, bad := range map[string]Prepared{
		"a run to come":  {Owner: "job", Epoch: 3, Lane: g.name, From: 1, To: 2},
		"a lane unknown": {Owner: "job", Epoch: 2, Lane: "2-ffff", From: 1, To: 2},
		"too far":        {Owner: "job", Epoch: 2, Lane: g.name, From: 6, To: 7},
	} {
		if err := st.Commit(ctx, []Prepared{bad}); err == nil {
			t.Errorf("%s was committed", owner)
		}
	}
	must(t, l.Close())
}

// copyDir copies a log's folder as a crash at this moment would leave it.
func copyDir(t *testing.T, from string) string {
	t.Helper()
	to := t.TempDir()
	must(t, os.CopyFS(filepath.Join(to, "log"), os.DirFS(from)))
	return filepath.Join(to, "log")
}

// A commit that is cut short anywhere is finished by the next one: the state on disk says where the records of
// each shard were to lie, and some, none or all of the shards have them.
func TestCommitThatWasCutShort(t *testing.T) {
	ctx := t.Context()
	for have := range 1 << 3 {
		dir := t.TempDir()
		l, st := openStream(t, dir, 3)
		must(t, st.Fence("job"))
		g := newStage(t, st, "job", "0")
		must(t, st.Commit(ctx, []Prepared{staged(t, g, 0, 2)}))
		p := staged(t, g, 2, 4)
		s, err := st.staging("job")
		must(t, err)
		// As land does it, but only the shards of have get their records.
		store, err := s.store(p.Lane)
		must(t, err)
		puts, next, err := readStaged(store, p.From, p.To)
		must(t, err)
		st.mu.RLock()
		groups, err := st.route(puts)
		st.mu.RUnlock()
		must(t, err)
		in := intent{Lane: p.Lane, From: p.From, To: next}
		for i, g := range groups {
			info, err := st.Shard(g.shard.id)
			must(t, err)
			in.Shards = append(in.Shards, landing{Shard: g.shard.id, Hash: info.Hash, First: g.shard.next, Count: len(g.pick)})
			if have>>i&1 == 1 {
				var own []Put
				for _, k := range g.pick {
					own = append(own, puts[k])
				}
				_, err := st.Append(ctx, own)
				must(t, err)
			}
		}
		s.mu.Lock()
		s.state.Intent = &in
		err = s.save()
		s.mu.Unlock()
		must(t, err)
		crashed := copyDir(t, dir)
		must(t, g.Close(), l.Close())

		l, st = openStream(t, crashed, 3)
		must(t, st.Scale(4)) // routes may change before the commit goes on
		must(t, st.Recommit(ctx, []Prepared{p}))
		wantNumbers(t, st, 4)
		must(t, l.Close())
	}
}

// Commits of several owners, appends and reshards go on side by side.
func TestCommitsBesideAppends(t *testing.T) {
	l, st := openStream(t, t.TempDir(), 3)
	const owners, rounds = 3, 15
	var work sync.WaitGroup
	for w := range owners {
		work.Go(func() {
			owner := fmt.Sprint("job", w)
			if err := st.Fence(owner); err != nil {
				t.Error(err)
				return
			}
			g, err := st.Stage(owner, "0")
			if err != nil {
				t.Error(err)
				return
			}
			for n := range rounds {
				var puts []Put
				for k := range 10 {
					puts = append(puts, Put{Key: fmt.Sprint(owner, "-", k), Data: fmt.Append(nil, n)})
				}
				err := g.Append(puts)
				p, ok, prepareErr := g.Prepare()
				if err := errors.Join(err, prepareErr, st.Commit(t.Context(), []Prepared{p})); err != nil || !ok {
					t.Error(ok, err)
					return
				}
			}
			if err := g.Close(); err != nil {
				t.Error(err)
			}
		})
		work.Go(func() {
			for n := range 5 * rounds {
				if _, err := st.Append(t.Context(), []Put{{Key: fmt.Sprint("plain", w), Data: fmt.Append(nil, n)}}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	work.Go(func() {
		for _, n := range []int{5, 3, 2, 4} {
			if err := st.Scale(n); err != nil {
				t.Error(err)
			}
			time.Sleep(5 * time.Millisecond)
		}
	})
	work.Wait()
	got := byKey(t, st)
	if len(got) != owners*11 {
		t.Errorf("%d keys", len(got))
	}
	for key, data := range got {
		want := rounds
		if strings.HasPrefix(key, "plain") {
			want = 5 * rounds
		}
		list := strings.Fields(data)
		if len(list) != want || !slices.IsSortedFunc(list, func(a, b string) int { return len(a)*1000 - len(b)*1000 + strings.Compare(a, b) }) {
			t.Errorf("%s: got %q", key, data)
		}
	}
	must(t, l.Close())
}

// A shard that cannot write fails the commit, keeps what the others have, and a later call finishes it.
func TestCommitAfterAFailedWrite(t *testing.T) {
	ctx := t.Context()
	l, st := openStream(t, t.TempDir(), 3)
	must(t, st.Fence("job"))
	g := newStage(t, st, "job", "0")
	must(t, st.Commit(ctx, []Prepared{staged(t, g, 0, 1)}))
	p := staged(t, g, 1, 3)
	// A folder stands where the shard's next segment is to be made.
	victim := st.shards[st.Route(Put{Key: "k0"})]
	block := filepath.Join(victim.dir, fmt.Sprintf("%020d.seg", victim.store.Next()))
	must(t, os.Mkdir(block, 0o755))
	if err := st.Commit(ctx, []Prepared{p}); err == nil {
		t.Fatal("the commit of a shard that cannot write went through")
	}
	must(t, os.Remove(block))
	must(t, st.Commit(ctx, []Prepared{p}))
	wantNumbers(t, st, 3)
	must(t, l.Close())
}
