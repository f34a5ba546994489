package kinesis

import (
	"context"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/weirstream/weir/connectors/shardlog"
	"github.com/weirstream/weir/connectors/shardlog/kinesis/sigv4"
	"github.com/weirstream/weir/connectors/shardlog/kinesis/wire"
)

const (
	jsonType      = "application/x-amz-json-1.1"
	cborType      = "application/x-amz-cbor-1.1"
	plainJSON     = "application/json"
	targetPrefix  = "Kinesis_20131202."
	noAccount     = "000000000000"
	writeDeadline = 2 * time.Minute
)

// action is one operation of the protocol.
type action struct {
	fields []field
	run    func(c *call) error
	// rate is AWS's limit in calls per second for the account, 0 for none.
	rate float64
}

// call is one request on its way through its action.
type call struct {
	srv     *Server
	in      wire.Value
	out     *wire.Encoder
	cbor    bool
	region  string
	account string
	w       http.ResponseWriter
	r       *http.Request
	batch   *shardlog.Batch
	puts    *[]shardlog.Put
	begun   bool // the action has written the response by itself
}

// scratch is memory that requests use one after the other.
type scratch struct {
	body  []byte
	blobs []byte
	out   wire.Encoder
	batch shardlog.Batch
	puts  []shardlog.Put
}

// ServeHTTP answers a request, in AWS's order of checks.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method == http.MethodGet && s.serveGet(w, r) {
		return
	}
	mem, ok := s.scratch.Get().(*scratch)
	if !ok {
		mem = &scratch{}
	}
	defer s.recycle(mem)
	start := time.Now()
	name, err := s.answer(w, r, mem)
	s.metrics.observe(name, err, time.Since(start))
}

// maxKept bounds the memory that a scratch keeps between requests: room for a GetRecords of 10 MiB.
const maxKept = 32 << 20

func (s *Server) recycle(mem *scratch) {
	if cap(mem.body)+cap(mem.blobs)+cap(mem.out.Buf) <= maxKept {
		clear(mem.puts)
		mem.puts = mem.puts[:0]
		s.scratch.Put(mem)
	}
}

// answer handles one request and returns its action's name and how it went.
func (s *Server) answer(w http.ResponseWriter, r *http.Request, mem *scratch) (string, error) {
	var err error
	if mem.body, err = s.readBody(w, r, mem.body[:0]); err != nil {
		return "", s.refuseBody(w, r, err)
	}
	identify(w, r)
	if s.crossOrigin(w, r) {
		return "", nil
	}
	if r.Method != http.MethodPost {
		return "", xmlError(w, http.StatusForbidden, accessDenied, "Unable to determine service/operation name to be authorized")
	}
	kind := contentType(r)
	target := r.Header.Get("X-Amz-Target")
	name, isKinesis := strings.CutPrefix(target, targetPrefix)
	act, known := s.actions[name]
	known = known && isKinesis
	c := &call{srv: s, cbor: kind == cborType, w: w, r: r, out: &mem.out, batch: &mem.batch, puts: &mem.puts}
	c.out.Reset(c.cbor)
	if !known {
		name = ""
	}
	if err := c.parse(kind, target, known, mem); err != nil {
		return name, c.fail(err)
	}
	if err := c.authenticate(mem.body); err != nil {
		return name, c.fail(err)
	}
	if err := c.check(act, mem); err != nil {
		return name, c.fail(err)
	}
	if err := s.limits.allow(name, act.rate, c.account); err != nil {
		return name, c.fail(err)
	}
	if err := act.run(c); c.begun {
		return name, err
	} else if err != nil {
		return name, c.fail(err)
	}
	return name, c.send(http.StatusOK, c.out.Buf)
}

// contentType is the request's, without parameters.
func contentType(r *http.Request) string {
	kind, _, _ := strings.Cut(r.Header.Get("Content-Type"), ";")
	return strings.TrimSpace(kind)
}

var errTooLarge = errors.New("request is too large")

// trusted is how much of a body is read from anybody. More is read of a request that says at least to be signed by a known
// key: others could fill the memory, with a thousand streams on each connection of HTTP/2.
const trusted = 64 << 10

// readBody reads the whole body into buf.
func (s *Server) readBody(w http.ResponseWriter, r *http.Request, buf []byte) ([]byte, error) {
	if r.ContentLength > s.config.MaxBody {
		return buf, errTooLarge
	}
	if n := int(r.ContentLength); n > cap(buf) && n <= trusted { // a larger one must come before it is believed
		buf = make([]byte, 0, n+1)
	}
	body := http.MaxBytesReader(w, r.Body, s.config.MaxBody)
	for claimed := false; ; {
		if len(buf) > trusted && !claimed {
			if err := s.verifier.Claim(r); err != nil {
				return buf, err
			}
			claimed = true
		}
		if len(buf) == cap(buf) {
			buf = append(buf, 0)[:len(buf)]
		}
		n, err := body.Read(buf[len(buf):cap(buf)])
		buf = buf[:len(buf)+n]
		if errors.Is(err, io.EOF) {
			return buf, nil
		}
		var tooLarge *http.MaxBytesError
		if errors.As(err, &tooLarge) {
			return buf, errTooLarge
		}
		if err != nil {
			return buf, err
		}
	}
}

func (s *Server) refuseBody(w http.ResponseWriter, r *http.Request, err error) error {
	w.Header().Set("Connection", "close")
	var refused *sigv4.Error
	if errors.As(err, &refused) {
		identify(w, r)
		c := &call{srv: s, cbor: contentType(r) == cborType, w: w, r: r, out: &wire.Encoder{}}
		return c.fail(clientError(refused.Type, "%s", refused.Message))
	}
	if errors.Is(err, errTooLarge) {
		w.WriteHeader(http.StatusRequestEntityTooLarge)
		return err
	}
	w.WriteHeader(http.StatusRequestTimeout)
	return err
}

// identify sets the headers that name the request.
func identify(w http.ResponseWriter, r *http.Request) {
	var b [48]byte
	for i := 0; i < len(b); i += 8 {
		binary.LittleEndian.PutUint64(b[i:], rand.Uint64())
	}
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	const uuid = 36
	text := hex.AppendEncode(make([]byte, 0, uuid+64), b[:4])
	for from, to := 4, 6; from < 16; from, to = to, to+2 {
		if to > 10 {
			to = 16
		}
		text = hex.AppendEncode(append(text, '-'), b[from:to])
	}
	all := string(base64.StdEncoding.AppendEncode(text, b[:]))
	ids := []string{all[:uuid], all[uuid:]}
	h := w.Header()
	h["X-Amzn-Requestid"] = ids[:1:1]
	if r.Method != http.MethodOptions || r.Header.Get("Origin") == "" {
		h["X-Amz-Id-2"] = ids[1:]
	}
}

// crossOrigin answers browsers, and reports whether the request ends there.
func (s *Server) crossOrigin(w http.ResponseWriter, r *http.Request) bool {
	if r.Header.Get("Origin") == "" {
		return false
	}
	h := w.Header()
	h.Set("Access-Control-Allow-Origin", "*")
	if r.Method != http.MethodOptions {
		h.Set("Access-Control-Expose-Headers", "x-amzn-RequestId,x-amzn-ErrorType,x-amz-request-id,x-amz-id-2,x-amzn-ErrorMessage,Date")
		return false
	}
	for _, name := range []string{"Headers", "Method"} {
		if asked := r.Header.Get("Access-Control-Request-" + name); asked != "" {
			h.Set("Access-Control-Allow-"+strings.TrimSuffix(name, "s")+"s", asked)
		}
	}
	h.Set("Access-Control-Max-Age", "172800")
	w.WriteHeader(http.StatusOK)
	return true
}

// xmlError is for requests that are not in the protocol at all.
func xmlError(w http.ResponseWriter, status int, kind, message string) error {
	body := "<" + kind + "/>\n"
	if message != "" {
		body = "<" + kind + ">\n  <Message>" + message + "</Message>\n</" + kind + ">\n"
	}
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	if _, err := io.WriteString(w, body); err != nil {
		return err
	}
	return &APIError{Type: kind, Message: message, Status: status}
}

// parse checks the content type, decodes the body and looks at the target.
func (c *call) parse(kind, target string, known bool, mem *scratch) error {
	if len(mem.body) == 0 {
		c.cbor = kind != jsonType
		c.out.Reset(c.cbor)
		if known {
			return &APIError{Type: serialization, Status: http.StatusBadRequest}
		}
		return &APIError{Type: unknownOperation, Status: http.StatusBadRequest}
	}
	if kind != jsonType && kind != cborType && kind != plainJSON {
		if !strings.Contains(target, ".") {
			return &APIError{Type: accessDenied, Message: "Unable to determine service/operation name to be authorized", Status: http.StatusForbidden}
		}
		return &APIError{Type: unknownOperation, Status: http.StatusNotFound}
	}
	parse := wire.ParseJSON
	if c.cbor {
		parse = wire.ParseCBOR
	}
	in, err := parse(mem.body)
	if err != nil || in.Kind != wire.Map {
		return &APIError{Type: serialization, Status: http.StatusBadRequest}
	}
	if !known || kind == plainJSON {
		return &APIError{Type: unknownOperation, Status: http.StatusBadRequest}
	}
	c.in = in
	return nil
}

// authenticate verifies the signature and takes region and account from it.
func (c *call) authenticate(body []byte) error {
	id, err := c.srv.verifier.Verify(c.r, body)
	var refused *sigv4.Error
	if errors.As(err, &refused) {
		return clientError(refused.Type, "%s", refused.Message)
	}
	if err != nil {
		return err
	}
	c.region, c.account = id.Region, noAccount
	if isAccount(id.AccessKey) {
		c.account = id.AccessKey
	}
	return nil
}

// check applies the action's schema: types first, then constraints.
func (c *call) check(act action, mem *scratch) error {
	if cap(mem.blobs) < len(mem.body) {
		mem.blobs = make([]byte, len(mem.body))
	}
	d := decoder{cbor: c.cbor, blobs: mem.blobs[:cap(mem.blobs)]}
	if err := d.structure(&c.in, act.fields); err != nil {
		return err
	}
	return validate(&c.in, act.fields)
}

// send writes a response.
func (c *call) send(status int, body []byte) error {
	// A client that reads slowly must not hold the handler for ever.
	if err := http.NewResponseController(c.w).SetWriteDeadline(time.Now().Add(writeDeadline)); err != nil && !errors.Is(err, http.ErrNotSupported) {
		return err
	}
	h := c.w.Header()
	h["Content-Type"] = []string{c.contentType()}
	h["Content-Length"] = []string{strconv.Itoa(len(body))}
	c.w.WriteHeader(status)
	_, err := c.w.Write(body)
	return err
}

func (c *call) contentType() string {
	if c.cbor {
		return cborType
	}
	return jsonType
}

// fail writes an error and returns it for the metrics.
func (c *call) fail(err error) error {
	c.tell(err)
	api := asAPIError(err)
	if api.Status == http.StatusForbidden || api.Status == http.StatusNotFound {
		return xmlError(c.w, api.Status, api.Type, api.Message)
	}
	c.out.Reset(c.cbor)
	c.out.BeginMap()
	c.out.Key("__type")
	c.out.String(api.Type)
	if api.Message != "" {
		c.out.Key(messageKey(api.Type))
		c.out.String(api.Message)
	}
	c.out.EndMap()
	c.w.Header().Set("X-Amzn-Errortype", api.Type)
	if sendErr := c.send(api.Status, c.out.Buf); sendErr != nil {
		return errors.Join(api, sendErr)
	}
	return api
}

// tell passes on the reason of an error that is the server's own. A client that has gone is none.
func (c *call) tell(err error) {
	if c.srv.config.OnError != nil && asAPIError(err).Type == internalFailure && !errors.Is(err, context.Canceled) {
		c.srv.config.OnError(fmt.Errorf("%s: %w", strings.TrimPrefix(c.r.Header.Get("X-Amz-Target"), targetPrefix), err))
	}
}

// messageKey is capital where AWS's serializer writes it.
func messageKey(kind string) string {
	if kind == serialization {
		return "Message"
	}
	return "message"
}
