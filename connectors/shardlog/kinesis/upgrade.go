package kinesis

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// HTTP/2 by upgrade (RFC 7540, section 3.2): a request of HTTP/1.1 asks for h2c, the server answers 101,
// and the same request is answered as stream 1 of an HTTP/2 connection. net/http speaks HTTP/2
// without TLS by prior knowledge alone. So the connection is handed back to it as a new one on
// which the client seems to know: behind the client's preface, the request is put in
// frames of HTTP/2. From there on nothing knows of the upgrade.

const (
	preface     = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
	frameHeader = 9
	frameMax    = 16 << 10 // what every peer must take
	settingSize = 6
	maxSettings = 100 * settingSize // bytes; net/http takes no more
	// maxUpgrade bounds the body of a request that is upgraded: the server's first window for a
	// stream. A larger one is answered over HTTP/1.1, which is always allowed.
	maxUpgrade = 64<<10 - 1

	frameData         = 0
	frameHeaders      = 1
	frameSettings     = 4
	frameContinuation = 9
	endStream         = 1
	endHeaders        = 4
)

// upgrades is the handler in front of the server, and the listener of the connections that it has upgraded.
type upgrades struct {
	next   http.Handler
	addr   net.Addr
	wait   time.Duration // that a client may take to go on after the 101
	conns  chan net.Conn
	once   sync.Once
	closed chan struct{}
}

func newUpgrades(next http.Handler, addr net.Addr, wait time.Duration) *upgrades {
	return &upgrades{next: next, addr: addr, wait: wait, conns: make(chan net.Conn), closed: make(chan struct{})}
}

// Accept waits for the next connection that was upgraded.
func (u *upgrades) Accept() (net.Conn, error) {
	select {
	case c := <-u.conns:
		return c, nil
	case <-u.closed:
		return nil, net.ErrClosed
	}
}

// Close ends Accept.
func (u *upgrades) Close() error {
	u.once.Do(func() { close(u.closed) })
	return nil
}

// Addr is the address of the listener whose connections are upgraded.
func (u *upgrades) Addr() net.Addr { return u.addr }

// ServeHTTP upgrades a request that asks for it and passes on all others.
func (u *upgrades) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !asksForH2C(r) || r.ContentLength > maxUpgrade {
		u.next.ServeHTTP(w, r)
		return
	}
	body, err := io.ReadAll(io.LimitReader(r.Body, maxUpgrade+1))
	if err != nil || len(body) > maxUpgrade {
		r.Body = struct {
			io.Reader
			io.Closer
		}{io.MultiReader(bytes.NewReader(body), r.Body), r.Body}
		u.next.ServeHTTP(w, r)
		return
	}
	settings, err := base64.RawURLEncoding.DecodeString(strings.TrimRight(r.Header.Get("Http2-Settings"), "="))
	if err != nil || len(settings)%settingSize != 0 || len(settings) > maxSettings/2 {
		http.Error(w, "HTTP2-Settings is not the payload of a SETTINGS frame in base64url", http.StatusBadRequest)
		return
	}
	request := requestFrames(r, body)
	conn, buffered, err := http.NewResponseController(w).Hijack()
	if err != nil {
		r.Body = io.NopCloser(bytes.NewReader(body))
		u.next.ServeHTTP(w, r)
		return
	}
	if err := u.hand(conn, buffered.Reader, settings, request); err != nil {
		conn.Close() // the client hung up, or the server is stopping
	}
}

// hand answers 101 and gives the connection to the server again.
func (u *upgrades) hand(conn net.Conn, buffered *bufio.Reader, asked, request []byte) error {
	if err := conn.SetDeadline(time.Now().Add(u.wait)); err != nil {
		return err
	}
	if _, err := io.WriteString(conn, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n"); err != nil {
		return err
	}
	first, err := clientPreface(buffered)
	if err != nil {
		return err
	}
	if err := conn.SetDeadline(time.Time{}); err != nil {
		return err
	}
	settings := appendFrame([]byte(preface), frameSettings, 0, 0, mergeSettings(asked, first))
	c := &upgraded{Conn: conn, in: io.MultiReader(bytes.NewReader(settings), bytes.NewReader(request), buffered)}
	select {
	case u.conns <- c:
		return nil
	case <-u.closed:
		return net.ErrClosed
	}
}

// upgraded is a connection whose first request is put before what the client sends.
type upgraded struct {
	net.Conn
	in io.Reader
}

func (c *upgraded) Read(b []byte) (int, error) { return c.in.Read(b) }

// asksForH2C reports a request for an upgrade that names exactly one set of settings, as it must.
func asksForH2C(r *http.Request) bool {
	return r.ProtoMajor == 1 && r.TLS == nil && listed(r.Header["Upgrade"], "h2c") &&
		listed(r.Header["Connection"], "upgrade") && listed(r.Header["Connection"], "http2-settings") &&
		len(r.Header["Http2-Settings"]) == 1
}

// listed looks for a word in comma-separated headers, in any case.
func listed(values []string, word string) bool {
	return slices.ContainsFunc(values, func(v string) bool {
		for part := range strings.SplitSeq(v, ",") {
			if strings.EqualFold(strings.TrimSpace(part), word) {
				return true
			}
		}
		return false
	})
}

// hopByHop are the headers that belong to the HTTP/1.1 connection.
var hopByHop = []string{"Connection", "Upgrade", "Http2-Settings", "Keep-Alive", "Proxy-Connection", "Transfer-Encoding", "Te", "Trailer", "Expect"}

// clientPreface reads the client's preface and returns the settings in the frame that ends it. They and those of the
// request go into one frame: two would be acknowledged twice, and a client counts.
func clientPreface(r io.Reader) ([]byte, error) {
	start := make([]byte, len(preface)+frameHeader)
	if _, err := io.ReadFull(r, start); err != nil {
		return nil, err
	}
	head := start[len(preface):]
	size := int(head[0])<<16 | int(head[1])<<8 | int(head[2])
	isSettings := head[3] == frameSettings && head[4] == 0 && binary.BigEndian.Uint32(head[5:]) == 0
	if string(start[:len(preface)]) != preface || !isSettings || size%settingSize != 0 || size > maxSettings/2 {
		return nil, errors.New("an upgraded connection does not begin with HTTP/2's preface")
	}
	settings := make([]byte, size)
	_, err := io.ReadFull(r, settings)
	return settings, err
}

// mergeSettings lists the settings of both payloads, each once: what came later counts.
func mergeSettings(first, second []byte) []byte {
	var out []byte
	for _, payload := range [][]byte{second, first} {
		for ; len(payload) >= settingSize; payload = payload[settingSize:] {
			if setting := payload[:settingSize]; !hasSetting(out, setting[:2]) {
				out = append(out, setting...)
			}
		}
	}
	return out
}

func hasSetting(payload, id []byte) bool {
	for ; len(payload) >= settingSize; payload = payload[settingSize:] {
		if bytes.Equal(payload[:2], id) {
			return true
		}
	}
	return false
}

// requestFrames writes a request as an HTTP/2 client would have sent it, on stream 1.
func requestFrames(r *http.Request, body []byte) []byte {
	block := headerBlock(r)
	flags := byte(0)
	if len(body) == 0 {
		flags = endStream
	}
	var out []byte
	for kind := byte(frameHeaders); ; kind, flags = frameContinuation, 0 {
		n := min(len(block), frameMax)
		if n == len(block) {
			flags |= endHeaders
		}
		out = appendFrame(out, kind, flags, 1, block[:n])
		if block = block[n:]; len(block) == 0 {
			break
		}
	}
	for len(body) > 0 {
		n := min(len(body), frameMax)
		flags = 0
		if n == len(body) {
			flags = endStream
		}
		out = appendFrame(out, frameData, flags, 1, body[:n])
		body = body[n:]
	}
	return out
}

func appendFrame(b []byte, kind, flags byte, stream uint32, payload []byte) []byte {
	n := len(payload)
	b = append(b, byte(n>>16), byte(n>>8), byte(n), kind, flags)
	b = binary.BigEndian.AppendUint32(b, stream)
	return append(b, payload...)
}

// headerBlock writes the headers in HPACK as literals that enter no table, so that the client's own table
// begins empty with its next request.
func headerBlock(r *http.Request) []byte {
	var b []byte
	field := func(name, value string) {
		b = append(b, 0) // literal, not indexed, name follows
		b = append(appendHPACKInt(b, len(name)), name...)
		b = append(appendHPACKInt(b, len(value)), value...)
	}
	field(":method", r.Method)
	field(":scheme", "http")
	field(":authority", r.Host)
	field(":path", r.URL.RequestURI())
	if r.ContentLength >= 0 && r.Header.Get("Content-Length") == "" {
		field("content-length", strconv.FormatInt(r.ContentLength, 10))
	}
	for name, values := range r.Header {
		if slices.Contains(hopByHop, name) {
			continue
		}
		for _, v := range values {
			field(strings.ToLower(name), v)
		}
	}
	return b
}

// appendHPACKInt writes a string's length: 7 bits, then 7 bits a byte, the least significant first.
func appendHPACKInt(b []byte, n int) []byte {
	if n < 127 {
		return append(b, byte(n))
	}
	b = append(b, 127)
	for n -= 127; n >= 128; n >>= 7 {
		b = append(b, byte(n)|0x80)
	}
	return append(b, byte(n))
}
