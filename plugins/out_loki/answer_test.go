package outloki

import (
	"context"
	"errors"
	"testing"
)

func TestClassify(t *testing.T) {
	f := func(status int, body string, err error, want answer) {
		t.Helper()
		if got := classify(status, []byte(body), err); got != want {
			t.Errorf("%d %q %v: got %v, want %v", status, body, err, got, want)
		}
	}
	f(0, "", errors.New("connection refused"), unavailable)
	f(0, "", context.DeadlineExceeded, unavailable)
	f(200, "", nil, accepted)
	f(204, "", nil, accepted)
	f(260, "ingestion blocked for user 'a' until '2026-12-01' with status code '260'", nil, partial)

	f(400, "couldn't parse labels: 1:3: parse error: unexpected \"=\"", nil, badLabels)
	f(400, "couldn't parse labels: {a=\"has timestamp too old\"}", nil, badLabels)
	f(400, "entry with timestamp 2026-11-20 18:00:00 +0000 UTC ignored, reason: 'entry too far behind, entry timestamp is: …'", nil, partial)
	f(400, "2 errors like: entry for stream '{a=\"b\"}' has timestamp too old: 2020-01-01T00:00:00Z", nil, partial)
	f(400, "entry for stream '{a=\"b\"}' has timestamp too new: 2030-01-01T00:00:00Z", nil, partial)
	f(400, "max entry size '262144' bytes exceeded for stream '{a=\"b\"}' while adding an entry with length '300000' bytes", nil, partial)
	f(400, "Per stream rate limit exceeded (limit: 3MB/sec)", nil, partial)
	f(400, "stream '{a=\"b\"}' has label value too long: 'a'", nil, partial)
	f(400, "stream '{a=\"b\"}' has structured metadata too large: '70000' bytes, limit: '65536' bytes.", nil, partial)
	f(400, "something new", nil, refused)
	f(400, "", nil, refused)
	f(400, "error getting tenant ID: tenant ID is too long: max 150 characters", nil, misconfigured)
	f(400, "Client sent an HTTP request to an HTTPS server.", nil, misconfigured)

	for _, status := range []int{301, 307, 401, 402, 403, 404, 405, 410, 415, 422} {
		f(status, "", nil, misconfigured)
	}
	f(408, "", nil, unavailable)
	f(413, "request body too large: 10 bytes, limit: 5 bytes", nil, tooLarge)
	f(429, "", nil, limited)
	f(429, "ingestion rate limit exceeded for user fake (limit: 4194304 bytes/sec) while attempting to ingest '10' lines totaling '1000' bytes, reduce log volume", nil, limited)
	f(429, "ingestion rate limit exceeded for user fake (limit: 1000 bytes/sec) while attempting to ingest '10' lines totaling '1001' bytes, reduce log volume", nil, overBurst)
	f(429, "maximum active stream limit exceeded when trying to create stream {a=\"b\"}", nil, streamLimited)
	f(429, "Maximum active stream limit exceeded when trying to create stream {a=\"b\"}", nil, streamLimited)
	f(429, "entry with timestamp … ignored, reason: 'Per stream rate limit exceeded (limit: 3MB/sec) …'", nil, streamLimited)
	f(500, "rpc error: code = ResourceExhausted desc = grpc: received message larger than max (5000000 vs. 4194304)", nil, tooLarge)
	f(500, "rpc error: code = Unknown desc = received message larger than max (5000000 vs. 4194304)", nil, tooLarge)
	for _, status := range []int{500, 501, 502, 503, 504, 529} {
		f(status, "not enough live replicas", nil, unavailable)
	}
}

func TestReasons(t *testing.T) {
	for body, want := range map[string]reason{
		"reason: 'entry too far behind, entry timestamp is: …'":           tooFarBehind,
		"reason: 'entry out of order'":                                    tooFarBehind,
		"entry for stream '{}' has timestamp too old: …":                  tooOld,
		"entry for stream '{}' has timestamp too new: …":                  tooNew,
		"max entry size '262144' bytes exceeded":                          lineTooLong,
		"stream '{}' includes structured metadata, but this":              structuredMetadata,
		"Per stream rate limit exceeded (limit: 3MB/sec)":                 streamRate,
		"entry for stream '{}' has 16 label names; limit 15":              labelLimit,
		"missing required labels 'team' for user 'a'":                     labelLimit,
		"ingestion blocked for user 'a' until 'b' with status code '260'": blocked,
		"error parsing labels '{a=}' with error: 1:4: parse error":        labelLimit,
		"something new": refusedByServer,
	} {
		if got := reasonOf([]byte(body)); got != want {
			t.Errorf("%s: got %v, want %v", body, got, want)
		}
	}
}

func TestEveryNameIsThere(t *testing.T) {
	for r := range numReasons {
		if r.String() == "" {
			t.Errorf("reason %d has no name", r)
		}
	}
	for c := range numChanges {
		if c.String() == "" {
			t.Errorf("change %d has no name", c)
		}
	}
	for a := range numAnswers {
		if a.String() == "" {
			t.Errorf("answer %d has no name", a)
		}
	}
}
