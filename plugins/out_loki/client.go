package outloki

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/prometheus/common/config"
)

// client pushes. It is safe for concurrent use.
type client struct {
	http    *http.Client
	url     string
	tenant  string
	timeout time.Duration
}

// newClient makes the client of an instance. The version is Tidegate's, for the
// User-Agent.
func newClient(c *Config, version string) (*client, error) {
	settings := config.DefaultHTTPClientConfig
	// A redirected POST arrives as a GET, or where nobody wanted it.
	settings.FollowRedirects = false
	if user := c.url.user; user != nil {
		password, _ := user.Password()
		settings.BasicAuth = &config.BasicAuth{Username: user.Username(), Password: config.Secret(password)}
	}
	h, err := config.NewClientFromConfig(settings, "tidegate_loki", config.WithUserAgent("tidegate/"+version))
	if err != nil {
		return nil, fmt.Errorf("making the http client: %w", err)
	}
	return &client{http: h, url: c.url.url.String(), tenant: c.tenantID, timeout: c.timeout}, nil
}

// reply is what came back for a push.
type reply struct {
	status int
	body   []byte
	// retryAfter is how long the server asked to be left alone, 0 if it did
	// not.
	retryAfter time.Duration
	// err is why there is no answer.
	err error
}

// maxReply bounds what is read of an answer. Loki names up to ten entries.
const maxReply = 64 << 10

// push sends one compressed push and returns what came back. reusable tells
// whether the memory of packed may be used again: a server that answers early
// can leave the client reading from it.
func (c *client) push(ctx context.Context, packed []byte) (rep reply, reusable bool) {
	ctx, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	b := &body{data: packed}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.url, nil)
	if err != nil {
		return reply{err: err}, true
	}
	req.ContentLength = int64(len(packed))
	req.Body, _ = b.open()
	req.GetBody = b.open
	req.Header.Set("Content-Type", "application/x-protobuf")
	if c.tenant != "" {
		req.Header.Set("X-Scope-OrgID", c.tenant)
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return reply{err: err}, b.unused()
	}
	defer func() { _ = resp.Body.Close() }() // it was read, or is given up
	rep.status = resp.StatusCode
	rep.retryAfter = parseRetryAfter(resp.Header.Get("Retry-After"), time.Now())
	// The status counts even where its text breaks off.
	rep.body, _ = io.ReadAll(io.LimitReader(resp.Body, maxReply))
	return rep, b.unused()
}

func (c *client) close() { c.http.CloseIdleConnections() }

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
