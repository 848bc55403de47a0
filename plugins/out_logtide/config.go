// Package outlogtide sends chunks to LogTide: each record becomes a log that
// the server's rules accept, and logs go in batches to /api/v1/ingest.
//
// A flush tries once. It finds the logs that the server refuses, sends the
// rest, then answers; waiting and repeating is the engine's part. What of a
// chunk was settled before the server asked for a retry is remembered, so that
// the retry sends only the rest. The package starts no goroutines but those of
// its HTTP client, and keeps nothing else of a chunk after its flush.
//
// A record that cannot be stored is rejected: counted by reason and logged with
// the server's words, never with its contents, and kept as a dead letter where an
// operator wants that.
package outlogtide

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/tidegate/tidegate/common/deadletter"
	"github.com/tidegate/tidegate/common/httpsend"
	"github.com/tidegate/tidegate/common/options"
	"github.com/tidegate/tidegate/common/plugin"
)

// Config is the configuration of one output.
type Config struct {
	url    httpsend.Endpoint
	apiKey string
	// keyGiven tells a refused key from a missing one.
	keyGiven   bool
	apiKeyFile string
	sources    [numMembers]source
	batchSize  int
	timeout    time.Duration
	http       httpsend.Settings
	letters    deadletter.Config
}

var _ plugin.OutputConfig = (*Config)(nil)

const (
	// maxBatchSize is the server's limit for a request.
	maxBatchSize = 1000

	minTimeout = 100 * time.Millisecond
	// defaultTimeout leaves the server time to store a full batch.
	defaultTimeout = 10 * time.Second
	maxTimeout     = 10 * time.Minute
)

const ingestPath = "/api/v1/ingest"

// endpointRule adds the server's own path to a URL without one.
var endpointRule = httpsend.EndpointRule{Path: ingestPath, Example: "https://api.logtide.dev"}

// NewConfig returns a configuration that holds the defaults.
func NewConfig() *Config {
	return &Config{batchSize: maxBatchSize, timeout: defaultTimeout, letters: deadletter.NewConfig()}
}

// Options implements plugin.Config.
func (c *Config) Options() options.Table {
	table := options.Table{{
		Name:     "url",
		Value:    endpointRule.Value(&c.url),
		Required: true,
		Help:     "Where to send. Without a path, " + ingestPath + " is added.",
		Example:  endpointRule.Example,
	}, {
		Name:    "api_key",
		Value:   options.Text(&c.apiKey, c.noteKey, checkKey),
		Secret:  true,
		Help:    "The key of the LogTide project, sent as X-API-Key.",
		Example: "lp_0123456789abcdef",
	}, {
		Name:    "api_key_file",
		Value:   options.Text(&c.apiKeyFile),
		Help:    "A file that holds the key, instead of api_key. It is read at start, and again when the server refuses the key.",
		Example: "/etc/tidegate/api-key",
	}, {
		Name:  "service",
		Value: sourceValue(&c.sources[service], true),
		Help: "The service of a log: a fixed name, or a path that is asked before the record's own fields. $TAG and $TAG[n] are the tag and its parts; " +
			"@resource['service.name'] is what OTLP calls the service.",
		Example: "$kubernetes['labels']['app']",
	}, {
		Name:    "level",
		Value:   sourceValue(&c.sources[level], false),
		Help:    "A path to the level, such as @metadata['otlp']['severity_text'], asked before the record's own fields.",
		Example: "$severity",
	}, {
		Name:    "message",
		Value:   sourceValue(&c.sources[message], false),
		Help:    "A path to the message, asked before the record's own fields.",
		Example: "$event['text']",
	}, {
		Name:    "time",
		Value:   sourceValue(&c.sources[logTime], false),
		Help:    "A path to the time, ISO 8601 with a zone, asked before the record's own fields.",
		Example: "$ts",
	}, {
		Name:    "trace_id",
		Value:   sourceValue(&c.sources[traceID], false),
		Help:    "A path to the trace id, asked before the record's own field. One of bytes, as from OTLP, is written in hexadecimal.",
		Example: "@metadata['otlp']['trace_id']",
	}, {
		Name:    "span_id",
		Value:   sourceValue(&c.sources[spanID], false),
		Help:    "A path to the span id, 16 hex characters or 8 bytes, asked before the record's own field.",
		Example: "@metadata['otlp']['span_id']",
	}, {
		Name:    "batch_size",
		Value:   options.Int(&c.batchSize, 1, maxBatchSize),
		Help:    "How many logs a request holds at most.",
		Example: "500",
	}, {
		Name:    "timeout",
		Value:   options.Duration(&c.timeout, minTimeout, maxTimeout),
		Help:    "How long one request may take, from connecting to the end of the answer.",
		Example: "10s",
	}}
	return slices.Concat(table, c.http.Transport(), c.letters.Options())
}

// Validate implements plugin.Config.
func (c *Config) Validate() error {
	return errors.Join(c.url.Err, c.checkPath(), c.checkKeys(), c.checkHeader(), c.http.Validate(c.url), c.letters.Validate())
}

// checkPath refuses the paths that LogTide's own guides post to: they take one
// log of a batch, or do not exist.
func (c *Config) checkPath() error {
	if c.url.URL == nil {
		return nil
	}
	for _, tail := range []string{ingestPath + "/single", ingestPath + "/batch"} {
		if strings.HasSuffix(strings.TrimRight(c.url.URL.Path, "/"), tail) {
			return fmt.Errorf("url %q must not end in %s, which does not take batches: leave the path out", c.url, tail)
		}
	}
	return nil
}

// checkHeader refuses a second key.
func (c *Config) checkHeader() error {
	if c.http.Sends(keyHeader) {
		return fmt.Errorf("header must not have %s: set api_key or api_key_file", keyHeader)
	}
	return nil
}

func (c *Config) noteKey(string) error {
	c.keyGiven = true
	return nil
}

func (c *Config) checkKeys() error {
	switch {
	case c.keyGiven && c.apiKeyFile != "":
		return errors.New("api_key and api_key_file are both set: set one of them")
	case !c.keyGiven && c.apiKeyFile == "":
		return errors.New("api_key or api_key_file is required: an empty api_key, such as from an environment variable that is not set, counts as none")
	}
	return nil
}
