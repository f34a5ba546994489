package udf

import (
	"strings"

	"github.com/weirstream/weir/sql/diag"
)

// Nearest gives the name that a misspelt one most likely means, or "".
func (r *Registry) Nearest(name string) string {
	return diag.Nearest(strings.ToUpper(name), r.Names())
}
