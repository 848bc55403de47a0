package outloki

import (
	"errors"
	"fmt"
	"time"

	"github.com/tidegate/tidegate/common/deadletter"
	"github.com/tidegate/tidegate/common/httpsend"
	"github.com/tidegate/tidegate/common/options"
)

// What a push is compressed with.
const (
	compressSnappy = "snappy"
	compressGzip   = "gzip"
)

const (
	// defaultParallel lets a chunk of 2 MB, the engine's usual, go at once.
	defaultParallel = 4
	maxParallel     = 64
)

// sendingOptions are the rows about how pushes are sent.
func (c *Config) sendingOptions() options.Table {
	return options.Table{{
		Name: "parallel", Value: options.Int(&c.parallel, 1, maxParallel),
		Help: "How many pushes of a chunk are under way at once. Those of one stream go one after the other, the oldest first.", Example: "4",
	}, {
		Name: "compress", Value: options.Enum(&c.compress, compressSnappy, compressGzip),
		Help: "How a push is compressed. gzip sends about half the bytes for several times the CPU.", Example: compressSnappy,
	}, {
		Name: "give_up_after", Value: options.Duration(&c.giveUpAfter, 0, maxTime),
		Help: "How long records wait that Loki refuses for now while it takes others: a stream above the number or rate of streams, a push that always fails. " +
			"After that they are rejected. 0 never gives up.", Example: "1h",
	}}
}

// lateOptions are the rows that come behind those of config.go.
func (c *Config) lateOptions() (table options.Table) {
	for _, more := range []options.Table{c.sendingOptions(), c.limits.options(), {inspectOption(&c.inspect)}, c.http.Options(), c.letters.Options()} {
		table = append(table, more...)
	}
	return table
}

// sendingConfig is the part of Config that is about how records are sent.
type sendingConfig struct {
	parallel    int
	compress    string
	giveUpAfter time.Duration
	limits      limits
	inspect     bool
	http        httpsend.Settings
	letters     deadletter.Config
}

func defaultSending() sendingConfig {
	return sendingConfig{parallel: defaultParallel, compress: compressSnappy, limits: defaultLimits(), letters: deadletter.NewConfig()}
}

func (c *Config) validateSending() error {
	return errors.Join(c.limits.validate(), c.checkHeader(), c.http.Validate(c.url), c.letters.Validate())
}

// checkHeader refuses a tenant that the plugin does not know of.
func (c *Config) checkHeader() error {
	if c.http.Sends(tenantHeader) {
		return fmt.Errorf("header must not have %s: set tenant_id or tenant_id_key", tenantHeader)
	}
	return nil
}
