package main

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/weirstream/weir/tests/golden"
)

// points are the operators at which plans of both can be compared, by the names of either: those that make, merge or
// take changes. What lies between them, projections and exchanges, is arranged in other ways.
var points = map[string]string{
	"Source": "source", "TableSourceScan": "source",
	"Normalize": "normalize", "ChangelogNormalize": "normalize",
	"GroupAggregate": "aggregate", "GlobalGroupAggregate": "aggregate",
	"WindowAggregate": "window aggregate", "GlobalWindowAggregate": "window aggregate",
	"OverAggregate": "over",
	"TopN":          "rank", "Limit": "rank", "Rank": "rank", "SortLimit": "rank",
	"Deduplicate": "rank",
	"WindowTopN":  "window rank", "WindowRank": "window rank", "WindowDeduplicate": "window rank",
	"UnionAll": "union", "Union": "union",
	"Sink": "sink",
}

// point is an operator and the kinds of changes that it gives; a sink's are those that it gets.
type point struct{ what, kinds string }

func (p point) String() string { return p.what + "=" + p.kinds }

// checkPlan compares the kinds of changes in a plan with those in Flink's plan of the same statement.
func (z *checking) checkPlan(ctx context.Context, c *golden.Case, plan string, script []string) error {
	res, err := z.flink.Explain(ctx, c.Settings(), script)
	if err != nil {
		return err
	}
	if res.Error != "" {
		return fmt.Errorf("it fails: %s", res.Error)
	}
	ours, theirs := weirPoints(plan), flinkPoints(res.Plan)
	if !agree(ours, theirs) {
		return fmt.Errorf("the kinds of changes differ:\nwant:\n  %v\ngot:\n  %v", ours, theirs)
	}
	return nil
}

// agree reports whether two plans give the same kinds. A sink differs where the rank below it does, and by as much.
func agree(ours, theirs []point) bool {
	if len(ours) != len(theirs) {
		return false
	}
	for i, p := range ours {
		switch q := theirs[i]; {
		case p == q:
		case p.what != q.what:
			return false
		case p.what == "rank":
			if inserts := i+1 < len(ours) && ours[i+1].kinds == "I"; !narrower(p.kinds, q.kinds, inserts) {
				return false
			}
		case p.what != "sink", i+1 == len(ours), ours[i+1].what != "rank", p.kinds != ours[i+1].kinds, q.kinds != theirs[i+1].kinds:
			return false
		}
	}
	return true
}

// narrower reports whether a rank of Weir gives what Flink says, which is every kind, but for those that cannot come: over
// inserts no row is taken back without another in its place, so that there is no D where the rank tells the two apart;
// where it does not, because it is not selected, one row goes and another comes.
func narrower(ours, theirs string, overInserts bool) bool {
	switch theirs {
	case "I,UB,UA,D", "I,UA,D":
		return ours == "I,D" || overInserts && ours+",D" == theirs
	}
	return false
}

// attrChanges finds the kinds in a line of either plan.
var attrChanges = regexp.MustCompile(`(?:changes|changelogMode)=\[([A-Z,]*)\]`)

// weirPoints lists the points of a plan of Weir, those that take before those that give. A node is two lines: its name,
// and what comes out of it. Equal neighbours count once: a table that is read twice stands there once.
func weirPoints(plan string) []point {
	var out []point
	name := ""
	materialized := false // the node before keeps the rows of a sink, as Flink's sink itself does
	for _, line := range strings.Split(plan, "\n") {
		text := strings.TrimLeft(line, "│├└─ ")
		m := attrChanges.FindStringSubmatch(text)
		if m == nil || !strings.HasPrefix(text, "(") {
			name, _, _ = strings.Cut(text, " ")
			continue
		}
		if materialized {
			out[len(out)-1].kinds = m[1]
		}
		if materialized = name == "Materialize"; points[name] != "" {
			out = append(out, point{points[name], m[1]})
		}
	}
	return slices.Compact(out)
}

// flinkPoints lists those of Flink's physical plan. A sink's kinds are those of its input.
func flinkPoints(plan string) []point {
	_, plan, _ = strings.Cut(plan, "== Optimized Physical Plan ==\n")
	plan, _, _ = strings.Cut(plan, "\n\n")
	var out []point
	sink := false
	for _, line := range strings.Split(plan, "\n") {
		text := strings.TrimLeft(line, ":+- ")
		name, _, _ := strings.Cut(text, "(")
		all := attrChanges.FindAllStringSubmatch(text, -1)
		if len(all) == 0 {
			continue
		}
		kinds := strings.Replace(all[len(all)-1][1], "PD", "D", 1) // a deletion of which only the key is there
		if sink {
			out, sink = append(out, point{"sink", kinds}), false
		}
		switch what := points[name]; what {
		case "":
		case "sink":
			sink = true
		default:
			out = append(out, point{what, kinds})
		}
	}
	return slices.Compact(out)
}
