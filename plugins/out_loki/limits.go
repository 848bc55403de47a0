package outloki

import (
	"errors"
	"time"

	"github.com/tidegate/tidegate/common/options"
)

// What is done with a line that is too long, and with a time out of bounds.
const (
	truncate = "truncate"
	reject   = "reject"
	clamp    = "clamp"
	leave    = "leave"
)

// limits are Loki's, so that records are made to fit before it refuses them. 0
// is none. They are made once and only read afterwards.
type limits struct {
	labelNames, labelName, labelValue int

	line   int64
	onLine string

	metadataSize  int64
	metadataCount int

	age, ahead time.Duration
	onAge      string

	// window is how far behind the newest entry of its stream Loki takes one.
	window time.Duration
	// rate and burst are a stream's, in bytes.
	rate, burst int64

	cardinality       int
	cardinalityWindow time.Duration
	onCardinality     string
}

// What is done with a label that has too many values.
const (
	toMetadata = "structured_metadata"
	toOverflow = "overflow"
)

// defaultLimits are those of a Loki 3.7 without any of its own: limits_config,
// and for the window half of the ingester's max_chunk_age.
func defaultLimits() limits {
	return limits{
		labelNames: 15, labelName: 1024, labelValue: 2048,
		line: 256 << 10, onLine: truncate,
		metadataSize: 64 << 10, metadataCount: 128,
		age: 7 * 24 * time.Hour, ahead: 10 * time.Minute, onAge: clamp,
		window: time.Hour,
		rate:   3 << 20, burst: 15 << 20,
		// A fifth of the streams that Loki gives a tenant.
		cardinality: 1000, cardinalityWindow: time.Hour, onCardinality: toMetadata,
	}
}

const (
	maxCount = 1 << 20
	maxSize  = 1 << 30
	maxTime  = 10 * 365 * 24 * time.Hour
)

func (l *limits) options() options.Table {
	return append(append(l.labelOptions(), l.entryOptions()...), l.streamOptions()...)
}

func (l *limits) labelOptions() options.Table {
	return options.Table{{
		Name: "max_label_names", Value: options.Int(&l.labelNames, 0, maxCount),
		Help: "Most labels of a stream (Loki's max_label_names_per_series). The others, last in the order of their names, become structured metadata. 0 checks nothing.", Example: "15",
	}, {
		Name: "max_label_name_length", Value: options.Int(&l.labelName, 0, maxCount),
		Help: "Longest name of a label in bytes (max_label_name_length). A label with a longer one becomes structured metadata. 0 checks nothing.", Example: "1024",
	}, {
		Name: "max_label_value_length", Value: options.Int(&l.labelValue, 0, maxCount),
		Help: "Longest value of a label in bytes (max_label_value_length). A longer one is cut; the whole one becomes structured metadata, if it fits there. 0 checks nothing.", Example: "2048",
	}, {
		Name: "label_cardinality", Value: options.Int(&l.cardinality, 0, maxCount),
		Help: "Most values that a label may have within label_cardinality_window. With more, new values go where label_cardinality_action says, and a line in the log names the label. 0 counts nothing.", Example: "1000",
	}, {
		Name: "label_cardinality_window", Value: options.Duration(&l.cardinalityWindow, time.Minute, maxTime),
		Help: "How long a value counts that is not seen any more.", Example: "1h",
	}, {
		Name: "label_cardinality_action", Value: options.Enum(&l.onCardinality, toMetadata, toOverflow),
		Help: "What becomes of a label's value beyond label_cardinality: structured_metadata takes it out of the labels, overflow writes __overflow__ there as well.", Example: toMetadata,
	}}
}

func (l *limits) entryOptions() options.Table {
	return options.Table{{
		Name: "max_line_size", Value: options.Size(&l.line, 0, maxSize),
		Help: "Longest line (max_line_size). 0 checks nothing.", Example: "256Ki",
	}, {
		Name: "line_too_long", Value: options.Enum(&l.onLine, truncate, reject),
		Help: "What is done with a longer line: truncate cuts it and ends it in " + cutMark + ", reject gives the record up.", Example: truncate,
	}, {
		Name: "max_structured_metadata_size", Value: options.Size(&l.metadataSize, 0, maxSize),
		Help: "Most structured metadata of an entry in bytes (max_structured_metadata_size). Pairs beyond it are left out. 0 checks nothing.", Example: "64Ki",
	}, {
		Name: "max_structured_metadata_count", Value: options.Int(&l.metadataCount, 0, maxCount),
		Help: "Most pairs of structured metadata of an entry (max_structured_metadata_entries_count). Further ones are left out. 0 checks nothing.", Example: "128",
	}, {
		Name: "max_age", Value: options.Duration(&l.age, 0, maxTime),
		Help: "Age of the oldest entry that Loki takes (reject_old_samples_max_age). 0 checks nothing.", Example: "168h",
	}, {
		Name: "max_ahead", Value: options.Duration(&l.ahead, 0, maxTime),
		Help: "How far an entry's time may be ahead (creation_grace_period). 0 checks nothing.", Example: "10m",
	}, {
		Name: "time_out_of_bounds", Value: options.Enum(&l.onAge, clamp, leave),
		Help: "What is done with a time beyond max_age or max_ahead: clamp moves it to the nearest that Loki takes and keeps the original as structured metadata tidegate_time, " +
			"leave sends it, for Loki to refuse.", Example: clamp,
	}}
}

func (l *limits) streamOptions() options.Table {
	return options.Table{{
		Name: "out_of_order_window", Value: options.Duration(&l.window, 0, maxTime),
		Help: "How far behind the newest entry of its stream Loki takes one: half of the ingester's max_chunk_age. A stream that comes near is pushed alone, " +
			"because Loki's answer to several streams does not speak for each. 0 never does.", Example: "1h",
	}, {
		Name: "max_stream_rate", Value: options.Size(&l.rate, 0, maxSize),
		Help: "Most bytes a second of one stream (per_stream_rate_limit). A stream that comes near is pushed alone. 0 never does.", Example: "3Mi",
	}, {
		Name: "max_stream_burst", Value: options.Size(&l.burst, 0, maxSize),
		Help: "How many bytes of one stream may come at once (per_stream_rate_limit_burst).", Example: "15Mi",
	}}
}

// validate finds what does not go together.
func (l *limits) validate() error {
	var errs []error
	if l.line > 0 && l.line < int64(len(cutMark)) {
		errs = append(errs, errors.New("max_line_size must be 0 or leave room for the mark of a line that was cut"))
	}
	if l.rate > 0 && l.burst < l.rate {
		errs = append(errs, errors.New("max_stream_burst must be at least max_stream_rate"))
	}
	return errors.Join(errs...)
}
