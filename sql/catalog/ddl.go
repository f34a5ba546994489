package catalog

import (
	"fmt"

	"github.com/weirstream/weir/sql/ast"
	"github.com/weirstream/weir/sql/diag"
)

// sqlText prints an expression as SQL.
func sqlText(n ast.Node) string {
	if s, ok := n.(fmt.Stringer); ok {
		return s.String()
	}
	return "…"
}

func (s *Session) showCreate(st *ast.Show) (*Result, error) {
	return nil, diag.Unsupported(st.Span(), "SHOW %s", st.What)
}
