package settings

import "github.com/weirstream/weir/sql/option"

// Keys that other packages read.
const (
	PipelineName      = "pipeline.name"
	MaxParallelism    = "pipeline.max-parallelism"
	AutoWatermark     = "pipeline.auto-watermark-interval"
	Parallelism       = "parallelism.default"
	TableParallelism  = "table.exec.resource.default-parallelism"
	LocalTimeZone     = "table.local-time-zone"
	MiniBatchEnabled  = "table.exec.mini-batch.enabled"
	MiniBatchSize     = "table.exec.mini-batch.size"
	MiniBatchLatency  = "table.exec.mini-batch.allow-latency"
	SourceIdleTimeout = "table.exec.source.idle-timeout"
	StateTTL          = "table.exec.state.ttl"
	NotNullEnforcer   = "table.exec.sink.not-null-enforcer"
	LengthEnforcer    = "table.exec.sink.type-length-enforcer"
	EventsDuplicate   = "table.exec.source.cdc-events-duplicate"
	UpsertMaterialize = "table.exec.sink.upsert-materialize"
	KeyedShuffle      = "table.exec.sink.keyed-shuffle"
	AggPhaseStrategy  = "table.optimizer.agg-phase-strategy"
	ReuseSubPlan      = "table.optimizer.reuse-sub-plan-enabled"
	ReuseSource       = "table.optimizer.reuse-source-enabled"
	DynamicOptions    = "table.dynamic-table-options.enabled"
	RuntimeMode       = "execution.runtime-mode"
	BatchSize         = "weir.batch-size"
	Memory            = "weir.memory"

	CheckpointInterval   = "execution.checkpointing.interval"
	CheckpointTimeout    = "execution.checkpointing.timeout"
	CheckpointMinPause   = "execution.checkpointing.min-pause"
	CheckpointsTolerable = "execution.checkpointing.tolerable-failed-checkpoints"
	CheckpointsRetained  = "execution.checkpointing.num-retained"
	CheckpointsRetained1 = "state.checkpoints.num-retained"
	CheckpointDir        = "execution.checkpointing.dir"
	CheckpointDir1       = "state.checkpoints.dir"
	RecoveryPath         = "execution.state-recovery.path"
	RecoveryPath1        = "execution.savepoint.path"
	IgnoreUnclaimed      = "execution.state-recovery.ignore-unclaimed-state"
	IgnoreUnclaimed1     = "execution.savepoint.ignore-unclaimed-state"
	RestartType          = "restart-strategy.type"
	FixedAttempts        = "restart-strategy.fixed-delay.attempts"
	FixedDelay           = "restart-strategy.fixed-delay.delay"
	ExponentialInitial   = "restart-strategy.exponential-delay.initial-backoff"
	ExponentialMax       = "restart-strategy.exponential-delay.max-backoff"
	ExponentialFactor    = "restart-strategy.exponential-delay.backoff-multiplier"
	ExponentialReset     = "restart-strategy.exponential-delay.reset-backoff-threshold"
	ExponentialJitter    = "restart-strategy.exponential-delay.jitter-factor"
	ExponentialAttempts  = "restart-strategy.exponential-delay.attempts-before-reset-backoff"
	LateRows             = "weir.late-rows.table"
	DMLSync              = "table.dml-sync"

	S3Endpoint   = "s3.endpoint"
	S3Region     = "s3.region"
	S3Region1    = "s3.endpoint.region"
	S3AccessKey  = "s3.access-key"
	S3AccessKey1 = "s3.access.key"
	S3SecretKey  = "s3.secret-key"
	S3SecretKey1 = "s3.secret.key"
	S3Token      = "s3.session.token"
	S3PathStyle  = "s3.path.style.access"
	S3PathStyle1 = "s3.path-style-access"
)

// Limits of one process.
const (
	// MaxTasks is how many tasks a stage of a job may have: every pair of tasks of two stages has a channel.
	MaxTasks = 128
	// MaxBatch is how many rows a batch may hold: each task keeps several of that size.
	MaxBatch = 1 << 20
)

// Known lists the settings that mean something here, by key.
func Known() []Option {
	return []Option{
		{Key: PipelineName, Type: option.String, Doc: "The job's name."},
		{Key: MaxParallelism, Type: option.Int, Default: "128", check: checkMaxParallelism, Doc: "Key groups: the unit in which keyed state is spread; fixed for the life of a state."},
		{Key: AutoWatermark, Type: option.Duration, Default: "200 ms", Doc: "How often a source sends its watermark on; 0 sends one after every row that moves it."},
		{Key: Parallelism, Type: option.Int, check: checkParallelism, Doc: "How many subtasks an operator has."},
		{Key: TableParallelism, Type: option.Int, Default: "-1", check: checkParallelism, Doc: "Like parallelism.default, before it."},
		{Key: LocalTimeZone, Type: option.String, Default: "default", check: checkZone, Doc: "The session's time zone: for TIMESTAMP_LTZ, CURRENT_DATE and the like."},
		{Key: MiniBatchEnabled, Type: option.Bool, Doc: "'false' gives the changelog of every single row; without it, updates of a key are merged within a batch; 'true' gathers rows before group aggregates, deduplication by processing time and normalisation, within the two bounds that follow, both of which it needs."},
		{Key: MiniBatchSize, Type: option.Int, Default: "-1", check: checkMiniBatch, Doc: "With mini-batches: how many rows are gathered at most."},
		{Key: MiniBatchLatency, Type: option.Duration, Default: "0 ms", Doc: "With mini-batches: how long rows wait at most."},
		{Key: SourceIdleTimeout, Type: option.Duration, Default: "0 ms", Doc: "A source that gave nothing for so long is idle and holds no watermark back; 0 is never."},
		{Key: StateTTL, Type: option.Duration, Default: "0 ms", Doc: "How long state is kept after its last write, by processing time, of group aggregations, deduplication, Top-N and LIMIT, OVER, INTERSECT and EXCEPT, of changes by key that are made whole, and of rows kept per key of a sink. Windows, and OVER with a bounded RANGE, forget by the watermark alone. 0 is for ever."},
		{Key: NotNullEnforcer, Type: option.Enum, Values: []string{"ERROR", "DROP"}, Default: "ERROR", Doc: "What happens to a NULL for a NOT NULL column of a sink: the job fails, or the row is dropped."},
		{Key: LengthEnforcer, Type: option.Enum, Values: []string{"IGNORE", "TRIM_PAD", "ERROR"}, Default: "IGNORE", Doc: "What happens to texts and bytes that do not have the length of a sink's column: nothing, they are cut or filled up, or the job fails."},
		{Key: EventsDuplicate, Type: option.Bool, Default: "false", Doc: "Whether sources of changes may give a change more than once: the last row of each primary key is kept, and what repeats it left out."},
		{Key: UpsertMaterialize, Type: option.Enum, Values: []string{"AUTO", "NONE", "FORCE"}, Default: "AUTO", Doc: "Whether rows are kept per sink key where the query's key differs from the sink's."},
		{Key: KeyedShuffle, Type: option.Enum, Values: []string{"AUTO", "NONE", "FORCE"}, Default: "AUTO", Doc: "Whether rows are spread by the sink's primary key before it."},
		{Key: AggPhaseStrategy, Type: option.Enum, Values: []string{"AUTO", "ONE_PHASE", "TWO_PHASE"}, Default: "AUTO", Doc: "Whether aggregations work in two phases, one before and one behind the exchange."},
		{Key: ReuseSubPlan, Type: option.Bool, Default: "true", Doc: "Whether equal parts of the INSERTs of a job run once."},
		{Key: ReuseSource, Type: option.Bool, Default: "true", Doc: "Whether a table that a job reads in several places is read once."},
		{Key: DynamicOptions, Type: option.Bool, Default: "true", Doc: "Whether the OPTIONS hint is allowed."},
		{Key: RuntimeMode, Type: option.Enum, Values: []string{"STREAMING", "BATCH", "AUTOMATIC"}, Default: "STREAMING", Doc: "Jobs are streaming jobs, over bounded input too."},
		{Key: "sql.dialect.target", Type: option.Enum, Values: []string{"1.20", "2.2", "LATEST"}, Default: "2.2", idle: "scripts are checked for the default only", Doc: "Weir's own: the version of Flink that a script has to run on, for lint."},
		{Key: LateRows, Type: option.String, Doc: "Weir's own: the table that gets the rows that come behind the watermark. The same option of a source's table goes before it."},
		{Key: BatchSize, Type: option.Int, check: checkBatchSize, Doc: "Weir's own: how many rows a batch holds at most."},
		{Key: Memory, Type: option.Size, Doc: "Weir's own: how much memory the state of a job may take; what is more goes to disk. Without it there is no bound."},
		{Key: CheckpointInterval, Type: option.Duration, Default: "10 s", Doc: "How often a checkpoint of a job with a state folder is taken; 0 is only when one is asked for."},
		{Key: CheckpointTimeout, Type: option.Duration, Default: "10 min", Doc: "When a checkpoint is given up."},
		{Key: CheckpointMinPause, Type: option.Duration, Default: "0 ms", Doc: "The least time between the end of a checkpoint and the beginning of the next."},
		{Key: "execution.checkpointing.mode", Type: option.Enum, Values: []string{"EXACTLY_ONCE", "AT_LEAST_ONCE"}, Default: "EXACTLY_ONCE", idle: "checkpoints are exactly-once, and cost no more for it", Doc: "What a checkpoint promises."},
		{Key: CheckpointsRetained, Type: option.Int, Default: "1", check: checkPositive, Doc: "How many checkpoints are kept."},
		{Key: CheckpointsRetained1, Type: option.Int, Default: "1", check: checkPositive, Doc: "The same, as Flink 1.x names it."},
		{Key: CheckpointDir, Type: option.String, Doc: "The state folder, where --state does not give one: a path, file://, or s3://bucket/prefix."},
		{Key: CheckpointDir1, Type: option.String, Doc: "The same, as Flink 1.x names it."},
		{Key: CheckpointsTolerable, Type: option.Int, Default: "0", check: checkNotNegative, Doc: "How many checkpoints may fail in a row before the job does."},
		{Key: RecoveryPath, Type: option.String, Doc: "The savepoint or checkpoint to start from, where the state folder has none of its own."},
		{Key: RecoveryPath1, Type: option.String, Doc: "The same, as Flink 1.x names it."},
		{Key: IgnoreUnclaimed, Type: option.Bool, Default: "false", Doc: "Go on from a checkpoint although state in it has no place in the script any more: --allow-dropped-state."},
		{Key: IgnoreUnclaimed1, Type: option.Bool, Default: "false", Doc: "The same, as Flink 1.x names it."},
		{Key: RestartType, Type: option.Enum, Values: []string{"NONE", "OFF", "DISABLE", "FIXED-DELAY", "FIXEDDELAY", "EXPONENTIAL-DELAY", "EXPONENTIALDELAY"}, Default: "exponential-delay", Doc: "Whether a job with a state folder is started again after a failure."},
		{Key: FixedAttempts, Type: option.Int, Default: "1", check: checkPositive, Doc: "How often, with a fixed delay."},
		{Key: FixedDelay, Type: option.Duration, Default: "1 s", Doc: "After what time, with a fixed delay."},
		{Key: ExponentialInitial, Type: option.Duration, Default: "1 s", check: checkSome, Doc: "The first delay."},
		{Key: ExponentialMax, Type: option.Duration, Default: "1 min", check: checkSome, Doc: "The longest delay."},
		{Key: ExponentialFactor, Type: option.Float, Default: "1.5", check: checkFactor, Doc: "By how much a delay is longer than the one before."},
		{Key: ExponentialReset, Type: option.Duration, Default: "1 h", Doc: "A job that ran for so long begins with the first delay again."},
		{Key: ExponentialJitter, Type: option.Float, Default: "0.1", check: checkJitter, Doc: "The part of a delay by which it may be longer or shorter."},
		{Key: ExponentialAttempts, Type: option.String, Default: "infinite", check: checkAttempts, Doc: "How often in a row: a number, or infinite."},
		{Key: DMLSync, Type: option.Bool, Default: "false", Doc: "Whether each INSERT and each statement set of a script is a job of its own, which the statements after it wait for. Otherwise all of them are one job."},
		{Key: S3Endpoint, Type: option.String, Doc: "Where S3 is spoken, for checkpoints: a URL. By default AWS's own, or what AWS_ENDPOINT_URL_S3 says."},
		{Key: S3Region, Type: option.String, Doc: "The region of the bucket. By default what AWS's tools find, or us-east-1, which knows where each bucket is."},
		{Key: S3Region1, Type: option.String, Doc: "The same, as Flink's Hadoop file system names it."},
		{Key: S3AccessKey, Type: option.String, Doc: "The access key. By default the credentials are found as AWS's tools find them: environment, shared files, web identity, container, instance."},
		{Key: S3AccessKey1, Type: option.String, Doc: "The same, as Flink 1.x names it too."},
		{Key: S3SecretKey, Type: option.String, Doc: "The secret key that belongs to it."},
		{Key: S3SecretKey1, Type: option.String, Doc: "The same, as Flink 1.x names it too."},
		{Key: S3Token, Type: option.String, Doc: "The session's token of temporary keys."},
		{Key: S3PathStyle, Type: option.Bool, Default: "false", Doc: "The bucket stands in the path and not in the host's name, as most stores but AWS's want it. By itself so where the endpoint is an IP address or localhost."},
		{Key: S3PathStyle1, Type: option.Bool, Default: "false", Doc: "The same, as Flink 2.x names it too."},
	}
}
