package catalog

import (
	"github.com/weirstream/weir/sql/ast"
	"github.com/weirstream/weir/sql/diag"
)

// Strategies of LIKE.
const (
	including   = "INCLUDING"
	excluding   = "EXCLUDING"
	overwriting = "OVERWRITING"
)

// strategies gives the strategy of each part of a table that LIKE merges. What is not
// named follows ALL; without ALL everything is included, options are overwritten.
func strategies(l *ast.LikeClause) (map[string]string, error) {
	s := map[string]string{
		"CONSTRAINTS": including, "DISTRIBUTION": including, "GENERATED": including, "METADATA": including,
		"OPTIONS": overwriting, "PARTITIONS": including, "WATERMARKS": including,
	}
	written := map[string]bool{}
	for _, o := range l.Options {
		if written[o.What] {
			return nil, diag.Errorf(l.Span(), "LIKE says twice what to do with %s", o.What)
		}
		written[o.What] = true
		_, known := s[o.What]
		switch {
		case o.What == "ALL" && o.Merge != overwriting:
			for k := range s {
				if !written[k] {
					s[k] = o.Merge
				}
			}
			continue
		case !known && o.What != "ALL":
			return nil, diag.Errorf(l.Span(), "LIKE cannot merge %s", o.What)
		case o.Merge == overwriting && (o.What == "ALL" || o.What == "CONSTRAINTS" || o.What == "DISTRIBUTION" || o.What == "PARTITIONS"):
			return nil, diag.Errorf(l.Span(), "LIKE cannot have OVERWRITING %s", o.What).
				WithHint("OVERWRITING is for GENERATED, METADATA, OPTIONS and WATERMARKS")
		}
		s[o.What] = o.Merge
	}
	return s, nil
}

// merge makes the table that CREATE TABLE t LIKE base means. t is what the statement itself
// says.
func merge(base, t *Table, l *ast.LikeClause) (*Table, error) {
	if base.View != nil {
		return nil, diag.Errorf(l.Table.Span(), "LIKE takes a table, '%s' is a view", base.Path.Name)
	}
	s, err := strategies(l)
	if err != nil {
		return nil, err
	}
	out := *t
	if out.Columns, err = mergeColumns(base, t, s); err != nil {
		return nil, err
	}
	if out.Options, err = mergeOptions(base, t, s["OPTIONS"]); err != nil {
		return nil, err
	}
	if base.Watermark != nil && s["WATERMARKS"] != excluding {
		if t.Watermark == nil {
			out.Watermark = base.Watermark
		} else if s["WATERMARKS"] == including {
			return nil, twice(t.Watermark.Span(), "a WATERMARK", base, "EXCLUDING or OVERWRITING WATERMARKS")
		}
	}
	if base.PrimaryKey != nil && s["CONSTRAINTS"] == including {
		if t.PrimaryKey != nil {
			return nil, twice(t.KeyAt, "a PRIMARY KEY", base, "EXCLUDING CONSTRAINTS")
		}
		out.PrimaryKey, out.KeyName, out.KeyAt = base.PrimaryKey, base.KeyName, base.KeyAt
	}
	if base.PartitionedBy != nil && s["PARTITIONS"] == including {
		if t.PartitionedBy != nil {
			return nil, twice(t.PartitionedBy[0].Span(), "PARTITIONED BY", base, "EXCLUDING PARTITIONS")
		}
		out.PartitionedBy = base.PartitionedBy
	}
	if base.Distribution != nil && s["DISTRIBUTION"] == including {
		if t.Distribution != nil {
			return nil, twice(t.Distribution.Span(), "a distribution", base, "EXCLUDING DISTRIBUTION")
		}
		out.Distribution = base.Distribution
	}
	return &out, nil
}

func twice(at diag.Span, what string, base *Table, way string) error {
	return diag.Errorf(at, "table '%s' in LIKE has %s already", base.Path.Name, what).WithHint("write LIKE %s (%s)", base.Path.Name, way)
}

// part names the strategy that a column falls under; physical columns have none.
func (c *Column) part() string {
	switch {
	case c.Computed != nil:
		return "GENERATED"
	case c.Metadata != "":
		return "METADATA"
	}
	return ""
}

// mergeColumns puts the base's columns first; an overwriting one takes the place of the one
// that it overwrites.
func mergeColumns(base, t *Table, s map[string]string) ([]Column, error) {
	var out []Column
	for _, c := range base.Columns {
		if p := c.part(); p == "" || s[p] != excluding {
			out = append(out, c)
		}
	}
next:
	for _, c := range t.Columns {
		for i := range out {
			if out[i].Name != c.Name {
				continue
			}
			p := c.part()
			if p == "" || p != out[i].part() || s[p] != overwriting {
				e := diag.Errorf(c.At, "table '%s' in LIKE has a column '%s' already", base.Path.Name, c.Name)
				if p != "" && p == out[i].part() {
					e = e.WithHint("write LIKE %s (OVERWRITING %s)", base.Path.Name, p)
				}
				return nil, e
			}
			out[i] = c
			continue next
		}
		out = append(out, c)
	}
	return out, nil
}

func mergeOptions(base, t *Table, strategy string) ([]ast.Option, error) {
	if strategy == excluding {
		return t.Options, nil
	}
	out := append([]ast.Option(nil), base.Options...)
	for _, o := range t.Options {
		if old, ok := base.Option(o.Key); ok && strategy == including && old != "" {
			return nil, twice(o.Span(), "option '"+o.Key+"'", base, "OVERWRITING OPTIONS")
		}
		out = setOption(out, o)
	}
	return out, nil
}

// setOption gives options with o in them, in place of one of the same key.
func setOption(options []ast.Option, o ast.Option) []ast.Option {
	out := append([]ast.Option(nil), options...)
	for i := range out {
		if out[i].Key == o.Key {
			out[i] = o
			return out
		}
	}
	return append(out, o)
}
