package planner

import (
	"strconv"
	"strings"

	"github.com/weirstream/weir/runtime/plan"
	"github.com/weirstream/weir/sql/settings"
)

// ObjectStore gives the settings of object stores.
func ObjectStore(s *settings.Settings) plan.ObjectStore {
	return plan.ObjectStore{
		Endpoint: s.String(settings.S3Endpoint), Region: s.Either(settings.S3Region, settings.S3Region1),
		AccessKey: s.Either(settings.S3AccessKey, settings.S3AccessKey1), SecretKey: s.Either(settings.S3SecretKey, settings.S3SecretKey1),
		Token: s.String(settings.S3Token), PathStyle: s.Bool(settings.S3PathStyle) || s.Bool(settings.S3PathStyle1),
	}
}

// checkpoints gives the settings of checkpoints and restarts.
func checkpoints(s *settings.Settings) plan.Checkpoints {
	retain, _ := strconv.Atoi(s.Either(settings.CheckpointsRetained, settings.CheckpointsRetained1)) // checked by SET
	return plan.Checkpoints{
		Dir:      StateDir(s),
		From:     strings.TrimPrefix(s.Either(settings.RecoveryPath, settings.RecoveryPath1), "file://"),
		Store:    ObjectStore(s),
		Interval: s.Duration(settings.CheckpointInterval), Timeout: s.Duration(settings.CheckpointTimeout),
		MinPause: s.Duration(settings.CheckpointMinPause), Tolerable: int(s.Int(settings.CheckpointsTolerable)), Retain: retain,
		AllowDropped: s.Bool(settings.IgnoreUnclaimed) || s.Bool(settings.IgnoreUnclaimed1),
		Restart:      restart(s),
	}
}

// StateDir gives the folder that the settings want checkpoints in; "": they do not say.
func StateDir(s *settings.Settings) string {
	return strings.TrimPrefix(s.Either(settings.CheckpointDir, settings.CheckpointDir1), "file://")
}

// restart gives the strategy of restarts.
func restart(s *settings.Settings) plan.Restart {
	switch strings.ReplaceAll(s.Enum(settings.RestartType), "-", "") {
	case "FIXEDDELAY":
		return plan.Restart{
			Attempts: int(s.Int(settings.FixedAttempts)), Delay: max(s.Duration(settings.FixedDelay), 1), Factor: 1,
		}
	case "EXPONENTIALDELAY":
		attempts, _ := strconv.Atoi(s.String(settings.ExponentialAttempts)) // 'infinite' is 0
		return plan.Restart{
			Attempts: attempts, Delay: s.Duration(settings.ExponentialInitial), Factor: s.Float(settings.ExponentialFactor),
			Most: s.Duration(settings.ExponentialMax), Reset: s.Duration(settings.ExponentialReset), Jitter: s.Float(settings.ExponentialJitter),
		}
	}
	return plan.Restart{}
}
