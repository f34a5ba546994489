package parquet

import (
	"fmt"

	"github.com/weirstream/weir/runtime/vec"
)

// step is one node on the path from a column to a leaf.
type step struct {
	optional bool
	kind     stepKind
	child    int   // the vector's child that the path goes on with
	rep      int16 // listStep: the repetition level of its elements after the first
}

type stepKind uint8

const (
	leafStep stepKind = iota
	rowStep
	listStep // an ARRAY or a MAP
)

// shredder takes one leaf column apart: levels of all entries, and where in the leaf's
// vector the values are. Where rep stays empty the column has no lists, where def does,
// nothing that is optional.
type shredder struct {
	path     []step
	maxDef   int16
	maxRep   int16
	name     string
	def, rep []int16
	at       []int32
}

// run shreds the rows of a column: sel, or 0 to n-1 where sel is nil.
func (s *shredder) run(v *vec.Vector, sel []int32, n int) error {
	s.def, s.rep, s.at = s.def[:0], s.rep[:0], s.at[:0]
	if sel != nil {
		n = len(sel)
	}
	flat := len(s.path) == 1
	if flat && v.Valid() == nil {
		s.dense(sel, n)
		return nil
	}
	for k := range n {
		i := k
		if sel != nil {
			i = int(sel[k])
		}
		if err := s.value(v, i, 0, 0, 0); err != nil {
			return err
		}
	}
	return nil
}

// dense shreds rows of a flat column without NULLs.
func (s *shredder) dense(sel []int32, n int) {
	if s.maxDef > 0 {
		for range n {
			s.def = append(s.def, s.maxDef)
		}
	}
	if sel != nil {
		s.at = append(s.at, sel...)
		return
	}
	for i := range n {
		s.at = append(s.at, int32(i))
	}
}

// value shreds value i of the vector that step k of the path is about.
func (s *shredder) value(v *vec.Vector, i, k int, def, rep int16) error {
	at := &s.path[k]
	if v.IsNull(i) {
		if !at.optional {
			return fmt.Errorf("column '%s' is NOT NULL, but there is a NULL to be written", s.name)
		}
		s.entry(def, rep)
		return nil
	}
	if at.optional {
		def++
	}
	switch at.kind {
	case leafStep:
		s.entry(def, rep)
		s.at = append(s.at, int32(i))
		return nil
	case rowStep:
		return s.value(v.Child(at.child), i, k+1, def, rep)
	}
	from, to := v.Offsets()[i], v.Offsets()[i+1]
	if from == to {
		s.entry(def, rep)
		return nil
	}
	for j := from; j < to; j++ {
		if err := s.value(v.Child(at.child), int(j), k+1, def+1, rep); err != nil {
			return err
		}
		rep = at.rep
	}
	return nil
}

func (s *shredder) entry(def, rep int16) {
	if s.maxDef > 0 {
		s.def = append(s.def, def)
	}
	if s.maxRep > 0 {
		s.rep = append(s.rep, rep)
	}
}

// leafVector goes down from a column's vector to the leaf's.
func (s *shredder) leafVector(v *vec.Vector) *vec.Vector {
	for _, p := range s.path {
		if p.kind != leafStep {
			v = v.Child(p.child)
		}
	}
	return v
}
