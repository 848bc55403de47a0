// Package outloki sends chunks to Grafana Loki: it groups records by their
// labels and their tenant, writes each as a line, and pushes protobuf in snappy.
//
// A flush tries once. It splits what the server finds too large, finds the
// stream that the server refuses and sends the rest, then answers; waiting and
// repeating is the engine's part. The package's goroutines, beside those of its
// HTTP client, send pushes and end with their flush; of a chunk it keeps, after
// its flush, which records are settled.
//
// A record that cannot be stored is rejected: counted by reason and logged,
// never more than its labels and the server's words.
package outloki

import (
	"errors"
	"slices"
	"time"

	"github.com/tidegate/tidegate/common/httpsend"
	"github.com/tidegate/tidegate/common/options"
	"github.com/tidegate/tidegate/common/plugin"
)

// Config is the configuration of one output.
type Config struct {
	url httpsend.Endpoint
	labeling
	batchSize int64
	timeout   time.Duration

	sendingConfig
}

var _ plugin.OutputConfig = (*Config)(nil)

const (
	minBatchSize = 1 << 10
	// defaultBatchSize is what Promtail and Alloy push, which Loki's defaults
	// are made for.
	defaultBatchSize = 1 << 20
	// maxBatchSize stays below the 4 MiB that Loki's own components take from
	// each other by default: above it the distributor answers 500.
	maxBatchSize = 3584 << 10

	minTimeout = 100 * time.Millisecond
	// defaultTimeout is twice what a push to a busy Loki takes at worst.
	defaultTimeout = 10 * time.Second
	maxTimeout     = 10 * time.Minute
)

// NewConfig returns a configuration that holds the defaults.
func NewConfig() *Config {
	return &Config{
		labeling:  defaultLabeling(),
		batchSize: defaultBatchSize,
		timeout:   defaultTimeout,

		sendingConfig: defaultSending(),
	}
}

// Options implements plugin.Config.
func (c *Config) Options() options.Table {
	where := options.Table{{
		Name:     "url",
		Value:    endpointRule.Value(&c.url),
		Required: true,
		Help:     "Where to push. The path is " + pushPath + " unless there is another. A user and password in the URL are sent as basic authentication.",
		Example:  "http://loki:3100",
	}}
	pushes := options.Table{{
		Name:    "batch_size",
		Aliases: []string{"batchsize"},
		Value:   options.Size(&c.batchSize, minBatchSize, maxBatchSize),
		Help:    "About how many bytes a push holds, before compression.",
		Example: "1Mi",
	}, {
		Name:    "timeout",
		Value:   options.Duration(&c.timeout, minTimeout, maxTimeout),
		Help:    "How long one push may take, from connecting to the end of the answer.",
		Example: "10s",
	}}
	return slices.Concat(where, c.tenantOptions(), c.labelOptions(), c.lineOptions(), pushes, c.lateOptions())
}

// Validate implements plugin.Config.
func (c *Config) Validate() error { return errors.Join(c.url.Err, c.check(), c.validateSending()) }
