package runtime_test

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/weirstream/weir/runtime"
	"github.com/weirstream/weir/runtime/checkpoint/s3/s3test"
	"github.com/weirstream/weir/runtime/plan"
)

// TestStopWaitsForTheStore: tasks may take no longer than StopTimeout to stop, but the last checkpoint may be longer on its way.
func TestStopWaitsForTheStore(t *testing.T) {
	const most = 2 * time.Second
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	t.Setenv("HOME", t.TempDir())
	s := s3test.New(t)
	asked, goOn := make(chan struct{}), make(chan struct{})
	var once sync.Once
	s.Stall(func(r *http.Request) <-chan struct{} {
		if r.Method == http.MethodPut && strings.HasSuffix(r.URL.Path, "/MANIFEST") {
			once.Do(func() { close(asked) })
			return goOn
		}
		return nil
	})
	job := windowJob(t, &slow{events{2, 1 << 40, 1500, 1}}, &table{rows: map[string]int{}}, 2, 200, false)
	for i, n := range plan.Nodes(job) {
		n.Properties().ID = fmt.Sprint("n", i)
	}
	job.Config.MaxGroups = 128
	job.Config.Checkpoints = plan.Checkpoints{Store: plan.ObjectStore{Endpoint: s.URL, AccessKey: "test", SecretKey: "secret"}}
	j, err := runtime.Start(t.Context(), job, runtime.Options{State: &runtime.State{Dir: "s3://b/p"}, StopTimeout: most})
	if err != nil {
		t.Fatal(err)
	}
	j.Stop()
	<-asked
	time.AfterFunc(most+most/2, func() { close(goOn) })
	if err := j.Wait(); err != nil {
		t.Fatal(err)
	}
	if head := string(s.Get("b/p/HEAD")); !strings.Contains(head, `"id": 1,`) {
		t.Errorf("the last checkpoint is not listed: %s", head)
	}
}
