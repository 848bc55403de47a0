package schema

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"
)

// maxAnswer bounds what is read of an answer, far above any schema.
const maxAnswer = 8 << 20

// door is what every request passes on its way to the registry and back. The
// registry's client neither knows deadlines over several requests nor bounds
// what it reads, and takes an error page of a proxy for broken JSON.
type door struct {
	next     http.RoundTripper
	deadline time.Time
}

// until sets the deadline of the requests that follow.
func (d *door) until(then time.Time) { d.deadline = then }

// speaksOfSchema tells an answer to what was asked from one to who asked, or
// from none.
func speaksOfSchema(status int) bool {
	switch status {
	case http.StatusOK, http.StatusNotFound, http.StatusBadRequest, http.StatusUnprocessableEntity:
		return true
	}
	return false
}

// RoundTrip implements http.RoundTripper. The answer it returns is whole, and
// speaks of a schema.
func (d *door) RoundTrip(req *http.Request) (*http.Response, error) {
	ctx, cancel := context.WithDeadline(req.Context(), d.deadline)
	defer cancel()
	resp, err := d.next.RoundTrip(req.WithContext(ctx))
	if err != nil {
		return nil, err
	}
	defer func() { _ = resp.Body.Close() }() // it was read, or is given up
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer+1))
	switch {
	case !speaksOfSchema(resp.StatusCode):
		return nil, &statusError{resp.StatusCode}
	case err != nil:
		return nil, fmt.Errorf("reading the answer: %w", err)
	case len(body) > maxAnswer:
		return nil, errLarge
	case !bytes.HasPrefix(bytes.TrimLeft(body, " \t\r\n"), []byte("{")):
		return nil, errors.New("it answers something else than a schema registry")
	}
	resp.Body = io.NopCloser(bytes.NewReader(body))
	return resp, nil
}
