package display

import (
	"fmt"
	"io"

	"github.com/weirstream/weir"
)

// Dropped tells of rows that a job's result lacks: records that do not parse, where the format's
// options ignore that, and rows that came when their windows had fired. It tells of records, too, that had to be written again.
func Dropped(w io.Writer, m weir.Metrics) {
	for _, s := range m.Sources {
		if s.Rejected == 0 {
			continue
		}
		fmt.Fprintf(w, "weir: warning: table %s: %s in its input ignored: such records are left out, such fields NULL\n",
			s.Table, counted(int(s.Rejected), "fault"))
		if len(s.RejectedSamples) > 0 {
			fmt.Fprintf(w, "  the first: %s: %s\n", s.RejectedSamples[0].Place, s.RejectedSamples[0].Err)
		}
	}
	for _, o := range m.Operators {
		if o.Late > 0 {
			fmt.Fprintf(w, "weir: warning: %s: %s dropped: behind the watermark when it came\n", o.Name, counted(int(o.Late), "late row"))
		}
	}
	for _, s := range m.Sinks {
		if s.Retried > 0 {
			fmt.Fprintf(w, "weir: warning: table %s: %s refused, and written again; the last: %v\n", s.Table, counted(int(s.Retried), "record"), s.Cause)
		}
	}
}
