// Package settings holds the options of SET under Flink's own names: which there are,
// their types, defaults and meaning, and the values of a session.
//
// Enter at Known for the list and at Settings for a session's values. Options that only
// steer a Flink cluster are accepted and ignored with a warning, so that a script that
// ran there runs here; a key that nobody knows is an error.
package settings

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/weirstream/weir/sql/option"
)

// Option describes one setting.
type Option struct {
	Key     string
	Type    option.Type
	Values  []string // of an EnumOption, upper case
	Default string   // "" for none
	Doc     string
	// idle says why the setting changes nothing; "" for those that do.
	idle string
	// check refuses values of the right type that make no sense or ask for what does not work yet; nil takes all.
	check func(value string) error
}

// Check says what is wrong with a value, or nil.
func (o *Option) Check(value string) error {
	if err := o.checkType(strings.TrimSpace(value)); err != nil {
		return err
	}
	if o.check != nil {
		return o.check(strings.TrimSpace(value))
	}
	return nil
}

func (o *Option) checkType(value string) error {
	var err error
	switch o.Type {
	case option.Bool:
		if !strings.EqualFold(value, "true") && !strings.EqualFold(value, "false") {
			err = fmt.Errorf("'%s' is not a Boolean: use 'true' or 'false'", value)
		}
	case option.Int:
		if _, e := strconv.ParseInt(value, 10, 64); e != nil {
			err = fmt.Errorf("'%s' is not a whole number", value)
		}
	case option.Float:
		if _, e := strconv.ParseFloat(value, 64); e != nil {
			err = fmt.Errorf("'%s' is not a number", value)
		}
	case option.Duration:
		_, err = option.ParseDuration(value)
	case option.Size:
		_, err = option.ParseSize(value)
	case option.Enum:
		for _, v := range o.Values {
			if strings.EqualFold(v, value) {
				return nil
			}
		}
		err = fmt.Errorf("'%s' is none of %s", value, strings.Join(o.Values, ", "))
	}
	return err
}

func checkZone(value string) error {
	_, err := parseZone(value)
	return err
}

// parseZone reads table.local-time-zone: "default" (the machine's zone), a name of the tz
// database, or an offset as Java writes it (GMT+08:00, UTC-5, +02:00).
func parseZone(value string) (*time.Location, error) {
	switch value {
	case "default":
		return time.Local, nil
	case "UTC", "GMT", "Z":
		return time.UTC, nil
	}
	s := strings.TrimPrefix(strings.TrimPrefix(value, "UTC"), "GMT")
	if s != "" && (s[0] == '+' || s[0] == '-') {
		if off, ok := parseOffset(s[1:]); ok {
			if s[0] == '-' {
				off = -off
			}
			return time.FixedZone(value, off), nil
		}
		return nil, fmt.Errorf("'%s' is no time zone", value)
	}
	if value == "" || value == "Local" {
		return nil, fmt.Errorf("'%s' is no time zone", value)
	}
	loc, err := time.LoadLocation(value)
	if err != nil {
		return nil, fmt.Errorf("'%s' is no time zone: use a name such as 'Europe/Berlin', 'UTC', or an offset such as 'GMT+01:00'", value)
	}
	return loc, nil
}

// parseOffset reads h, hh, hhmm, hh:mm as seconds; at most 18 hours.
func parseOffset(s string) (int, bool) {
	h, m, ok := strings.Cut(s, ":")
	if !ok && len(s) == 4 {
		h, m = s[:2], s[2:]
	} else if !ok {
		m = "0"
	}
	hours, err1 := strconv.ParseUint(h, 10, 8)
	mins, err2 := strconv.ParseUint(m, 10, 8)
	if err1 != nil || err2 != nil || mins > 59 || hours*60+mins > 18*60 {
		return 0, false
	}
	return int(hours*3600 + mins*60), true
}

func checkParallelism(value string) error {
	n, err := strconv.ParseInt(value, 10, 32)
	if err != nil || n == 0 || n < -1 || n > MaxTasks {
		return fmt.Errorf("'%s' is no parallelism: use a number from 1 to %d, or -1 for the default", value, MaxTasks)
	}
	return nil
}

func checkBatchSize(value string) error {
	if n, err := strconv.ParseInt(value, 10, 64); err != nil || n < 1 || n > MaxBatch {
		return fmt.Errorf("'%s' is no batch size: use a number from 1 to %d", value, MaxBatch)
	}
	return nil
}

func checkMiniBatch(value string) error {
	if n, err := strconv.ParseInt(value, 10, 64); err != nil || n < -1 || n > MaxBatch {
		return fmt.Errorf("'%s' is no number of rows: use a number from 1 to %d", value, MaxBatch)
	}
	return nil
}

func checkPositive(value string) error {
	if n, err := strconv.ParseInt(value, 10, 64); err != nil || n < 1 {
		return fmt.Errorf("'%s' must be at least 1", value)
	}
	return nil
}

func checkNotNegative(value string) error {
	if n, err := strconv.ParseInt(value, 10, 32); err != nil || n < 0 {
		return fmt.Errorf("'%s' must not be negative", value)
	}
	return nil
}

// checkSome takes durations of more than zero.
func checkSome(value string) error {
	if d, err := option.ParseDuration(value); err != nil || d <= 0 {
		return fmt.Errorf("'%s' must be longer than zero", value)
	}
	return nil
}

func checkFactor(value string) error {
	if x, err := strconv.ParseFloat(value, 64); err != nil || !(x >= 1) {
		return fmt.Errorf("'%s' must be at least 1", value)
	}
	return nil
}

func checkJitter(value string) error {
	if x, err := strconv.ParseFloat(value, 64); err != nil || !(x >= 0 && x < 1) {
		return fmt.Errorf("'%s' must be from 0 to less than 1", value)
	}
	return nil
}

func checkAttempts(value string) error {
	if strings.EqualFold(value, "infinite") || checkPositive(value) == nil {
		return nil
	}
	return fmt.Errorf("'%s' is no number of attempts: use a number from 1 on, or 'infinite'", value)
}

func checkMaxParallelism(value string) error {
	if n, err := strconv.ParseInt(value, 10, 32); err != nil || n < -1 || n == 0 || n > 1<<15 {
		return fmt.Errorf("'%s' must be from 1 to %d", value, 1<<15)
	}
	return nil
}
