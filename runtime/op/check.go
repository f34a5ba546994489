package op

import (
	"fmt"

	"github.com/weirstream/weir/runtime/plan"
	"github.com/weirstream/weir/runtime/vec"
	"github.com/weirstream/weir/sql/diag"
)

// onlyInserts finds a fault of the plan: updates that reach an operator that takes none.
func onlyInserts(b *vec.Batch, operator string) error {
	if b.Kinds == nil {
		return nil
	}
	for k := range b.Rows() {
		if kind := b.Kinds[at(b.Sel, k)]; kind != vec.Insert {
			return fmt.Errorf("planning a %s over a changelog: it was given a row of kind %s", operator, kind)
		}
	}
	return nil
}

func nullRowtime(column string) error {
	return diag.Errorf(diag.Span{}, "the time attribute %s is NULL in some row", column).
		WithHint("leave such rows out before the watermark is taken, or give the column a value with COALESCE in a computed column")
}

func unsupported(what string) error { return diag.Unsupported(diag.Span{}, "%s", what) }

// batchSize is how many rows operators put into a batch that they make.
func batchSize(c *plan.Config) int {
	if c != nil && c.BatchSize > 0 {
		return c.BatchSize
	}
	return vec.DefaultBatchSize
}
