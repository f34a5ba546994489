package op

import "github.com/weirstream/weir/udf"

// watching is the Base of operators whose expressions may ask for the watermark: it is that which came before the batch.
type watching struct {
	Base
	watermark int64
}

// env gives what expressions are compiled with.
func (w *watching) env(ctx *Context) *udf.Env {
	w.watermark = MinWatermark
	env := *ctx.Env
	env.Watermark = func() int64 { return w.watermark }
	return &env
}

// Watermark notes it and passes it on.
func (w *watching) Watermark(wm int64) error {
	w.watermark = wm
	return w.Base.Watermark(wm)
}
