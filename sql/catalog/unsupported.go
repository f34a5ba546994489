package catalog

import "github.com/weirstream/weir/sql/ast"

// statementName says what a statement that does not run yet is called.
func statementName(stmt ast.Statement) string {
	switch st := stmt.(type) {
	case *ast.Update:
		return "UPDATE"
	case *ast.Delete:
		return "DELETE"
	case *ast.Truncate:
		return "TRUNCATE TABLE"
	case *ast.Load:
		return "modules other than core"
	case *ast.StopJob:
		return "STOP JOB"
	case *ast.CompilePlan, *ast.ExecutePlan:
		return "compiled plans"
	case *ast.CallProcedure:
		return "CALL"
	case *ast.Jar:
		return "jars"
	case *ast.Analyze:
		return "ANALYZE TABLE"
	case *ast.CreateFunction:
		return "CREATE FUNCTION"
	case *ast.AlterFunction:
		return "ALTER FUNCTION"
	case *ast.CreateModel, *ast.AlterModel:
		return "models"
	case *ast.CreateMaterializedTable, *ast.AlterMaterializedTable:
		return "materialized tables"
	default:
		return firstWord(ast.Format(st))
	}
}

func firstWord(s string) string {
	for i, r := range s {
		if r == ' ' {
			return s[:i]
		}
	}
	return s
}
