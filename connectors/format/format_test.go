package format

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/weirstream/weir/connectors"
)

func list() List {
	return List{
		{Name: "json", Options: []connectors.Option{{Key: "a"}}},
		{Name: "csv", Options: []connectors.Option{{Key: "b"}}},
	}
}

func TestChoose(t *testing.T) {
	o := connectors.NewOptions(map[string]string{"value.format": "csv", "value.csv.b": "1", "csv.b": "2", "format": "json"}, nil)
	f, own, err := list().Choose(o, "value.format")
	if err != nil || f.Name != "csv" || own.Get("b") != "1" {
		t.Errorf("format %v, options %v, error %v", f, own.Keys(), err)
	}
	if err := own.Errorf("b", "is wrong"); err.Error() != "option 'value.csv.b': is wrong" {
		t.Errorf("error %v", err)
	}
	var keys []string
	for _, x := range list().Options("key.format") {
		keys = append(keys, x.Key)
	}
	if d := cmp.Diff([]string{"key.json.a", "key.csv.b"}, keys); d != "" {
		t.Error(d)
	}
}

func TestChooseFaults(t *testing.T) {
	for want, options := range map[string]map[string]string{
		"option 'format': is required (formats are 'json', 'csv')": {},
		"there is no format 'xml'":                                 {"format": "xml"},
		"option 'csv.b': the table's format is 'json'":             {"format": "json", "csv.b": "1"},
	} {
		_, _, err := list().Choose(connectors.NewOptions(options, nil), "format")
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %s", err, want)
		}
	}
}

func TestExcerpt(t *testing.T) {
	for in, want := range map[string]string{
		"x":                      "'x'",
		"a\"b'c\n":               `'a"b\'c\n'`,
		strings.Repeat("é", 40):  "'" + strings.Repeat("é", 32) + "'…",
		strings.Repeat("xé", 40): "'" + strings.Repeat("xé", 21) + "x'…",
	} {
		if got := Excerpt([]byte(in)); got != want {
			t.Errorf("Excerpt(%q) = %s, want %s", in, got, want)
		}
	}
}
