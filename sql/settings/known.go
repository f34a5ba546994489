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
)

// Limits of one process.
const (
	// MaxTasks is how many tasks a stage of a job may have: every pair of tasks of two stages has a channel.
	MaxTasks = 128
	// MaxBatch is how many rows a batch may hold: each task keeps several of that size.
	MaxBatch = 1 << 20
)

// Why settings are idle.
const (
	withinBatch   = "rows are merged within a batch"
	noCheckpoints = "checkpoints are not supported yet"
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
		{Key: MiniBatchEnabled, Type: option.Bool, Doc: "'false' gives the changelog of every single row; otherwise updates of a key may be merged within a batch."},
		{Key: "table.exec.mini-batch.size", Type: option.Int, Default: "-1", idle: withinBatch, Doc: "How many rows may be merged."},
		{Key: "table.exec.mini-batch.allow-latency", Type: option.Duration, Default: "0 ms", idle: withinBatch, Doc: "How long rows may wait to be merged."},
		{Key: SourceIdleTimeout, Type: option.Duration, Default: "0 ms", Doc: "A source that gave nothing for so long is idle and holds no watermark back; 0 is never."},
		{Key: StateTTL, Type: option.Duration, Default: "0 ms", Doc: "How long state is kept after its last write; 0 is for ever."},
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
		{Key: BatchSize, Type: option.Int, check: checkBatchSize, Doc: "Weir's own: how many rows a batch holds at most."},
		{Key: Memory, Type: option.Size, Doc: "Weir's own: how much memory the state of a job may take; what is more goes to disk. Without it there is no bound."},
		{Key: "execution.checkpointing.interval", Type: option.Duration, idle: noCheckpoints, Doc: "How often a checkpoint is taken."},
		{Key: "execution.checkpointing.timeout", Type: option.Duration, Default: "10 min", idle: noCheckpoints, Doc: "When a checkpoint is given up."},
		{Key: "execution.checkpointing.min-pause", Type: option.Duration, Default: "0 ms", idle: noCheckpoints, Doc: "The least time between two checkpoints."},
		{Key: "execution.checkpointing.mode", Type: option.Enum, Values: []string{"EXACTLY_ONCE", "AT_LEAST_ONCE"}, Default: "EXACTLY_ONCE", idle: noCheckpoints, Doc: "What a checkpoint promises."},
		{Key: "execution.checkpointing.num-retained", Type: option.Int, Default: "1", idle: noCheckpoints, check: checkPositive, Doc: "How many checkpoints are kept."},
		{Key: "execution.checkpointing.dir", Type: option.String, idle: noCheckpoints, Doc: "Where checkpoints go."},
		{Key: "execution.checkpointing.tolerable-failed-checkpoints", Type: option.Int, Default: "0", idle: noCheckpoints, Doc: "How many checkpoints may fail in a row."},
		{Key: "execution.state-recovery.path", Type: option.String, check: checkRestore, Doc: "The savepoint or checkpoint to start from. Not supported yet."},
		{Key: "execution.savepoint.path", Type: option.String, check: checkRestore, Doc: "The same, as Flink 1.x names it. Not supported yet."},
		{Key: "table.dml-sync", Type: option.Bool, Default: "false", idle: "jobs are always waited for", Doc: "Whether a client waits for an INSERT to end."},
	}
}
