package kinesis

import (
	"encoding/json"
	"fmt"
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

// limit is what the protocol says of a member wherever it stands: lengths of texts, lists and maps, values of numbers.
type limit struct {
	min, max int64 // -1: none
	pattern  string
}

// limits of members by name, and by action and name where an action has its own.
var knownLimits = map[string]limit{
	"StreamName": {1, 128, `[a-zA-Z0-9_.-]+`}, "ConsumerName": {1, 128, `[a-zA-Z0-9_.-]+`}, "ShardId": {1, 128, `[a-zA-Z0-9_.-]+`},
	"ShardToSplit": {1, 128, `[a-zA-Z0-9_.-]+`}, "ShardToMerge": {1, 128, `[a-zA-Z0-9_.-]+`}, "AdjacentShardToMerge": {1, 128, `[a-zA-Z0-9_.-]+`},
	"ExclusiveStartShardId": {1, 128, `[a-zA-Z0-9_.-]+`}, "ExclusiveStartStreamName": {1, 128, `[a-zA-Z0-9_.-]+`},
	"StreamARN": {1, 2048, `arn:aws.*:kinesis:.*:\d{12}:stream/\S+`}, "ConsumerARN": {1, 2048, `^(arn):aws.*:kinesis:.*:\d{12}:.*stream\/[a-zA-Z0-9_.-]+\/consumer\/[a-zA-Z0-9_.-]+:[0-9]+`},
	"PartitionKey": {1, 256, ""}, "ExplicitHashKey": {-1, -1, `0|([1-9]\d{0,38})`}, "NewStartingHashKey": {-1, -1, `0|([1-9]\d{0,38})`},
	"StartingSequenceNumber": {-1, -1, `0|([1-9]\d{0,128})`}, "SequenceNumberForOrdering": {-1, -1, `0|([1-9]\d{0,128})`}, "SequenceNumber": {-1, -1, `0|([1-9]\d{0,128})`},
	"Data": {-1, 10485760, ""}, "Records": {1, 500, ""}, "ShardIterator": {1, 512, ""}, "NextToken": {1, 1048576, ""},
	"Limit": {1, 10000, ""}, "MaxResults": {1, 10000, ""}, "ListTagsForStream.Limit": {1, 50, ""},
	"Tags": {1, 200, ""}, "TagKeys": {1, 50, ""}, "ExclusiveStartTagKey": {1, 128, ""}, "ShardLevelMetrics": {1, 7, ""},
	"MaxRecordSizeInKiB": {1024, 10240, ""}, "ShardCount": {1, -1, ""}, "TargetShardCount": {1, -1, ""}, "WarmThroughputMiBps": {0, -1, ""}, "KeyId": {1, 2048, ""},
}

func TestLimitsOfMembers(t *testing.T) {
	met := map[string]bool{}
	var walk func(action string, fields []field)
	walk = func(action string, fields []field) {
		for i := range fields {
			f := &fields[i]
			key := action + "." + f.name
			want, ok := knownLimits[key]
			if !ok {
				key = f.name
				want, ok = knownLimits[key]
			}
			if ok {
				met[key] = true
				got := limit{-1, -1, ""}
				if f.hasMin {
					got.min = f.min
				}
				if f.hasMax {
					got.max = f.max
				}
				if f.pattern != nil {
					got.pattern = f.pattern.text
				}
				if got != want {
					t.Errorf("%s.%s: %+v, want %+v", action, f.name, got, want)
				}
			}
			walk(action, f.fields)
			if f.elem != nil {
				walk(action, f.elem.fields)
			}
		}
	}
	for action, a := range actions() {
		walk(action, a.fields)
	}
	if len(met) != len(knownLimits) {
		t.Errorf("%d of %d limits were met", len(met), len(knownLimits))
	}
}

// Every member of every action is refused when it has another type, when it must be there and is not, and outside its limits: in
// AWS's words and under its own name.
func TestEveryMemberIsChecked(t *testing.T) {
	s := recordedServer(t)
	refused := func(action, body, kind, words string) {
		t.Helper()
		w := post(s, jsonType, action, []byte(body))
		if w.Code != 400 || w.Header().Get("X-Amzn-Errortype") != kind || !strings.Contains(w.Body.String(), words) {
			t.Errorf("%s %.100s: %d %.300s\nwant %s with %q", action, body, w.Code, w.Body, kind, words)
		}
	}
	for action, a := range actions() {
		for i := range a.fields {
			f := &a.fields[i]
			name, path := `{"`+f.name+`":`, strings.ToLower(f.name[:1])+f.name[1:]
			wrong := map[kind]string{stringKind: `1`, blobKind: `1`, listKind: `1`, mapKind: `1`, structKind: `1`}[f.kind]
			if wrong == "" {
				wrong = `"x"`
			}
			refused(action, name+wrong+"}", serialization, "")
			if f.required {
				refused(action, "{}", validation, "Value null at '"+path+"' failed to satisfy constraint: Member must not be null")
			}
			if f.enum != nil {
				refused(action, name+`"?"}`, validation, "Value '?' at '"+path+"' failed to satisfy constraint: Member must satisfy enum value set: ["+strings.Join(f.enum, ", ")+"]")
			}
			if f.pattern != nil {
				quoted, err := json.Marshal("Member must satisfy regular expression pattern: " + f.pattern.text)
				if err != nil {
					t.Fatal(err)
				}
				refused(action, name+`"?"}`, validation, "Value '?' at '"+path+"' failed to satisfy constraint: "+strings.Trim(string(quoted), `"`))
			}
			if f.kind == integerKind && f.hasMin {
				refused(action, fmt.Sprint(name, f.min-1, "}"), validation, fmt.Sprintf("Value '%d' at '%s' failed to satisfy constraint: Member must have value greater than or equal to %d", f.min-1, path, f.min))
			}
			if f.kind == integerKind && f.hasMax {
				refused(action, fmt.Sprint(name, f.max+1, "}"), validation, fmt.Sprintf("Member must have value less than or equal to %d", f.max))
			}
			if f.kind == stringKind && f.hasMin && f.min > 0 {
				refused(action, name+`""}`, validation, fmt.Sprintf("Value '' at '%s' failed to satisfy constraint: Member must have length greater than or equal to %d", path, f.min))
			}
			if f.kind == stringKind && f.hasMax {
				refused(action, name+`"`+strings.Repeat("x", int(f.max)+1)+`"}`, validation, fmt.Sprintf("Member must have length less than or equal to %d", f.max))
			}
			if f.kind == listKind && f.hasMin {
				refused(action, name+`[]}`, validation, fmt.Sprintf("Value '[]' at '%s' failed to satisfy constraint: Member must have length greater than or equal to %d", path, f.min))
			}
		}
	}
}
