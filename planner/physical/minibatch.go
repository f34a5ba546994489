package physical

import (
	"time"

	"github.com/weirstream/weir/runtime/plan"
	"github.com/weirstream/weir/sql/diag"
	"github.com/weirstream/weir/sql/settings"
)

// MiniBatch are the bounds of table.exec.mini-batch; the zero value gathers nothing.
type MiniBatch struct {
	Enabled bool
	Rows    int
	Wait    time.Duration
}

// gathered puts a MiniBatch before an operator that merges the changes of a batch, where mini-batches are asked for.
func (b *builder) gathered(in plan.Node, id string) (plan.Node, error) {
	m := b.o.MiniBatch
	switch {
	case !m.Enabled:
		return in, nil
	case m.Wait <= 0:
		return nil, unbounded(settings.MiniBatchLatency, "5 s")
	case m.Rows <= 0:
		return nil, unbounded(settings.MiniBatchSize, "5000")
	}
	props := *in.Properties()
	props.ID = hash("MiniBatch", id)
	out := &plan.MiniBatch{Props: props, Input: in, Rows: m.Rows, Wait: m.Wait}
	b.dist[out] = b.dist[in]
	return out, nil
}

func unbounded(key, example string) error {
	return diag.Errorf(diag.Span{}, "'%s' = 'true' needs '%s', which must be more than zero", settings.MiniBatchEnabled, key).
		WithHint("SET '%s' = '%s'; or RESET '%s': updates within a batch are merged without it", key, example, settings.MiniBatchEnabled)
}
