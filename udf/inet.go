package udf

import (
	"bytes"
	"net/netip"
	"strconv"
	"unicode/utf8"

	"github.com/weirstream/weir/sql/types"
)

func inetFuncs() []*Func {
	return []*Func{
		{
			Name: "INET_ATON", Family: "string", Syntax: "INET_ATON(address)", Resolve: mayGiveNull(types.New(types.BigInt), strArg()), Bind: bindInetAton,
			Doc: "The number of an IPv4 address; NULL for other text.",
		},
		{
			Name: "INET_NTOA", Family: "string", Syntax: "INET_NTOA(number)", Resolve: mayGiveNull(types.String(), intArg()), Bind: text(inetNtoa),
			Doc: "The IPv4 address of a number; NULL for a number that has none.",
		},
		{
			Name: "MAKE_VALID_UTF8", Family: "conversion", Syntax: "MAKE_VALID_UTF8(bytes)", Resolve: returns(types.String(), bytesArg()), Bind: row1(makeValidUTF8),
			Doc: "The text that the bytes are in UTF-8, with U+FFFD for what is not valid.",
		},
	}
}

func bindInetAton(Call) (Kernel, error) {
	return times(func(r row) (int64, bool) {
		a, err := netip.ParseAddr(r.str(0))
		if err != nil || !a.Is4() {
			return 0, false
		}
		b := a.As4()
		return int64(b[0])<<24 | int64(b[1])<<16 | int64(b[2])<<8 | int64(b[3]), true
	})
}

func inetNtoa(r row, dst []byte) ([]byte, bool) {
	n := r.int(0)
	if n < 0 || n > 1<<32-1 {
		return dst, false
	}
	for shift := 24; shift >= 0; shift -= 8 {
		dst = strconv.AppendInt(dst, n>>shift&0xFF, 10)
		if shift > 0 {
			dst = append(dst, '.')
		}
	}
	return dst, true
}

func makeValidUTF8(dst, s []byte) []byte {
	if utf8.Valid(s) {
		return append(dst, s...)
	}
	return append(dst, bytes.ToValidUTF8(s, []byte("\uFFFD"))...)
}
