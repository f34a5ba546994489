package settings

import (
	"strings"
	"testing"
	"time"
)

func TestSet(t *testing.T) {
	for _, c := range []struct{ key, value, warning, err string }{
		{"parallelism.default", "4", "", ""},
		{"parallelism.default", "-2", "", "is no parallelism"},
		{"parallelism.defualt", "4", "", "did you mean 'parallelism.default'?"},
		{"pipeline.auto-watermark-interval", "1 s", "", ""},
		{"pipeline.auto-watermark-interval", "soon", "", "is not a duration"},
		{"pipeline.max-parallelism", "0", "", "must be from 1"},
		{"table.exec.mini-batch.enabled", "yes", "", "is not a Boolean"},
		{"table.exec.sink.not-null-enforcer", "drop", "", ""},
		{"table.local-time-zone", "Europe/Berlin", "", ""},
		{"table.local-time-zone", "GMT+25:00", "", "is no time zone"},
		{"taskmanager.memory.process.size", "1g", "steers a Flink cluster", ""},
		{"pipeline.object-reuse", "true", "steers a Flink cluster", ""},
		{"table.optimizer.join-reorder-enabled", "true", "steers a Flink cluster", ""},
		{"execution.checkpointing.unaligned.enabled", "true", "steers a Flink cluster", ""},
		{"table.exec.state.tll", "1 d", "", "did you mean 'table.exec.state.ttl'?"},
		{"weir.batch-size", "0", "", "from 1 to 1048576"},
		{"weir.batch-size", "1048576", "", ""},
		{"weir.batch-size", "99999999999", "", "from 1 to 1048576"},
		{"parallelism.default", "129", "", "from 1 to 128"},
		{"execution.checkpointing.interval", "1 min", "", ""},
		{"execution.checkpointing.mode", "at_least_once", "changes nothing: checkpoints are exactly-once", ""},
		{"restart-strategy.exponential-delay.jitter-factor", "1", "", "less than 1"},
		{"execution.checkpointing.interval", "often", "", "is not a duration"},
		{"execution.state-recovery.path", "savepoint-1", "", ""},
		{"table.exec.mini-batch.size", "5000", "", ""},
		{"table.exec.mini-batch.size", "-5", "", "is no number of rows"},
		{"table.exec.sink.type-length-enforcer", "ignore", "", ""},
		{"table.exec.sink.type-length-enforcer", "trim_pad", "", ""},
		{"colour", "red", "", "there is no option"},
	} {
		warning, err := New().Set(c.key, c.value)
		if c.err == "" && err != nil || c.err != "" && (err == nil || !strings.Contains(err.Error(), c.err)) {
			t.Errorf("SET '%s' = '%s': %v, want %q", c.key, c.value, err, c.err)
		}
		if !strings.Contains(warning, c.warning) || c.warning == "" && warning != "" {
			t.Errorf("SET '%s' = '%s' warns %q, want %q", c.key, c.value, warning, c.warning)
		}
	}
}

func TestDefaultsAreValid(t *testing.T) {
	seen := map[string]bool{}
	for _, o := range Known() {
		if o.Default != "" {
			if err := o.Check(o.Default); err != nil {
				t.Errorf("default of %s: %v", o.Key, err)
			}
		}
		if seen[o.Key] || ignored(o.Key) && ignoredKeys[o.Key] {
			t.Errorf("%s is listed twice", o.Key)
		}
		if o.Doc == "" {
			t.Errorf("%s has no documentation", o.Key)
		}
		seen[o.Key] = true
	}
}

func TestValues(t *testing.T) {
	s := New()
	for k, v := range map[string]string{
		AutoWatermark: "5s", LocalTimeZone: "GMT+05:30", NotNullEnforcer: "drop", Parallelism: "3",
	} {
		if _, err := s.Set(k, v); err != nil {
			t.Fatal(err)
		}
	}
	_, offset := time.Date(2024, 1, 1, 0, 0, 0, 0, s.Zone()).Zone()
	if offset != 5*3600+1800 || s.Duration(AutoWatermark) != 5*time.Second || s.Enum(NotNullEnforcer) != "DROP" || s.Int(Parallelism) != 3 {
		t.Errorf("zone %d, interval %v, enforcer %s, parallelism %d", offset, s.Duration(AutoWatermark), s.Enum(NotNullEnforcer), s.Int(Parallelism))
	}
	c := s.Clone()
	if err := c.Reset(Parallelism); err != nil || c.Has(Parallelism) || !s.Has(Parallelism) {
		t.Errorf("resetting the copy: %v, copy has it %v, original has it %v", err, c.Has(Parallelism), s.Has(Parallelism))
	}
	if !s.Bool(ReuseSubPlan) || s.Duration(StateTTL) != 0 || s.Int(MaxParallelism) != 128 {
		t.Error("defaults are wrong")
	}
}

func TestZones(t *testing.T) {
	for zone, want := range map[string]int{
		"UTC": 0, "Z": 0, "GMT": 0, "UTC+1": 3600, "GMT-08:00": -8 * 3600, "+02:00": 7200, "-0130": -5400, "Asia/Kolkata": 19800,
	} {
		z, err := parseZone(zone)
		if err != nil {
			t.Errorf("%s: %v", zone, err)
			continue
		}
		if _, got := time.Date(2024, 1, 1, 0, 0, 0, 0, z).Zone(); got != want {
			t.Errorf("%s is %d s, want %d", zone, got, want)
		}
	}
	for _, zone := range []string{"", "Local", "GMT+", "UTC+a", "+19:00", "+01:60", "../etc/passwd"} {
		if _, err := parseZone(zone); err == nil {
			t.Errorf("%q was taken for a time zone", zone)
		}
	}
}
