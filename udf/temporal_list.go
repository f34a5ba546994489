package udf

import "github.com/weirstream/weir/sql/types"

func temporalFuncs() []*Func {
	fs := append(momentFuncs(), fieldFuncs()...)
	return append(append(fs, roundTimeFuncs()...), timeTextFuncs()...)
}

// fieldFuncs are EXTRACT and its short forms, and the arithmetic with units.
func fieldFuncs() []*Func {
	const fam = "temporal"
	fs := []*Func{
		{
			Name: "EXTRACT", Family: fam, Syntax: "EXTRACT(unit FROM time)", Resolve: extractRule, Bind: bindExtract,
			Doc: "A field of a date, time, timestamp or interval: YEAR, QUARTER, MONTH, WEEK, DAY, DOY, DOW, HOUR, MINUTE, SECOND, EPOCH ….",
		},
		{
			Name: "TIMESTAMPADD", Family: fam, Syntax: "TIMESTAMPADD(unit, n, time)", Resolve: timestampAddRule, Bind: bindTimestampAdd,
			Doc: "The time moved by n units.",
		},
		{
			Name: "TIMESTAMPDIFF", Family: fam, Syntax: "TIMESTAMPDIFF(unit, from, to)", Resolve: timestampDiffRule, Bind: bindTimestampDiff,
			Doc: "The whole units from one time to another.",
		},
	}
	for _, f := range []struct{ name, unit, doc string }{
		{"YEAR", "YEAR", "The year."},
		{"QUARTER", "QUARTER", "The quarter, 1 to 4."},
		{"MONTH", "MONTH", "The month, 1 to 12."},
		{"WEEK", "WEEK", "The ISO week, 1 to 53."},
		{"DAYOFYEAR", "DOY", "The day of the year, from 1."},
		{"DAYOFMONTH", "DAY", "The day of the month, from 1."},
		{"DAYOFWEEK", "DOW", "The day of the week; Sunday is 1."},
		{"HOUR", "HOUR", "The hour, 0 to 23."},
		{"MINUTE", "MINUTE", "The minute, 0 to 59."},
		{"SECOND", "SECOND", "The second, 0 to 59."},
	} {
		fs = append(fs, &Func{
			Name: f.name, Family: fam, Syntax: f.name + "(time)", Doc: f.doc,
			Resolve: fieldRule(f.unit), Bind: bindField(f.unit),
		})
	}
	return fs
}

func roundTimeFuncs() []*Func {
	return []*Func{
		{
			Name: "FLOOR", Family: "arithmetic", Syntax: "FLOOR(number), FLOOR(time TO unit)", Resolve: floorRule, Bind: bindFloor(false),
			Doc: "The largest integer that is not above the number; the begin of the unit of time (weeks begin on Sunday).",
		},
		{
			Name: "CEIL", Aliases: []string{"CEILING"}, Family: "arithmetic", Syntax: "CEIL(number), CEIL(time TO unit)", Resolve: floorRule, Bind: bindFloor(true),
			Doc: "The smallest integer that is not below the number; the begin of the next unit of time.",
		},
	}
}

func momentFuncs() []*Func {
	ltz, local := types.TimestampLTZOf(3), types.TimestampOf(3)
	var fs []*Func
	for _, m := range []struct {
		name, doc string
		aliases   []string
		t         types.Type
	}{
		{"CURRENT_TIMESTAMP", "The time now.", []string{"NOW", "CURRENT_ROW_TIMESTAMP"}, ltz},
		{"PROCTIME", "The time now, as a processing-time attribute.", nil, ltz},
		{"LOCALTIMESTAMP", "The time now in the session's zone.", nil, local},
		{"CURRENT_DATE", "The date now in the session's zone.", nil, types.New(types.Date)},
		{"CURRENT_TIME", "The time of day now in the session's zone.", []string{"LOCALTIME"}, types.New(types.Time)},
	} {
		fs = append(fs, &Func{
			Name: m.name, Aliases: m.aliases, Family: "temporal", Syntax: m.name + "()", Doc: m.doc, Volatile: true,
			Resolve: neverNull(returns(m.t)), Bind: bindMoment, Total: always,
		})
	}
	return append(fs, &Func{
		Name: "CURRENT_WATERMARK", Family: "temporal", Syntax: "CURRENT_WATERMARK(rowtime)", Volatile: true, Resolve: watermarkRule, Bind: bindWatermark, Total: always,
		Doc: "The watermark that the operator had reached before the row, as a TIMESTAMP(3), or TIMESTAMP_LTZ(3) as the time attribute is; NULL before the first, also of a job that goes on from a checkpoint.",
	})
}

func timeTextFuncs() []*Func {
	const fam = "temporal"
	text := types.String()
	return []*Func{
		{
			Name: "DATE_FORMAT", Family: fam, Syntax: "DATE_FORMAT(time, pattern)", Resolve: mayGiveNull(text, timeOrTextArg(), strArg()), Bind: bindDateFormat,
			Doc: "The timestamp, or text of one, written by a Java pattern: 'yyyy-MM-dd HH:mm'.",
		},
		{
			Name: "TO_TIMESTAMP", Family: fam, Syntax: "TO_TIMESTAMP(string[, pattern])", Resolve: mayGiveNull(types.TimestampOf(3), strArg(), strArg().opt()),
			Bind: bindToTimestamp, Doc: "The text read by a Java pattern ('yyyy-MM-dd HH:mm:ss'); NULL where it does not fit. A zone in the text is read over.",
		},
		{
			Name: "TO_TIMESTAMP_LTZ", Family: fam, Syntax: "TO_TIMESTAMP_LTZ(number[, precision]), TO_TIMESTAMP_LTZ(string[, pattern[, zone]])",
			Resolve: toLTZRule, Bind: bindToLTZ,
			Doc: "The instant that is number seconds (precision 0) or milliseconds (3, the default) after 1970; or the text read in a zone, UTC where none is given.",
		},
		{
			Name: "TO_DATE", Family: fam, Syntax: "TO_DATE(string[, pattern])", Resolve: mayGiveNull(types.New(types.Date), strArg(), strArg().opt()),
			Bind: bindToDate, Doc: "The text read as a date; NULL where it is none.",
		},
		{
			Name: "FROM_UNIXTIME", Family: fam, Syntax: "FROM_UNIXTIME(seconds[, pattern])", Resolve: mayGiveNull(text, intArg(), strArg().opt()),
			Bind: bindFromUnixtime, Doc: "The instant that many seconds after 1970, written in the session's zone.",
		},
		{
			Name: "UNIX_TIMESTAMP", Family: fam, Syntax: "UNIX_TIMESTAMP([string[, pattern]])", Resolve: returns(types.New(types.BigInt), strArg().opt(), strArg().opt()),
			Bind: bindUnixTimestamp, VolatileFor: func(args int) bool { return args == 0 },
			Doc: "Seconds since 1970: now, or of the text read in the session's zone.",
		},
		{
			Name: "CONVERT_TZ", Family: fam, Syntax: "CONVERT_TZ(string, from_zone, to_zone)", Resolve: mayGiveNull(text, strArg(), strArg(), strArg()),
			Bind: bindConvertTZ, Doc: "The text of a timestamp in one zone, written in another.",
		},
		{
			Name: "OVERLAPS", Family: fam, Syntax: "(start1, end1) OVERLAPS (start2, end2)", Resolve: overlapsRule,
			Doc: "Whether two periods have a moment in common; an end may be an interval.",
		},
	}
}
