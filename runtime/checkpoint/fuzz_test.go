package checkpoint

import (
	"errors"
	"testing"
)

// FuzzDecode reads manifests that nobody wrote, with and without a checksum that fits: they are refused with an error that
// names the file, or read.
func FuzzDecode(f *testing.F) {
	text, err := example(7).Encode()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(text, false)
	for i, b := range text {
		if b == '\n' {
			f.Add(text[i+1:], true)
			break
		}
	}
	f.Add([]byte(magic+" 99999999999999999999 x\n"), false)
	f.Add([]byte(`{"sources":[{"splits":[{"position":"!"}]}],"files":[{"size":-1}]}`), true)
	f.Fuzz(func(t *testing.T, data []byte, sealed bool) {
		if sealed {
			head := magic + " 1 "
			data = append([]byte(head+sum(head, data)+"\n"), data...)
		}
		m, err := Decode("chk-1/MANIFEST", data)
		var damaged *DamagedError
		var newer *NewerError
		switch {
		case errors.As(err, &damaged) && damaged.Path == "chk-1/MANIFEST", errors.As(err, &newer):
		case err != nil:
			t.Fatalf("%T: %v", err, err)
		default:
			m.Rows()
			m.Size()
		}
	})
}
