package catalog

import (
	"strings"

	"github.com/weirstream/weir/sql/ast"
	"github.com/weirstream/weir/sql/diag"
	"github.com/weirstream/weir/sql/types"
)

// show answers SHOW statements.
func (s *Session) show(st *ast.Show, check Checker) (*Result, error) {
	switch st.What {
	case "CATALOGS":
		return list("catalog name", s.Catalogs(), st), nil
	case "CURRENT CATALOG":
		return list("current catalog name", []string{s.catalog}, st), nil
	case "CURRENT DATABASE":
		return list("current database name", []string{s.database}, st), nil
	case "DATABASES":
		return s.showDatabases(st)
	case "TABLES", "VIEWS":
		return s.showTables(st)
	case "FUNCTIONS":
		return list("function name", check.Functions(), st), nil
	case "USER FUNCTIONS":
		return list("function name", nil, st), nil
	case "MODULES":
		return list("module name", []string{"core"}, st), nil
	case "FULL MODULES":
		r := text("module name", "used")
		r.Columns[1].Type = types.New(types.Boolean)
		r.Rows = [][]any{{"core", true}}
		return r, nil
	case "COLUMNS":
		return s.showColumns(st, check)
	case "CREATE TABLE", "CREATE VIEW":
		return s.showCreate(st)
	case "CREATE CATALOG":
		return s.showCreateCatalog(st)
	case "MODELS", "PROCEDURES":
		return list(strings.ToLower(strings.TrimSuffix(st.What, "S"))+" name", nil, st), nil
	case "JARS":
		return list("jars", nil, st), nil
	case "MATERIALIZED TABLES":
		return list("materialized table", nil, st), nil
	}
	return nil, diag.Unsupported(st.Span(), "SHOW %s", st.What)
}

// list makes a result of one column of the names that the statement's LIKE lets through.
func list(column string, names []string, st *ast.Show) *Result {
	r := text(column)
	for _, n := range names {
		if matches(n, st) {
			r.Rows = append(r.Rows, []any{n})
		}
	}
	return r
}

func (s *Session) showDatabases(st *ast.Show) (*Result, error) {
	cat := s.catalog
	if len(st.From.Parts) > 0 {
		cat = st.From.Last().Name
	}
	c := s.catalogs[cat]
	if c == nil {
		return nil, withHint(diag.Errorf(st.From.Span(), "there is no catalog '%s'", cat), diag.DidYouMean(cat, s.Catalogs()))
	}
	return list("database name", sortedKeys(c.databases), st), nil
}

func (s *Session) showTables(st *ast.Show) (*Result, error) {
	cat, db := s.catalog, s.database
	if len(st.From.Parts) > 0 {
		var err error
		if cat, db, err = s.databasePath(st.From); err != nil {
			return nil, err
		}
		if _, err = s.findDatabase(st.From, cat, db); err != nil {
			return nil, err
		}
	}
	column, viewsOnly := "table name", st.What == "VIEWS"
	if viewsOnly {
		column = "view name"
	}
	var names []string
	for _, n := range s.tableNames(cat, db) {
		if !viewsOnly || s.Lookup(Path{cat, db, n}).View != nil {
			names = append(names, n)
		}
	}
	return list(column, names, st), nil
}

// matches applies the LIKE or ILIKE of a SHOW statement to a name.
func matches(name string, st *ast.Show) bool {
	if st.LikeKind == "" {
		return true
	}
	pattern := st.Like
	if st.LikeKind == "ILIKE" {
		name, pattern = strings.ToLower(name), strings.ToLower(pattern)
	}
	return like([]rune(name), []rune(pattern)) != st.NotLike
}

// like matches SQL's % and _, and what stands behind a backslash as it is, by remembering only the last %, so that it is never worse than
// quadratic.
func like(s, p []rune) bool {
	i, j, star, mark := 0, 0, -1, 0
	for i < len(s) {
		switch {
		case j < len(p) && p[j] == '%':
			star, mark = j, i
			j++
		case j+1 < len(p) && p[j] == '\\' && p[j+1] == s[i]:
			i, j = i+1, j+2
		case j < len(p) && p[j] != '\\' && (p[j] == '_' || p[j] == s[i]):
			i, j = i+1, j+1
		case star >= 0:
			mark++
			i, j = mark, star+1
		default:
			return false
		}
	}
	for j < len(p) && p[j] == '%' {
		j++
	}
	return j == len(p)
}
