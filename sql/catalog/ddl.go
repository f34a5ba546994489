package catalog

import (
	"slices"
	"strconv"
	"strings"

	"github.com/weirstream/weir/sql/ast"
	"github.com/weirstream/weir/sql/diag"
	"github.com/weirstream/weir/sql/types"
)

// sqlText prints an expression as SQL.
func sqlText(n ast.Node) string { return ast.Format(n) }

// showCreate answers SHOW CREATE TABLE and SHOW CREATE VIEW with a statement that makes
// the object again.
func (s *Session) showCreate(st *ast.Show) (*Result, error) {
	t, err := s.Table(st.From)
	if err != nil {
		return nil, err
	}
	if want := strings.TrimPrefix(st.What, "CREATE "); t.Kind() != want {
		return nil, diag.Errorf(st.From.Span(), "'%s' is a %s", t.Path.Name, strings.ToLower(t.Kind())).
			WithHint("write SHOW CREATE %s %s", t.Kind(), t.Path.Name)
	}
	r := text("result")
	r.Rows = [][]any{{t.ddl()}}
	return r, nil
}

// showCreateCatalog answers SHOW CREATE CATALOG.
func (s *Session) showCreateCatalog(st *ast.Show) (*Result, error) {
	name := st.From.Last().Name
	c := s.catalogs[name]
	if c == nil {
		return nil, withHint(diag.Errorf(st.From.Span(), "there is no catalog '%s'", name), diag.DidYouMean(name, s.Catalogs()))
	}
	var b strings.Builder
	b.WriteString("CREATE CATALOG " + types.QuoteIdent(name))
	if c.Comment != "" {
		b.WriteString("\nCOMMENT " + quote(c.Comment))
	}
	writeOptions(&b, append([]ast.Option{{Key: "type", Value: memoryCatalog}}, c.others()...))
	r := text("result")
	r.Rows = [][]any{{b.String()}}
	return r, nil
}

// others are the catalog's options but for its type.
func (c *Catalog) others() []ast.Option {
	return slices.DeleteFunc(slices.Clone(c.Options), func(o ast.Option) bool { return o.Key == "type" })
}

// writeOptions writes a WITH clause, where there are options.
func writeOptions(b *strings.Builder, options []ast.Option) {
	if len(options) == 0 {
		return
	}
	opts := make([]string, len(options))
	for i, o := range options {
		opts[i] = "  " + quote(o.Key) + " = " + quote(o.Value)
	}
	b.WriteString("\nWITH (\n" + strings.Join(opts, ",\n") + "\n)")
}

// ddl writes the object's definition as SQL.
func (t *Table) ddl() string {
	var b strings.Builder
	b.WriteString("CREATE ")
	if t.Temporary {
		b.WriteString("TEMPORARY ")
	}
	b.WriteString(t.Kind() + " " + t.Path.Quoted())
	if t.View != nil {
		if len(t.View.Columns) > 0 {
			b.WriteString(" (" + idents(t.View.Columns) + ")")
		}
		t.comment(&b, " ")
		b.WriteString(" AS\n" + sqlText(t.View.Query))
		return b.String()
	}
	b.WriteString(" (\n  " + strings.Join(t.parts(), ",\n  ") + "\n)")
	t.comment(&b, "\n")
	if t.Distribution != nil {
		b.WriteString("\n" + distribution(t.Distribution))
	}
	if len(t.PartitionedBy) > 0 {
		b.WriteString("\nPARTITIONED BY (" + idents(t.PartitionedBy) + ")")
	}
	writeOptions(&b, t.Options)
	return b.String()
}

func (t *Table) comment(b *strings.Builder, before string) {
	if t.Comment != "" {
		b.WriteString(before + "COMMENT " + quote(t.Comment))
	}
}

// parts writes columns, watermark and primary key.
func (t *Table) parts() []string {
	var parts []string
	for i := range t.Columns {
		c := &t.Columns[i]
		s := types.QuoteIdent(c.Name)
		if c.Computed == nil {
			s += " " + c.Type.String()
		}
		if e, ok := extras(c).(string); ok {
			s += " " + e
		}
		if c.Comment != "" {
			s += " COMMENT " + quote(c.Comment)
		}
		parts = append(parts, s)
	}
	if t.Watermark != nil {
		parts = append(parts, "WATERMARK FOR "+types.QuoteIdent(t.Watermark.Column.Last().Name)+" AS "+sqlText(t.Watermark.X))
	}
	if len(t.PrimaryKey) > 0 {
		keys := make([]string, len(t.PrimaryKey))
		for i, k := range t.PrimaryKey {
			keys[i] = types.QuoteIdent(k)
		}
		parts = append(parts, "CONSTRAINT "+types.QuoteIdent(t.keyName())+" PRIMARY KEY ("+strings.Join(keys, ", ")+") NOT ENFORCED")
	}
	return parts
}

func distribution(d *ast.Distribution) string {
	s := "DISTRIBUTED"
	if len(d.Columns) > 0 {
		s += " BY "
		if d.Kind != "" {
			s += d.Kind
		}
		s += "(" + idents(d.Columns) + ")"
	}
	if d.Buckets > 0 {
		s += " INTO " + strconv.Itoa(d.Buckets) + " BUCKETS"
	}
	return s
}

func idents(ids []ast.Ident) string {
	names := make([]string, len(ids))
	for i, id := range ids {
		names[i] = types.QuoteIdent(id.Name)
	}
	return strings.Join(names, ", ")
}
