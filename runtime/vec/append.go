package vec

// extend adds one valid, unwritten value.
func (v *Vector) extend() { v.Resize(v.n + 1) }

// Append appends a fixed-width value.
func Append[T Fixed](v *Vector, x T) {
	v.extend()
	Values[T](v)[v.n-1] = x
}

// AppendBool appends to a BOOLEAN vector.
func (v *Vector) AppendBool(x bool) {
	v.extend()
	v.SetBool(v.n-1, x)
}

// AppendNull appends a NULL.
func (v *Vector) AppendNull() {
	v.extend()
	v.zero(v.n - 1)
	v.SetNull(v.n - 1)
}

// zero makes the value under a NULL harmless and equal from run to run.
func (v *Vector) zero(i int) {
	switch v.phys {
	case Bool:
		v.SetBool(i, false)
	case Int8:
		Values[int8](v)[i] = 0
	case Int16:
		Values[int16](v)[i] = 0
	case Int32, Float32:
		Values[int32](v)[i] = 0
	case Int64, Float64:
		Values[int64](v)[i] = 0
	case Decimal, View:
		Values[Dec128](v)[i] = Dec128{}
	case Struct:
		for _, c := range v.children {
			c.zero(i)
			c.SetNull(i)
		}
	}
}

// EndList closes a list or map entry: what was appended to the children since the
// last one is its contents.
func (v *Vector) EndList() {
	v.n++
	v.offsets = append(v.offsets[:v.n], int32(v.children[0].n))
	if v.hasValid() {
		v.valid = growWords(v.valid, WordsFor(v.n))
		SetBit(v.valid, v.n-1)
	}
}

// EndRow closes a ROW entry whose fields were appended to the children.
func (v *Vector) EndRow() {
	v.n++
	if v.hasValid() {
		v.valid = growWords(v.valid, WordsFor(v.n))
		SetBit(v.valid, v.n-1)
	}
}

// AppendRows appends the rows sel of src, or all of them when sel is nil, with every
// byte copied. src must have the same type but for its nullability.
func (v *Vector) AppendRows(src *Vector, sel []int32) {
	n, m := v.n, src.n
	if sel != nil {
		m = len(sel)
	}
	if m == 0 {
		return
	}
	v.appendValues(src, sel, n, m)
	v.appendValidity(src, sel, n, m)
}

// AppendRow appends row i of src.
func (v *Vector) AppendRow(src *Vector, i int) {
	sel := [1]int32{int32(i)}
	v.AppendRows(src, sel[:])
}

func (v *Vector) appendValidity(src *Vector, sel []int32, n, m int) {
	if !src.hasValid() {
		return // Resize and EndList made the new rows valid
	}
	valid := v.EnsureValid()
	if sel == nil {
		copyBits(valid, n, src.valid, 0, m)
		return
	}
	for k, i := range sel {
		SetBitTo(valid, n+k, Bit(src.valid, int(i)))
	}
}

func (v *Vector) appendValues(src *Vector, sel []int32, n, m int) {
	switch v.phys {
	case List, MapOf:
		v.appendLists(src, sel, m)
		return
	case Struct:
		for i, c := range v.children {
			c.AppendRows(src.children[i], sel)
		}
		v.n = n + m
		if v.hasValid() {
			v.valid = growWords(v.valid, WordsFor(v.n))
			SetBits(v.valid, n, v.n)
		}
		return
	}
	v.Resize(n + m)
	switch v.phys {
	case Bool:
		if sel == nil {
			copyBits(v.words, n, src.words, 0, m)
			return
		}
		for k, i := range sel {
			SetBitTo(v.words, n+k, src.Bool(int(i)))
		}
	case Int8:
		gather(Values[int8](v)[n:], Values[int8](src), sel)
	case Int16:
		gather(Values[int16](v)[n:], Values[int16](src), sel)
	case Int32, Float32:
		gather(Values[int32](v)[n:], Values[int32](src), sel)
	case Int64, Float64:
		gather(Values[int64](v)[n:], Values[int64](src), sel)
	case Decimal:
		gather(Values[Dec128](v)[n:], Values[Dec128](src), sel)
	case View:
		v.appendViews(src, sel, n)
	}
}

func gather[T any](dst, src []T, sel []int32) {
	if sel == nil {
		copy(dst, src)
		return
	}
	for k, i := range sel {
		dst[k] = src[i]
	}
}

func (v *Vector) appendViews(src *Vector, sel []int32, n int) {
	v.gatherViews(src, sel, n)
	v.storeViews(Values[StringView](v)[n:], src.bufs)
}

// gatherViews makes the values from n on views of src's, which still point into src's buffers. Under a NULL there is none.
func (v *Vector) gatherViews(src *Vector, sel []int32, n int) {
	dst := Values[StringView](v)[n:]
	gather(dst, Values[StringView](src), sel)
	if !src.hasValid() {
		return
	}
	for k := range dst {
		if !dst[k].Inline() && src.IsNull(rowAt(sel, k)) {
			dst[k] = StringView{}
		}
	}
}

func (v *Vector) appendLists(src *Vector, sel []int32, m int) {
	var rows []int32
	for k := range m {
		i := k
		if sel != nil {
			i = int(sel[k])
		}
		from, to := src.offsets[i], src.offsets[i+1]
		rows = rows[:0]
		for j := from; j < to; j++ {
			rows = append(rows, j)
		}
		if len(rows) > 0 {
			for c, child := range v.children {
				child.AppendRows(src.children[c], rows)
			}
		}
		v.EndList()
	}
}
