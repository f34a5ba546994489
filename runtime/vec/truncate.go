package vec

// Truncate takes back the values from n on: what a decoder appended for a row that
// turned out to be bad. The bytes of their strings are not given back before Reset.
func (v *Vector) Truncate(n int) {
	if v.phys == List || v.phys == MapOf {
		// An entry that was never closed may have left values behind the last offset.
		v.offsets = v.offsets[:n+1]
		for _, c := range v.children {
			c.Truncate(int(v.offsets[n]))
		}
	}
	if v.phys == Struct {
		for _, c := range v.children {
			c.Truncate(n)
		}
	}
	v.n = n
}

// PutNull makes value i of a flat vector NULL, whatever it was before, with a harmless
// value under it.
func (v *Vector) PutNull(i int) {
	v.zero(i)
	v.SetNull(i)
}
