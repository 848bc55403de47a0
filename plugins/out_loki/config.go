// Package outloki sends chunks to Grafana Loki: it groups records by their
// labels, writes each as a line of JSON, and pushes protobuf in snappy.
//
// A flush tries once. It splits what the server finds too large, finds the
// stream that the server refuses and sends the rest, then answers; waiting and
// repeating is the engine's part. The package starts no goroutines but those
// of its HTTP client, and keeps nothing of a chunk after its flush.
//
// A record that cannot be stored is rejected: counted by reason and logged,
// never more than its labels and the server's words.
package outloki

import (
	"errors"
	"fmt"
	"time"

	"github.com/tidegate/tidegate/common/httpsend"
	"github.com/tidegate/tidegate/common/options"
	"github.com/tidegate/tidegate/common/plugin"
)

// Config is the configuration of one output.
type Config struct {
	url        httpsend.Endpoint
	tenantID   string
	labels     bindings
	labelKeys  bindings
	removeKeys keyList
	lineFormat string
	batchSize  int64
	timeout    time.Duration
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
		lineFormat: "json",
		batchSize:  defaultBatchSize,
		timeout:    defaultTimeout,
	}
}

// Options implements plugin.Config.
func (c *Config) Options() options.Table {
	return options.Table{{
		Name:     "url",
		Value:    endpointRule.Value(&c.url),
		Required: true,
		Help:     "Where to push. The path is " + pushPath + " unless there is another. A user and password in the URL are sent as basic authentication.",
		Example:  "http://loki:3100",
	}, {
		Name:    "tenant_id",
		Value:   options.Text(&c.tenantID, checkTenant),
		Help:    "The tenant, sent as X-Scope-OrgID. A Loki without multi-tenancy needs none.",
		Example: "team-a",
	}, {
		Name:  "labels",
		Value: bindingsValue(&c.labels, parseLabel),
		Help: "The labels of a record's stream: name=value, name=$path, or $path, whose last key is then the name. $TAG and $TAG[n] are the tag and its parts; " +
			"paths to what comes beside the record start with @, such as @resource['service.name'].",
		Example: "job=kafka,topic=@metadata['kafka']['topic'],app=$kubernetes['labels']['app']",
	}, {
		Name:    "label_keys",
		Value:   bindingsValue(&c.labelKeys, parseLabelKey),
		Help:    "More labels, by the keys or paths of their values, also paths with @. The last key, made a valid name, is the label's name.",
		Example: "deviceid,$kubernetes['pod_name']",
	}, {
		Name:    "remove_keys",
		Value:   keyListValue(&c.removeKeys),
		Help:    "Keys at the top level of the record that the line leaves out.",
		Example: "kubernetes,deviceid",
	}, {
		Name:    "line_format",
		Value:   options.Enum(&c.lineFormat, "json"),
		Help:    "How a record becomes a line.",
		Example: "json",
	}, {
		Name:    "batch_size",
		Value:   options.Size(&c.batchSize, minBatchSize, maxBatchSize),
		Help:    "About how many bytes a push holds, before compression.",
		Example: "1Mi",
	}, {
		Name:    "timeout",
		Value:   options.Duration(&c.timeout, minTimeout, maxTimeout),
		Help:    "How long one push may take, from connecting to the end of the answer.",
		Example: "10s",
	}}
}

// Validate implements plugin.Config.
func (c *Config) Validate() error {
	errs := []error{c.url.Err}
	if _, err := newPlan(c.labels.list, c.labelKeys.list); err != nil {
		errs = append(errs, fmt.Errorf("labels and label_keys: %w", err))
	}
	return errors.Join(errs...)
}
