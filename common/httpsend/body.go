package httpsend

import (
	"bytes"
	"io"
	"sync/atomic"
)

// body is a request's body. It knows whether the transport still reads it.
type body struct {
	data    []byte
	readers atomic.Int32
}

type bodyReader struct {
	bytes.Reader
	body   *body
	closed atomic.Bool
}

func (b *body) open() (io.ReadCloser, error) {
	b.readers.Add(1)
	r := &bodyReader{body: b}
	r.Reset(b.data)
	return r, nil
}

func (b *body) unused() bool { return b.readers.Load() == 0 }

func (r *bodyReader) Close() error {
	if r.closed.CompareAndSwap(false, true) {
		r.body.readers.Add(-1)
	}
	return nil
}
