package bind

import (
	"errors"
	"slices"
	"sort"
	"strings"

	"github.com/weirstream/weir/connectors"
	"github.com/weirstream/weir/sql/catalog"
	"github.com/weirstream/weir/sql/diag"
	"github.com/weirstream/weir/sql/settings"
)

const (
	scanParallelism = "scan.parallelism"
	sinkParallelism = "sink.parallelism"
)

// commonOptions are WITH options of every connector: the planner reads them.
func commonOptions() []connectors.Option {
	return []connectors.Option{
		{Key: "connector", Type: connectors.StringOption},
		{Key: scanParallelism, Type: connectors.IntOption},
		{Key: sinkParallelism, Type: connectors.IntOption},
		{Key: settings.LateRows, Type: connectors.StringOption},
		{Key: "scan.watermark.emit.strategy", Type: connectors.EnumOption, Values: []string{"on-periodic", "on-event"}},
		{Key: "scan.watermark.idle-timeout", Type: connectors.DurationOption},
		{Key: "scan.watermark.alignment.group", Type: connectors.StringOption},
		{Key: "scan.watermark.alignment.max-drift", Type: connectors.DurationOption},
		{Key: "scan.watermark.alignment.update-interval", Type: connectors.DurationOption},
	}
}

// connector finds a table's connector; nil where there is none of that name.
func (b *Binder) connector(t *catalog.Table) *connectors.Connector {
	name, _ := t.Option("connector")
	for _, c := range b.Connectors {
		if c.Name == name {
			return c
		}
	}
	return nil
}

// ErrNoConnector is in the error of a table whose connector is not there.
var ErrNoConnector = errors.New("there is no connector")

// mustConnector finds a table's connector and checks the WITH options against it.
func (b *Binder) mustConnector(t *catalog.Table, at diag.Span) (*connectors.Connector, error) {
	name, ok := t.Option("connector")
	if !ok {
		return nil, diag.Errorf(at, "table '%s' has no option 'connector'", t.Path.Name).WithHint("connectors are %s", quotedList(b.connectorNames()))
	}
	c := b.connector(t)
	if c == nil {
		hint := "connectors are " + quotedList(b.connectorNames())
		if near := diag.DidYouMean(name, b.connectorNames()); near != "" {
			hint = near + " " + hint
		}
		return nil, b.inTable(withHint(diag.Errorf(t.ConnectorOptions().Span("connector"), "%w '%s'", ErrNoConnector, name), hint), t)
	}
	if err := checkOptions(t, c); err != nil {
		return nil, diag.At(b.inTable(err, t), at)
	}
	return c, nil
}

// CheckTable checks a table's connector and options, as reading or writing it would.
func (b *Binder) CheckTable(t *catalog.Table) error {
	_, err := b.mustConnector(t, t.At)
	return err
}

func (b *Binder) connectorNames() []string {
	var names []string
	for _, c := range b.Connectors {
		names = append(names, c.Name)
	}
	sort.Strings(names)
	return names
}

// checkOptions checks a table's WITH options against what its connector documents: none is
// unknown, none that is required is missing, every value has its option's type.
func checkOptions(t *catalog.Table, c *connectors.Connector) error {
	known := append(commonOptions(), c.Options...)
	opts := t.ConnectorOptions()
	for _, o := range t.Options {
		k := slices.IndexFunc(known, func(k connectors.Option) bool { return optionMatches(k.Key, o.Key) })
		if k < 0 {
			return unknownOption(c, known, o.Key, o.Span())
		}
		if err := checkValue(opts, o.Key, &known[k]); err != nil {
			return err
		}
	}
	for _, k := range c.Options {
		if k.Required && !opts.Has(k.Key) {
			return diag.Errorf(opts.Span("connector"), "connector '%s' needs the option '%s'", c.Name, k.Key).WithHint("%s", k.Doc)
		}
	}
	return nil
}

func unknownOption(c *connectors.Connector, known []connectors.Option, key string, at diag.Span) error {
	var names []string
	for _, k := range known {
		if k.Key != "connector" {
			names = append(names, k.Key)
		}
	}
	err := diag.Errorf(at, "connector '%s' has no option '%s'", c.Name, key)
	if near := diag.DidYouMean(key, names); near != "" {
		return err.WithHint("%s", near)
	}
	sort.Strings(names)
	return err.WithHint("it has %s", strings.Join(names, ", "))
}

// optionMatches reports whether key is one that pattern stands for: '#' is a part that the
// user chooses, '*' at the end anything.
func optionMatches(pattern, key string) bool {
	if prefix, ok := strings.CutSuffix(pattern, "*"); ok && !strings.Contains(prefix, "#") {
		return strings.HasPrefix(key, prefix) && len(key) > len(prefix)
	}
	before, after, ok := strings.Cut(pattern, "#")
	if !ok {
		return pattern == key
	}
	return len(key) > len(before)+len(after) && strings.HasPrefix(key, before) && strings.HasSuffix(key, after)
}

func checkValue(o *connectors.Options, key string, k *connectors.Option) error {
	var err error
	switch k.Type {
	case connectors.BoolOption:
		_, err = o.Bool(key, false)
	case connectors.IntOption:
		var n int64
		n, err = o.Int(key, 0)
		if err == nil && (key == scanParallelism || key == sinkParallelism) && (n < 1 || n > settings.MaxTasks) {
			err = o.Errorf(key, "'%d' is no parallelism: use a number from 1 to %d", n, settings.MaxTasks)
		}
	case connectors.DurationOption:
		_, err = o.Duration(key, 0)
	case connectors.SizeOption:
		_, err = o.Size(key, 0)
	case connectors.EnumOption:
		if v := o.Get(key); len(k.Values) > 0 && !slices.Contains(k.Values, strings.ToLower(v)) {
			return withHint(o.Errorf(key, "'%s' is none of its values", v), "they are "+quotedList(k.Values))
		}
	}
	return err
}

func quotedList(names []string) string { return "'" + strings.Join(names, "', '") + "'" }
