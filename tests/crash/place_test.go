package crash

import (
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/weirstream/weir/runtime/checkpoint/s3/s3test"
)

// place is where a job has its checkpoints.
type place struct {
	env   []string // of the child
	cache string   // the folder that it works in; "": it has none besides
}

// newPlace gives a folder, or a place in a store whose answers do not always come.
func newPlace(t *testing.T, j job, dir string, random *rand.Rand) place {
	t.Helper()
	if !j.s3 {
		return place{env: []string{stateVariable + "=state"}}
	}
	s := s3test.New(t)
	var mu sync.Mutex
	chance := rand.New(rand.NewPCG(random.Uint64(), 0))
	s.Fail(func(*http.Request) int {
		mu.Lock()
		defer mu.Unlock()
		switch chance.IntN(60) {
		case 0:
			return http.StatusServiceUnavailable
		case 1:
			return 1 // not carried out
		case 2:
			return -1 // carried out, and not answered
		}
		return 0
	})
	cache := filepath.Join(dir, "cache")
	env := []string{stateVariable + "=s3://bucket/job", "XDG_CACHE_HOME=" + cache, "HOME=" + dir, "AWS_ENDPOINT_URL_S3=" + s.URL, "AWS_ACCESS_KEY_ID=test", "AWS_SECRET_ACCESS_KEY=secret"}
	return place{env, cache}
}

// lose removes, now and then, what a child has left in the folder that it worked in, but for the folder's name.
func (p place) lose(t *testing.T, random *rand.Rand) {
	t.Helper()
	if p.cache == "" || random.IntN(3) > 0 {
		return
	}
	left, err := filepath.Glob(filepath.Join(p.cache, "weir", "*", "*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range left {
		if filepath.Base(path) != "WORK" {
			if err := os.RemoveAll(path); err != nil {
				t.Fatal(err)
			}
		}
	}
}
