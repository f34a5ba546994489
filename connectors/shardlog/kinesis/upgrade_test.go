package kinesis

import (
	"bufio"
	"bytes"
	"context"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/weirstream/weir/connectors/shardlog"
)

// serveOpen runs a server that takes any signature.
func serveOpen(t *testing.T, ln net.Listener, config Config) {
	t.Helper()
	l, err := shardlog.Open(t.TempDir(), shardlog.Options{})
	if err != nil {
		t.Fatal(err)
	}
	s, err := New(l, config)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error)
	go func() { done <- s.Serve(ctx, ln, 10*time.Second) }()
	t.Cleanup(func() {
		cancel()
		if err := errors.Join(<-done, l.Close()); err != nil {
			t.Error(err)
		}
	})
}

// openPort is serveOpen on loopback; it returns a function that connects.
func openPort(t *testing.T) func() net.Conn {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	serveOpen(t, ln, Config{})
	return func() net.Conn {
		conn, err := net.Dial("tcp", ln.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		return conn
	}
}

const anySignature = "AWS4-HMAC-SHA256 Credential=A/20261123/r/kinesis/aws4_request, SignedHeaders=host, Signature=00"

// listRequest is a request of the protocol, as its header and its body.
func listRequest(body string) *http.Request {
	r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(body))
	r.Header.Set("Content-Type", jsonType)
	r.Header.Set("X-Amz-Target", targetPrefix+"ListStreams")
	r.Header.Set("X-Amz-Date", "20261123T100000Z")
	r.Header.Set("Authorization", anySignature)
	return r
}

// upgradeClient is one connection that has asked for h2c.
type upgradeClient struct {
	t    *testing.T
	conn net.Conn
	in   *bufio.Reader
}

// ask sends a request that asks for an upgrade with these settings.
func ask(t *testing.T, conn net.Conn, settings, body string) *upgradeClient {
	t.Helper()
	t.Cleanup(func() { conn.Close() })
	r := listRequest(body)
	r.Header.Set("Connection", "keep-alive, Upgrade, HTTP2-Settings")
	r.Header.Set("Upgrade", "h2c")
	r.Header.Set("HTTP2-Settings", settings)
	if err := r.Write(conn); err != nil {
		t.Fatal(err)
	}
	return &upgradeClient{t, conn, bufio.NewReader(conn)}
}

func (c *upgradeClient) response() (*http.Response, string) {
	c.t.Helper()
	resp, err := http.ReadResponse(c.in, nil)
	if err != nil {
		c.t.Fatal(err)
	}
	if resp.StatusCode == http.StatusSwitchingProtocols {
		return resp, ""
	}
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		c.t.Fatal(err)
	}
	return resp, string(body)
}

func (c *upgradeClient) write(b []byte) {
	c.t.Helper()
	if _, err := c.conn.Write(b); err != nil {
		c.t.Fatal(err)
	}
}

// content reads frames until a stream ends. It returns the stream's data, and how many SETTINGS were acknowledged.
func (c *upgradeClient) content(stream uint32) (data string, acks int) {
	c.t.Helper()
	for {
		head := make([]byte, frameHeader)
		if _, err := io.ReadFull(c.in, head); err != nil {
			c.t.Fatal(err)
		}
		payload := make([]byte, int(head[0])<<16|int(head[1])<<8|int(head[2]))
		if _, err := io.ReadFull(c.in, payload); err != nil {
			c.t.Fatal(err)
		}
		id := binary.BigEndian.Uint32(head[5:])
		switch {
		case head[3] == frameSettings && head[4] == 1:
			acks++
		case head[3] == 7:
			c.t.Fatalf("the server goes away: % x", payload)
		case head[3] == frameData && id == stream:
			data += string(payload)
		}
		if id == stream && head[3] <= frameHeaders && head[4]&endStream != 0 {
			return data, acks
		}
	}
}

// clientSettings allow 100 streams.
var clientSettings = []byte{0, 3, 0, 0, 0, 100}

func TestUpgradeToHTTP2(t *testing.T) {
	dial := openPort(t)
	asked := base64.RawURLEncoding.EncodeToString(append(bytes.Clone(clientSettings), 0, 4, 0, 1, 0, 0))
	for _, body := range []string{"{}", "{" + strings.Repeat(" ", 50_000) + "}"} {
		c := ask(t, dial(), asked, body)
		if resp, _ := c.response(); resp.StatusCode != http.StatusSwitchingProtocols || resp.Header.Get("Upgrade") != "h2c" {
			t.Fatalf("%d %v", resp.StatusCode, resp.Header)
		}
		c.write(appendFrame([]byte(preface), frameSettings, 0, 0, clientSettings))
		data, acks := c.content(1)
		if !strings.Contains(data, `"StreamNames":[]`) || acks > 1 {
			t.Fatalf("%d acknowledgements, %s", acks, data)
		}
		// The connection is one of HTTP/2 from now on.
		r := listRequest("{}")
		c.write(appendFrame(nil, frameHeaders, endHeaders, 3, headerBlock(r)))
		c.write(appendFrame(nil, frameData, endStream, 3, []byte("{}")))
		if data, more := c.content(3); !strings.Contains(data, `"StreamNames":[]`) || acks+more != 1 {
			t.Fatalf("%d acknowledgements, %s", acks+more, data)
		}
	}
}

// A request that is too large to be upgraded, or asks for something else, is answered over HTTP/1.1.
func TestUpgradeIsNotTaken(t *testing.T) {
	dial := openPort(t)
	c := ask(t, dial(), "AAMAAABk", "{"+strings.Repeat(" ", maxUpgrade)+"}")
	if resp, body := c.response(); resp.StatusCode != 200 || resp.ProtoMajor != 1 || !strings.Contains(body, "StreamNames") {
		t.Fatalf("%s %d %s", resp.Proto, resp.StatusCode, body)
	}
	for name, change := range map[string]func(http.Header){
		"websocket":       func(h http.Header) { h.Set("Upgrade", "websocket") },
		"no settings":     func(h http.Header) { h.Del("Http2-Settings") },
		"settings twice":  func(h http.Header) { h.Add("Http2-Settings", "AAMAAABk") },
		"not hop by hop":  func(h http.Header) { h.Set("Connection", "Upgrade") },
		"no upgrade word": func(h http.Header) { h.Set("Connection", "HTTP2-Settings") },
	} {
		r := listRequest("{}")
		r.Header.Set("Connection", "Upgrade, HTTP2-Settings")
		r.Header.Set("Upgrade", "h2c")
		r.Header.Set("Http2-Settings", "AAMAAABk")
		change(r.Header)
		if asksForH2C(r) {
			t.Errorf("%s: is upgraded", name)
		}
	}
}

// Who asks for an upgrade and then does not speak HTTP/2 is hung up on, and the server goes on.
func TestBrokenUpgrades(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ln := NewPipeListener()
		serveOpen(t, ln, Config{ReadTimeout: 3 * time.Second})
		dial := func() net.Conn {
			conn, err := ln.Dial(t.Context(), "", "")
			if err != nil {
				t.Fatal(err)
			}
			return conn
		}
		for name, settings := range map[string]string{"not base64": "!!", "not settings": "AAMA", "too many": strings.Repeat("AAMAAABk", 60)} {
			if resp, body := ask(t, dial(), settings, "{}").response(); resp.StatusCode != http.StatusBadRequest || !strings.Contains(body, "SETTINGS") {
				t.Errorf("%s: %d %s", name, resp.StatusCode, body)
			}
		}
		for name, next := range map[string]string{
			"silence":       "",
			"HTTP/1.1":      "GET /health HTTP/1.1\r\nHost: x\r\n\r\n" + strings.Repeat("x", 40),
			"no settings":   preface + "\x00\x00\x00\x06\x00\x00\x00\x00\x00",
			"huge settings": preface + "\xff\xff\xff\x04\x00\x00\x00\x00\x00",
			"odd settings":  preface + "\x00\x00\x05\x04\x00\x00\x00\x00\x00abcde",
			"cut off":       preface + "\x00\x00\x06\x04\x00\x00\x00\x00\x00ab",
		} {
			c := ask(t, dial(), "AAMAAABk", "{}")
			if resp, _ := c.response(); resp.StatusCode != http.StatusSwitchingProtocols {
				t.Fatalf("%s: %d", name, resp.StatusCode)
			}
			c.write([]byte(next))
			if rest, err := io.ReadAll(c.in); len(rest) > 0 || err != nil {
				t.Errorf("%s: got %q, %v", name, rest, err)
			}
		}
		c := ask(t, dial(), "", "{}")
		c.response()
		c.write(appendFrame([]byte(preface), frameSettings, 0, 0, nil))
		if data, _ := c.content(1); !strings.Contains(data, "StreamNames") {
			t.Error(data)
		}
	})
}

func FuzzClientPreface(f *testing.F) {
	f.Add(appendFrame([]byte(preface), frameSettings, 0, 0, clientSettings), []byte{0, 3, 0, 0, 0, 1, 0, 3, 0, 0, 0, 2})
	f.Fuzz(func(t *testing.T, in, asked []byte) {
		settings, err := clientPreface(bytes.NewReader(in))
		if err != nil {
			return
		}
		merged := mergeSettings(asked, settings)
		for rest := merged; len(rest) > 0; rest = rest[settingSize:] {
			if hasSetting(rest[settingSize:], rest[:2]) {
				t.Fatalf("a setting twice in % x", merged)
			}
		}
	})
}
