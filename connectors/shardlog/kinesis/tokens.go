package kinesis

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"time"
)

// Iterators and page tokens are sealed with the log's own key, so that clients can
// only give back what the server made, and hold all they need: a restart of the
// server does not cost a client its place.

const (
	tokenLife     = 5 * time.Minute
	tokenHeader   = 8 // 00 … 01, as AWS has it
	minTokenBytes = 152
	maxTokenBytes = 280
)

var errToken = errors.New("not a token of this server")

type tokens struct{ aead cipher.AEAD }

func newTokens(key []byte) (tokens, error) {
	block, err := aes.NewCipher(key)
	if err != nil {
		return tokens{}, err
	}
	aead, err := cipher.NewGCM(block)
	return tokens{aead}, err
}

// seal makes a token whose length is 152 bytes plus a multiple of 16, base64 of AWS's alphabet.
func (t tokens) seal(kind byte, content []byte) (string, error) {
	overhead := tokenHeader + t.aead.NonceSize() + t.aead.Overhead()
	size := max(minTokenBytes, (len(content)+3+overhead+7)/16*16+8) // 152 % 16 == 8
	if size > maxTokenBytes {
		return "", fmt.Errorf("token of %d bytes is too long", size)
	}
	plain := make([]byte, size-overhead)
	plain[0] = kind
	binary.BigEndian.PutUint16(plain[1:], uint16(len(content)))
	copy(plain[3:], content)
	out := make([]byte, tokenHeader+t.aead.NonceSize(), size)
	out[tokenHeader-1] = 1
	if _, err := rand.Read(out[tokenHeader:]); err != nil {
		return "", err
	}
	out = t.aead.Seal(out, out[tokenHeader:], plain, out[:tokenHeader])
	return base64.StdEncoding.EncodeToString(out), nil
}

// open returns a token's content. One in literal double quotes is accepted.
func (t tokens) open(kind byte, token string) ([]byte, error) {
	if n := len(token); n >= 2 && token[0] == '"' && token[n-1] == '"' {
		token = token[1 : n-1]
	}
	b, err := base64.StdEncoding.Strict().DecodeString(token)
	if err != nil || len(b) < minTokenBytes || len(b) > maxTokenBytes || (len(b)-minTokenBytes)%16 != 0 {
		return nil, errToken
	}
	nonce := b[tokenHeader : tokenHeader+t.aead.NonceSize()]
	plain, err := t.aead.Open(nil, nonce, b[tokenHeader+t.aead.NonceSize():], b[:tokenHeader])
	if err != nil || plain[0] != kind {
		return nil, errToken
	}
	n := int(binary.BigEndian.Uint16(plain[1:]))
	if n > len(plain)-3 {
		return nil, errToken
	}
	return plain[3 : 3+n], nil
}

// The kinds of token.
const (
	iteratorToken = iota + 1
	shardsToken
	consumersToken
	streamsToken
	channelsToken
)

// iterator is a place in a shard.
type iterator struct {
	made    int64 // unix ms
	created int64 // unix ms of the stream, so that a stream of the same name is not taken for it
	shard   int32
	offset  uint64
	stream  string
}

func (t tokens) sealIterator(it iterator) (string, error) { return t.sealPlace(iteratorToken, it) }

// sealPlace writes a place; page tokens are places too, the offset counting entries.
func (t tokens) sealPlace(kind byte, it iterator) (string, error) {
	b := make([]byte, 0, 160)
	b = binary.BigEndian.AppendUint64(b, uint64(it.made))
	b = binary.BigEndian.AppendUint64(b, uint64(it.created))
	b = binary.BigEndian.AppendUint32(b, uint32(it.shard))
	b = binary.BigEndian.AppendUint64(b, it.offset)
	return t.seal(kind, append(b, it.stream...))
}

func (t tokens) openPlace(kind byte, token string) (iterator, error) {
	b, err := t.open(kind, token)
	if err != nil || len(b) < 28 {
		return iterator{}, errToken
	}
	return iterator{
		made: int64(binary.BigEndian.Uint64(b)), created: int64(binary.BigEndian.Uint64(b[8:])),
		shard: int32(binary.BigEndian.Uint32(b[16:])), offset: binary.BigEndian.Uint64(b[20:]), stream: string(b[28:]),
	}, nil
}
