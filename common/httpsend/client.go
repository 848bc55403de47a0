// Package httpsend is what outputs that post over HTTP share: a client whose
// every request has a deadline, the URL option with a password that is never
// printed, and Retry-After with the pause it asks for.
//
// It sends once. What an answer means, and whether a chunk is tried again, is
// the output's part. It starts no goroutines but those of the HTTP client, and
// tells when it reads the caller's bytes no longer.
package httpsend

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/prometheus/common/config"
)

// maxReply bounds what is read of an answer: enough for the errors of many
// records, and for an operator's eyes.
const maxReply = 64 << 10

// Client posts to one endpoint. It is safe for concurrent use.
type Client struct {
	http    *http.Client
	url     string
	header  http.Header // of every request
	timeout time.Duration
}

// New makes the client of an instance of the named plugin, with what an operator has
// set. The version is Tidegate's, for the User-Agent; timeout is for one request, from
// connecting to the end of the answer.
func New(s *Settings, plugin, version string, to Endpoint, timeout time.Duration) (*Client, error) {
	c, opts := s.config(to)
	h, err := config.NewClientFromConfig(c, plugin, append(opts, config.WithUserAgent("tidegate/"+version))...)
	if err != nil {
		return nil, fmt.Errorf("making the http client: %w", err)
	}
	return &Client{http: h, url: to.URL.String(), header: s.headers(), timeout: timeout}, nil
}

// Reply is what came back for a request.
type Reply struct {
	// Status is 0 where there is no answer.
	Status int
	// Body is the front of the answer's body. Cut tells that there was more.
	Body []byte
	Cut  bool
	// RetryAfter is how long the server asked to be left alone, 0 if it did
	// not.
	RetryAfter time.Duration
	// Err is why there is no answer.
	Err error
}

// Post sends data once and returns what came back. reusable tells whether the
// memory of data may be used again: a server that answers early can leave the
// client reading from it.
func (c *Client) Post(ctx context.Context, header http.Header, data []byte) (rep Reply, reusable bool) {
	ctx, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	b := &body{data: data}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.url, nil)
	if err != nil {
		return Reply{Err: err}, true
	}
	req.ContentLength = int64(len(data))
	req.Body, _ = b.open()
	req.GetBody = b.open
	req.Header = header.Clone()
	for name, values := range c.header {
		if req.Header == nil {
			req.Header = http.Header{}
		}
		req.Header[name] = values
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return Reply{Err: err}, b.unused()
	}
	defer func() { _ = resp.Body.Close() }() // it was read, or is given up
	rep.Status = resp.StatusCode
	rep.RetryAfter = parseRetryAfter(resp.Header.Get("Retry-After"), time.Now())
	// The status counts even where its text breaks off.
	text, err := io.ReadAll(io.LimitReader(resp.Body, maxReply+1))
	rep.Body, rep.Cut = text[:min(len(text), maxReply)], err != nil || len(text) > maxReply
	return rep, b.unused()
}

// Close lets go of the connections. No Post runs or follows.
func (c *Client) Close() { c.http.CloseIdleConnections() }
