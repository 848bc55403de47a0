package inkafka

import (
	"slices"

	"github.com/tidegate/tidegate/common/options"
	"github.com/tidegate/tidegate/common/schema"
)

// Formats of a message's value.
const (
	formatJSON       = "json"
	formatRaw        = "raw"
	formatLogfmt     = "logfmt"
	formatMsgpack    = "msgpack"
	formatAvro       = schema.FormatAvro
	formatJSONSchema = schema.FormatJSON
)

// Layouts of a record.
const (
	layoutPayload   = "payload"
	layoutFluentBit = "fluentbit" // that of Fluent Bit's own input kafka
)

// Where an event's time is from.
const (
	timeOfKafka = "kafka"
	timeOfField = "field"
	timeOfNow   = "now"
)

// What becomes of messages that are no records.
const (
	tombstonesSkip = "skip"
	tombstonesKeep = "keep"

	onErrorKeep       = "keep"
	onErrorDrop       = "drop"
	onErrorDeadLetter = "dead_letter"
)

// Where an event's origin stands.
const (
	originInMetadata = "metadata"
	originInRecord   = "record"
)

// noPrefix is how an operator writes the empty include_prefix: the host cannot
// tell an option that is empty from one that is missing.
const noPrefix = "none"

const (
	// defaultMessageBytes is far above what a broker takes by default, 1 MiB, and
	// a quarter of what is in flight by default.
	defaultMessageBytes = 16 << 20
	// mostMessageBytes keeps all lengths of an event within the 32 bits that
	// msgpack has for them.
	mostMessageBytes = 1 << 30
)

// recordConfig is what makes a record of a message.
type recordConfig struct {
	Format          string
	Layout          string
	PayloadKey      string
	Include         []string
	IncludePrefix   string
	TimestampFrom   string
	TimeKey         string
	TimeFormat      string
	TimeZone        string
	Tombstones      string
	OnError         string
	MaxMessageBytes int64
	OriginIn        string
	Schema          *schema.Config
}

func newRecordConfig() recordConfig {
	return recordConfig{
		Format:          formatJSON,
		Layout:          layoutPayload,
		IncludePrefix:   "kafka_",
		TimestampFrom:   timeOfKafka,
		TimeFormat:      "rfc3339",
		TimeZone:        "UTC",
		Tombstones:      tombstonesSkip,
		OnError:         onErrorKeep,
		MaxMessageBytes: defaultMessageBytes,
		OriginIn:        originInMetadata,
		Schema:          schema.NewConfig(),
	}
}

// recordOptions are the rows of the table.
func (c *recordConfig) recordOptions() options.Table {
	return slices.Concat(c.payloadOptions(), c.Schema.Options(), c.timeOptions(), c.errorOptions())
}

func (c *recordConfig) payloadOptions() options.Table {
	return options.Table{
		{
			Name: "format", Value: options.Enum(&c.Format, formatJSON, formatRaw, formatLogfmt, formatMsgpack, formatAvro, formatJSONSchema),
			Help: "What a message's value is. json, msgpack: an object's members become the record, any other value stands under message. " +
				"logfmt: the pairs become the record. raw: the text stands under message. " +
				"avro, json_schema: as Confluent's serializers write it, with a schema registry.",
			Example: formatJSON,
		},
		{
			Name: "layout", Value: options.Enum(&c.Layout, layoutPayload, layoutFluentBit),
			Help: "What the record looks like. payload: as format says. " +
				"fluentbit: topic, partition, offset, error, key and payload, as Fluent Bit's own input kafka has it.",
			Example: layoutFluentBit,
		},
		{
			Name: "payload_key", Value: options.Text(&c.PayloadKey),
			Help: "The value stands under this key of the record, whatever it is. Unset, it is the record.", Example: "payload",
		},
		{
			Name: "include", Value: options.List(&c.Include, checkInclude),
			Help: "What of the message also goes into the record: topic, partition, offset, key, headers, timestamp. " +
				"A member of the payload that has the name already stays as it is. All of it is in the event's metadata anyway.",
			Example: "topic,key",
		},
		{
			Name: "include_prefix", Value: options.Parsed(&c.IncludePrefix, "text", parsePrefix, printPrefix),
			Help: "What stands before the names of include. none is no prefix.", Example: "kafka.",
		},
		{
			Name: "origin_in", Value: options.Enum(&c.OriginIn, originInMetadata, originInRecord),
			Help: "Where outputs find a record's origin, without which its offset is not committed. " +
				"record: also under " + originKey + " in the record, for filters that drop the metadata. Tidegate's outputs take it out.",
			Example: originInRecord,
		},
	}
}

func (c *recordConfig) timeOptions() options.Table {
	return options.Table{
		{
			Name: "timestamp_from", Value: options.Enum(&c.TimestampFrom, timeOfKafka, timeOfField, timeOfNow),
			Help:    "Where a record's time is from. kafka: the message's timestamp. field: time_key. now: the moment it is read.",
			Example: timeOfField,
		},
		{
			Name: "time_key", Value: options.Text(&c.TimeKey, checkTimeKey),
			Help: "The payload's member that holds the time, or a path to it, with timestamp_from field. " +
				"Where it is missing, or is no time, the record has Kafka's timestamp.",
			Example: "$event['time']",
		},
		{
			Name: "time_format", Value: options.Text(&c.TimeFormat, checkTimeFormat),
			Help:    "How that time is written: rfc3339, iso8601, unix, unix_ms, unix_us, unix_ns, or a format as Fluent Bit's parsers take it.",
			Example: "%d/%b/%Y:%H:%M:%S.%L %z",
		},
		{
			Name: "time_zone", Value: options.Text(&c.TimeZone, checkTimeZone),
			Help: "Zone of times that do not tell theirs: a name such as Europe/Berlin, or an offset such as +02:00.", Example: "Europe/Berlin",
		},
	}
}

func (c *recordConfig) errorOptions() options.Table {
	return options.Table{
		{
			Name: "tombstones", Value: options.Enum(&c.Tombstones, tombstonesSkip, tombstonesKeep),
			Help: "What becomes of messages with a null value. keep: records whose message is null.", Example: tombstonesKeep,
		},
		{
			Name: "on_error", Value: options.Enum(&c.OnError, onErrorKeep, onErrorDrop, onErrorDeadLetter),
			Help: "What becomes of a message whose value is not what format says, or is over a limit. " +
				"keep: its text stands under message, the reason in the metadata. drop: it is counted. dead_letter: it is produced to dead_letter_topic.",
			Example: onErrorDeadLetter,
		},
		{
			Name: "max_message_bytes", Value: options.Size(&c.MaxMessageBytes, 1<<10, mostMessageBytes),
			Help:    "A longer value is not parsed. With on_error keep, its first 64Ki bytes are the text.",
			Example: "1Mi",
		},
	}
}
