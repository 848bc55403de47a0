package inkafka

import (
	"errors"
	"fmt"
	"time"

	"github.com/tidegate/tidegate/common/delivery"
	"github.com/tidegate/tidegate/common/options"
)

// When an offset is committed.
const (
	commitDelivered = "delivered"
	commitAppended  = "appended"
	commitAuto      = "auto"
)

// deliveryConfig says what is waited for before an offset is committed, and how
// much may be on the way until then.
type deliveryConfig struct {
	Commit         string
	CommitInterval time.Duration
	AckFrom        []string
	MaxInFlight    int64
	MaxSkew        time.Duration
	StuckAfter     time.Duration
}

func newDeliveryConfig() deliveryConfig {
	return deliveryConfig{
		Commit:         commitDelivered,
		CommitInterval: time.Second,
		// Half a second of a busy pipeline. It is memory: the records are kept
		// until they are delivered. An agent takes up to three times as much, and
		// 180 MiB (measured while it catches up after Loki was away).
		MaxInFlight: 64 << 20,
		// Half of the hour that Loki's default takes entries behind the newest of
		// their stream.
		MaxSkew: 30 * time.Minute,
		// Above the longest wait between two tries in our configurations.
		StuckAfter: time.Minute,
	}
}

func (c *deliveryConfig) deliveryOptions() options.Table {
	return options.Table{
		{
			Name: "commit", Value: options.Enum(&c.Commit, commitDelivered, commitAppended, commitAuto),
			Help: "When an offset is committed. delivered: once the outputs of ack_from delivered or rejected the record, or it was filtered out. " +
				"appended: once the agent has it in a chunk, for pipelines that end in built-in outputs; use filesystem storage there. " +
				"auto: by the Kafka client, whatever becomes of the record.",
			Example: commitDelivered,
		},
		{
			Name: "commit_interval", Value: options.Duration(&c.CommitInterval, 100*time.Millisecond, time.Hour),
			Help: "How often offsets are committed, when they moved. They are committed also when a partition goes to another member, and at the end.", Example: "5s",
		},
		{
			Name: "ack_from", Value: options.List(&c.AckFrom),
			Help: "With commit delivered: the outputs to wait for, by alias, by name as in tidegate_loki.0, or all of a plugin as in tidegate_loki. " +
				"Unset it is the only Tidegate output that the agent has; where there are several, it must be set.",
			Example: "loki,logtide",
		},
		{
			Name: "max_in_flight", Value: options.Size(&c.MaxInFlight, 1<<20, 64<<30),
			Help: "How many bytes of records may be on the way to the outputs. They are kept in memory until they are delivered; above it nothing more is read.", Example: "32M",
		},
		{
			Name: "max_skew", Value: options.Duration(&c.MaxSkew, 0, 365*24*time.Hour),
			Help: "How far the time of a record may be ahead of the oldest one on the way and of what other partitions still have to read. " +
				"It keeps a replay inside of Loki's out-of-order window. 0 is no bound.",
			Example: "10m",
		},
		{
			Name: "stuck_after", Value: options.Duration(&c.StuckAfter, time.Second, 24*time.Hour),
			Help: "How long records may be on the way without any progress until the log and the metric tidegate_kafka_input_stuck say so.", Example: "5m",
		},
	}
}

func (c *deliveryConfig) validateDelivery() error {
	if len(c.AckFrom) > 0 && c.Commit != commitDelivered {
		return fmt.Errorf("ack_from goes with commit %s only", commitDelivered)
	}
	if c.Commit == commitAuto && c.CommitInterval < time.Second {
		return errors.New("commit_interval must be at least 1s with commit auto")
	}
	return nil
}

// newLedger returns the ledger of an input whose records' origins are of
// source, and inRecord where they are in the records as well.
func (c *deliveryConfig) newLedger(r *delivery.Registry, source uint64, inRecord bool) *delivery.Ledger {
	o := delivery.Options{Source: source, AckFrom: c.AckFrom, InRecord: inRecord, MaxInFlight: c.MaxInFlight}
	switch c.Commit {
	case commitAppended:
		o.Until = delivery.Taken
	case commitAuto:
		o.Until = delivery.Appended
	}
	return delivery.NewLedger(r, o)
}
