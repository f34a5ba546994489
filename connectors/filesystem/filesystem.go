// Package filesystem is the connector 'filesystem': tables that are files or folders.
//
// Reading: the path is a file, a folder (read with its sub-folders, names that begin with
// '.' or '_' left out), a pattern (*, ?, [a-z]) or '-' for standard input. Files ending in
// .gz, .zst and .bz2 are decompressed. Files are read in the order of their paths; one that
// is large, line-delimited and not compressed is read in ranges by several readers. Once
// found, a file must not change. Enter at source.go for splits, at lines.go for how bytes
// become batches.
//
// Writing: rows go to part files in a folder, by partition where the table has PARTITIONED
// BY. A part file grows under a name that readers leave out, and gets its own name when it
// is committed. Enter at sink.go.
package filesystem

import (
	"io"

	"github.com/weirstream/weir/connectors"
	"github.com/weirstream/weir/connectors/format"
	"github.com/weirstream/weir/sql/types"
)

// Connector describes the connector. stdin is what a table with the path '-' reads.
func Connector(formats format.List, stdin io.Reader) connectors.Connector {
	return connectors.Connector{
		Name:           "filesystem",
		Doc:            "Reads and writes files and folders, in any of the formats.",
		Options:        append(options(), formats.Options("format")...),
		Metadata:       metadata(),
		FormatMetadata: formats.Metadata("format"),
		Source: func(t *connectors.Table) (connectors.Source, error) {
			return newSource(t, formats, stdin)
		},
		Sink: func(t *connectors.Table) (connectors.Sink, error) { return newSink(t, formats) },
	}
}

func options() []connectors.Option {
	return append([]connectors.Option{
		{Key: "path", Type: connectors.StringOption, Required: true, Doc: "File, folder or pattern (file:// is allowed in front), or '-' for standard input. Relative paths start at the working folder."},
		{Key: "format", Type: connectors.StringOption, Required: true, Doc: "How rows are written in the files."},
		{Key: "source.monitor-interval", Type: connectors.DurationOption, Doc: "How often to look for new files. Without it the source ends when all files are read. A file is read once, as it is when it is found: write it under a name that begins with '.' or '_', which are not read, and rename it when it is whole."},
		{Key: "source.path.regex-pattern", Type: connectors.StringOption, Doc: "Regular expression that the absolute path of a file must match as a whole."},
	}, sinkOptions()...)
}

const (
	metaPath  = "file.path"
	metaName  = "file.name"
	metaSize  = "file.size"
	metaMtime = "file.modification-time"
)

func metadata() []connectors.Metadata {
	return []connectors.Metadata{
		{Key: metaPath, Type: types.String().WithoutNull(), Doc: "Absolute path of the file."},
		{Key: metaName, Type: types.String().WithoutNull(), Doc: "Name of the file, without its folders."},
		{Key: metaSize, Type: types.New(types.BigInt).WithoutNull(), Doc: "Size of the file in bytes, as it is stored."},
		{Key: metaMtime, Type: types.TimestampLTZOf(3).WithoutNull(), Doc: "When the file was last changed."},
	}
}
