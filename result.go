package weir

import (
	"context"
	"errors"
	"iter"
	"time"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/weirstream/weir/connectors"
	"github.com/weirstream/weir/runtime/vec"
	"github.com/weirstream/weir/runtime/vec/arrowvec"
	"github.com/weirstream/weir/sql/catalog"
)

// ResultKind says what a Result holds.
type ResultKind uint8

// Kinds of results.
const (
	Done      ResultKind = iota // the statement succeeded; there is nothing to read
	Table                       // the rows of SHOW, DESCRIBE, EXPLAIN
	Changelog                   // the changelog of a running query
	Started                     // the job of INSERTs
)

// Result is what a statement gives. The results of a query hold a running job: read them to
// their end, or Close.
type Result struct {
	kind     ResultKind
	columns  []Column
	rows     [][]any // of a Table
	warnings []string
	sink     *collector // of a Changelog
	job      *Job
	ctx      context.Context
	changes  connectors.ChangeSet
	zone     *time.Location
}

func tableResult(r *catalog.Result) *Result {
	res := &Result{rows: r.Rows, warnings: r.Warnings}
	for _, c := range r.Columns {
		res.columns = append(res.columns, Column{c.Name, c.Type})
	}
	if res.columns != nil {
		res.kind = Table
	}
	return res
}

// Kind says what there is to read.
func (r *Result) Kind() ResultKind { return r.kind }

// Columns names and types the rows.
func (r *Result) Columns() []Column { return r.columns }

// Warnings are notes about a statement that succeeded.
func (r *Result) Warnings() []string { return r.warnings }

// Formatter gives a writer of the result's values, in the zone of the session.
func (r *Result) Formatter() *Formatter { return NewFormatter(r.zone) }

// Updating reports whether a Changelog has rows other than inserts.
func (r *Result) Updating() bool { return r.changes&^connectors.InsertOnly != 0 }

// Job is the job behind a Changelog or a Started result, else nil.
func (r *Result) Job() *Job { return r.job }

// Rows iterates over the rows: a query's changelog as it comes, or a Table's rows. It ends when
// the query ends, with an error if that failed. Leaving the loop stops the query.
func (r *Result) Rows() iter.Seq2[Row, error] {
	return func(yield func(Row, error) bool) {
		if r.kind == Table {
			for _, values := range r.rows {
				if !yield(Row{Values: values}, nil) {
					return
				}
			}
			return
		}
		for b, err := range r.Vectors() {
			if err != nil {
				yield(Row{}, err)
				return
			}
			for i := range b.Len() {
				if !yield(rowAt(r.columns, b, i), nil) {
					return
				}
			}
		}
	}
}

// Batches iterates over a query's changelog as Arrow record batches, which the caller
// releases. The first column, "op", holds the change kinds ("+I", "-U", "+U", "-D").
func (r *Result) Batches() iter.Seq2[arrow.RecordBatch, error] {
	return func(yield func(arrow.RecordBatch, error) bool) {
		for b, err := range r.Vectors() {
			var rec arrow.RecordBatch
			if err == nil {
				rec, err = arrowvec.ToArrow(r.schema(), b, arrowvec.Options{KindColumn: "op"})
			}
			if !yield(rec, err) || err != nil {
				return
			}
		}
	}
}

func (r *Result) schema() vec.Schema {
	s := make(vec.Schema, len(r.columns))
	for i, c := range r.columns {
		s[i] = vec.Field{Name: c.Name, Type: c.Type}
	}
	return s
}

// Vectors iterates over a query's changelog in batches of Weir's own layout, which the
// caller may keep. All their rows count.
func (r *Result) Vectors() iter.Seq2[*vec.Batch, error] {
	return func(yield func(*vec.Batch, error) bool) {
		if r.sink == nil {
			return
		}
		defer r.Close() //nolint:errcheck // the job's error has been given, or nobody waits for it
		ended := make(chan error, 1)
		go func() { ended <- r.job.Wait(r.ctx) }()
		for {
			select {
			case b := <-r.sink.batches:
				if !yield(b, nil) {
					return
				}
			case err := <-ended:
				r.drain(err, yield)
				return
			}
		}
	}
}

// drain gives what the ended job had still sent, and its error.
func (r *Result) drain(err error, yield func(*vec.Batch, error) bool) {
	for {
		select {
		case b := <-r.sink.batches:
			if !yield(b, nil) {
				return
			}
		default:
			if err != nil {
				yield(nil, err)
			}
			return
		}
	}
}

// Close stops a query's job and waits until it has ended. It may be called more than once.
func (r *Result) Close() error {
	if r.sink == nil {
		return nil
	}
	r.sink.stop()
	if err := r.job.Stop(); !errors.Is(err, context.Canceled) {
		return err
	}
	return nil
}
