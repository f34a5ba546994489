package parse

import (
	"fmt"

	tidb "github.com/pingcap/tidb/pkg/parser"
	"github.com/pingcap/tidb/pkg/parser/ast"
	_ "github.com/pingcap/tidb/pkg/parser/test_driver" // the values of literals; the parser does not start without one
)

// The tree that a lowered query parses to, as far as it is used.
type (
	mysqlNode      = ast.Node
	mysqlExpr      = ast.ExprNode
	mysqlSelect    = ast.SelectStmt
	mysqlSetOp     = ast.SetOprStmt
	mysqlWith      = ast.WithClause
	mysqlOrder     = ast.OrderByClause
	mysqlJoin      = ast.Join
	mysqlTable     = ast.TableSource
	mysqlTableName = ast.TableName
	mysqlColumn    = ast.ColumnNameExpr
	mysqlCall      = ast.FuncCallExpr
	mysqlBinary    = ast.BinaryOperationExpr
	mysqlUnary     = ast.UnaryOperationExpr
	mysqlSubquery  = ast.SubqueryExpr
)

// mysqlParser parses lowered queries. One goroutine may use it, and a tree is good until the
// next parse.
type mysqlParser struct{ p *tidb.Parser }

func newMySQLParser() *mysqlParser { return &mysqlParser{tidb.New()} }

// parse gives the tree of one lowered query. An error is a fault of the lowering, which lets
// through only what the grammar accepts.
func (m *mysqlParser) parse(sql string) (mysqlNode, error) {
	stmts, _, err := m.p.ParseSQL(sql)
	if err != nil {
		return nil, fmt.Errorf("parsing the lowered query %q: %w", sql, err)
	}
	if len(stmts) != 1 {
		return nil, fmt.Errorf("parsing the lowered query %q: got %d statements", sql, len(stmts))
	}
	return stmts[0], nil
}
