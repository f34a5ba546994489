package kinesis

import (
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/service/kinesis"
)

// Every operation of the SDK is served, and every member of its input has its place in the schema.
func TestEveryOperationOfTheSDK(t *testing.T) {
	known, seen := actions(), 0
	client := reflect.TypeFor[*sdk.Client]()
	for i := range client.NumMethod() {
		m := client.Method(i)
		if m.Type.NumIn() < 3 || !strings.HasSuffix(m.Type.In(2).String(), m.Name+"Input") {
			continue
		}
		seen++
		a, ok := known[m.Name]
		if !ok {
			t.Errorf("%s is not served", m.Name)
			continue
		}
		compareMembers(t, m.Name, a.fields, m.Type.In(2).Elem())
	}
	if seen != len(known) {
		t.Errorf("the SDK has %d operations, the server %d", seen, len(known))
	}
}

// reserved members mean nothing yet: they are taken and passed over.
var reserved = []string{"StreamId"}

func compareMembers(t *testing.T, path string, fields []field, shape reflect.Type) {
	t.Helper()
	for i := range shape.NumField() {
		member := shape.Field(i)
		if !member.IsExported() || slices.Contains(reserved, member.Name) {
			continue
		}
		at := slices.IndexFunc(fields, func(f field) bool { return f.name == member.Name })
		if at < 0 {
			t.Errorf("%s.%s is not in the schema", path, member.Name)
			continue
		}
		compareMember(t, path+"."+member.Name, &fields[at], member.Type)
	}
}

func compareMember(t *testing.T, path string, f *field, shape reflect.Type) {
	t.Helper()
	if shape.Kind() == reflect.Pointer {
		shape = shape.Elem()
	}
	want := stringKind
	switch {
	case shape == reflect.TypeFor[time.Time]():
		want = timeKind
	case shape == reflect.TypeFor[[]byte]():
		want = blobKind
	case shape.Kind() == reflect.Struct:
		want = structKind
	case shape.Kind() == reflect.Slice:
		want = listKind
	case shape.Kind() == reflect.Map:
		want = mapKind
	case shape.Kind() == reflect.Bool:
		want = booleanKind
	case shape.Kind() == reflect.Int32 || shape.Kind() == reflect.Int64:
		want = integerKind
	}
	if f.kind != want {
		t.Errorf("%s has kind %d in the schema, want %d", path, f.kind, want)
		return
	}
	switch want {
	case structKind:
		compareMembers(t, path, f.fields, shape)
	case listKind, mapKind:
		compareMember(t, path, f.elem, shape.Elem())
	}
}
