package udf

import (
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/hex"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/weirstream/weir/sql/types"
)

func hashFuncs() []*Func {
	var fs []*Func
	for _, h := range []struct {
		name string
		sum  func(dst, s []byte) []byte
	}{
		{"MD5", func(dst, s []byte) []byte { x := md5.Sum(s); return append(dst, x[:]...) }},
		{"SHA1", func(dst, s []byte) []byte { x := sha1.Sum(s); return append(dst, x[:]...) }},
		{"SHA224", func(dst, s []byte) []byte { x := sha256.Sum224(s); return append(dst, x[:]...) }},
		{"SHA256", func(dst, s []byte) []byte { x := sha256.Sum256(s); return append(dst, x[:]...) }},
		{"SHA384", func(dst, s []byte) []byte { x := sha512.Sum384(s); return append(dst, x[:]...) }},
		{"SHA512", func(dst, s []byte) []byte { x := sha512.Sum512(s); return append(dst, x[:]...) }},
	} {
		fs = append(fs, &Func{
			Name: h.name, Family: "hash", Syntax: h.name + "(string)", Doc: "The " + h.name + " hash in hexadecimal digits.",
			Resolve: hashRule(h.sum), Bind: row1(func(dst, s []byte) []byte {
				var sum [64]byte
				return hex.AppendEncode(dst, h.sum(sum[:0], s))
			}),
		})
	}
	return append(fs, &Func{
		Name: "SHA2", Family: "hash", Syntax: "SHA2(string, length)", Doc: "The SHA-2 hash of 224, 256, 384 or 512 bits in hexadecimal digits.",
		Resolve: mayGiveNull(types.Type{Kind: types.VarChar, Length: 128}, textOrBytesArg(), intArg()), Bind: text(sha2),
	})
}

// hashRule gives the number of digits of the hash.
func hashRule(sum func(dst, s []byte) []byte) rule {
	return returns(types.Type{Kind: types.Char, Length: 2 * len(sum(nil, nil))}, textOrBytesArg())
}

func sha2(r row, dst []byte) ([]byte, bool) {
	s := r.bytes(0)
	switch r.int(1) {
	case 224:
		x := sha256.Sum224(s)
		return hex.AppendEncode(dst, x[:]), true
	case 256:
		x := sha256.Sum256(s)
		return hex.AppendEncode(dst, x[:]), true
	case 384:
		x := sha512.Sum384(s)
		return hex.AppendEncode(dst, x[:]), true
	case 512:
		x := sha512.Sum512(s)
		return hex.AppendEncode(dst, x[:]), true
	}
	return dst, false
}

func encodingFuncs() []*Func {
	const fam = "string"
	str := types.String()
	return []*Func{
		{Name: "TO_BASE64", Family: fam, Syntax: "TO_BASE64(string)", Resolve: returns(str, textOrBytesArg()), Bind: row1(base64.StdEncoding.AppendEncode), Doc: "The string in Base64."},
		{Name: "FROM_BASE64", Family: fam, Syntax: "FROM_BASE64(string)", Resolve: mayGiveNull(str, strArg()), Bind: text(fromBase64), Doc: "The string that the Base64 text is; NULL where it is none."},
		{Name: "HEX", Family: "arithmetic", Syntax: "HEX(integer or string)", Resolve: hexRule, Bind: bindHex, Doc: "Upper-case hexadecimal digits of a number, or of the bytes of a string."},
		{Name: "UNHEX", Family: "arithmetic", Syntax: "UNHEX(string)", Resolve: mayGiveNull(types.Bytes(), strArg()), Bind: text(unhex), Doc: "The bytes that hexadecimal digits stand for; NULL where they are none. Of an odd number of digits the first becomes a byte of zeros."},
		{Name: "BIN", Family: "arithmetic", Syntax: "BIN(integer)", Resolve: returns(str, intArg()), Bind: bindText(func(r row, dst []byte) []byte { return strconv.AppendUint(dst, uint64(r.int(0)), 2) }), Doc: "The binary digits of a number."},
		{Name: "URL_ENCODE", Family: fam, Syntax: "URL_ENCODE(string)", Resolve: mayGiveNull(str, strArg()), Bind: row1(urlEncode), Doc: "The string as a form value of a URL."},
		{Name: "URL_DECODE", Family: fam, Syntax: "URL_DECODE(string)", Resolve: mayGiveNull(str, strArg()), Bind: text(urlDecode), Doc: "The string that a form value of a URL stands for; NULL where it is none."},
		{Name: "PARSE_URL", Family: fam, Syntax: "PARSE_URL(url, part[, key])", Resolve: mayGiveNull(str, strArg(), strArg(), strArg().opt()), Bind: text(parseURL), Doc: "A part of a URL: HOST, PATH, QUERY, REF, PROTOCOL, FILE, AUTHORITY, USERINFO; with QUERY, the value of a key."},
		{Name: "ENCODE", Family: fam, Syntax: "ENCODE(string, charset)", Resolve: mayGiveNull(types.Bytes(), strArg(), strArg()), Bind: text(encode), Doc: "The bytes of the string in US-ASCII, ISO-8859-1, UTF-8, UTF-16BE or UTF-16LE."},
		{Name: "DECODE", Family: fam, Syntax: "DECODE(binary, charset)", Resolve: mayGiveNull(str, bytesArg(), strArg()), Bind: text(decode), Doc: "The string that the bytes are in a character set (see ENCODE)."},
		{Name: "IS_VALID_UTF8", Family: fam, Syntax: "IS_VALID_UTF8(bytes)", Resolve: returns(types.New(types.Boolean), bytesArg()), Bind: truth(func(r row) bool { return utf8.Valid(r.bytes(0)) }), Doc: "Whether the bytes are valid UTF-8."},
	}
}

func fromBase64(r row, dst []byte) ([]byte, bool) {
	enc := base64.StdEncoding
	if s := r.bytes(0); len(s) > 0 && s[len(s)-1] != '=' {
		enc = base64.RawStdEncoding // padding may be left out
	}
	out, err := enc.AppendDecode(dst, r.bytes(0))
	return out, err == nil
}

// hexRule takes numbers and strings.
func hexRule(args []Arg) (Signature, error) {
	if len(args) == 1 && args[0].Type.IsInteger() {
		return returns(types.String(), intArg())(args)
	}
	return returns(types.String(), textOrBytesArg())(args)
}

func bindHex(c Call) (Kernel, error) {
	if c.Args[0].Type.IsInteger() {
		return bindText(func(r row, dst []byte) []byte {
			from := len(dst)
			dst = strconv.AppendUint(dst, uint64(r.int(0)), 16)
			copy(dst[from:], upperCase(nil, dst[from:]))
			return dst
		})(c)
	}
	const digits = "0123456789ABCDEF"
	return row1(func(dst, s []byte) []byte {
		for _, b := range s {
			dst = append(dst, digits[b>>4], digits[b&15])
		}
		return dst
	})(c)
}

func unhex(r row, dst []byte) ([]byte, bool) {
	s := r.bytes(0)
	if len(s)%2 == 1 { // as documented for Flink: a byte of zeros stands for the first digit
		if _, err := hex.Decode(make([]byte, 1), []byte{'0', s[0]}); err != nil {
			return dst, false
		}
		dst, s = append(dst, 0), s[1:]
	}
	out, err := hex.AppendDecode(dst, s)
	return out, err == nil
}

func encode(r row, dst []byte) ([]byte, bool) {
	s := r.str(0)
	switch charset := r.str(1); charset {
	case "UTF-8", "utf-8":
		return append(dst, s...), true
	case "US-ASCII", "ISO-8859-1":
		limit := rune(0x80)
		if charset == "ISO-8859-1" {
			limit = 0x100
		}
		for _, c := range s {
			if c >= limit {
				c = '?'
			}
			dst = append(dst, byte(c))
		}
		return dst, true
	case "UTF-16BE", "UTF-16LE", "UTF-16":
		if charset == "UTF-16" {
			dst = append(dst, 0xFE, 0xFF)
		}
		for _, c := range s {
			for _, u := range utf16.AppendRune(nil, c) {
				if charset == "UTF-16LE" {
					dst = append(dst, byte(u), byte(u>>8))
				} else {
					dst = append(dst, byte(u>>8), byte(u))
				}
			}
		}
		return dst, true
	}
	return dst, false
}

func decode(r row, dst []byte) ([]byte, bool) {
	s := r.bytes(0)
	switch charset := r.str(1); charset {
	case "UTF-8", "utf-8":
		return append(dst, s...), true
	case "US-ASCII", "ISO-8859-1":
		for _, b := range s {
			c := rune(b)
			if charset == "US-ASCII" && b >= 0x80 {
				c = utf8.RuneError
			}
			dst = utf8.AppendRune(dst, c)
		}
		return dst, true
	case "UTF-16BE", "UTF-16LE", "UTF-16":
		little := charset == "UTF-16LE"
		if charset == "UTF-16" && len(s) >= 2 && (s[0] == 0xFE && s[1] == 0xFF || s[0] == 0xFF && s[1] == 0xFE) {
			little = s[0] == 0xFF
			s = s[2:]
		}
		units := make([]uint16, 0, len(s)/2)
		for ; len(s) >= 2; s = s[2:] {
			hi, lo := s[0], s[1]
			if little {
				hi, lo = lo, hi
			}
			units = append(units, uint16(hi)<<8|uint16(lo))
		}
		return append(dst, string(utf16.Decode(units))...), true
	}
	return dst, false
}
