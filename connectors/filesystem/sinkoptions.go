package filesystem

import "github.com/weirstream/weir/connectors"

func sinkOptions() []connectors.Option { return nil }
