package inkafka

import (
	"strings"
	"testing"

	"github.com/tidegate/tidegate/common/options"
)

func TestRecordConfig(t *testing.T) {
	c, err := parse(with(map[string]string{
		"format": "LOGFMT", "payload_key": "p", "include": "topic, key", "include_prefix": "k.", "timestamp_from": "field", "time_key": "$a['b']",
		"time_format": "%s.%L", "time_zone": "-05:30", "tombstones": "keep", "on_error": "dead_letter", "max_message_bytes": "1M", "origin_in": "record",
	}))
	if err != nil {
		t.Fatal(err)
	}
	const want = "format=logfmt layout=payload payload_key=p include=topic,key include_prefix=k. origin_in=record schema_registry_timeout=2s avro_logical_types=on timestamp_from=field " +
		"time_key=$a['b'] time_format=%s.%L time_zone=-05:30 tombstones=keep on_error=dead_letter max_message_bytes=1000000"
	if got := c.recordOptions().Effective(); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	// none is no prefix, and is told so.
	if c, err = parse(with(map[string]string{"include_prefix": "none"})); err != nil || c.IncludePrefix != "" {
		t.Errorf("include_prefix none: %q, %v", c.IncludePrefix, err)
	}
	if line := c.recordOptions().Effective(); !strings.Contains(line, "include_prefix=none") {
		t.Errorf("told as %s", line)
	}
}

func TestRecordConfigRefuses(t *testing.T) {
	for text, want := range map[string]string{
		"format=avro":                                  "schema_registry_url is required with format avro",
		"format=xml":                                   `format "xml" must be one of json, raw, logfmt, msgpack, avro, json_schema`,
		"layout=flat":                                  "must be one of payload, fluentbit",
		"include=topic,value":                          `"value", which must be one of topic, partition, offset, key, headers, timestamp`,
		"include=topic,key,topic":                      "include has topic twice",
		"timestamp_from=field":                         "time_key is required with timestamp_from field",
		"time_key=t":                                   "no use without timestamp_from field",
		"time_key=$a['b timestamp_from=field":          "must be a key or a path: column",
		"time_key=$TAG timestamp_from=field":           "must be in the payload",
		"time_key=@metadata['a'] timestamp_from=field": "must be in the payload",
		"time_format=%Q":                               "must not have %Q",
		"time_format=iso":                              "must be rfc3339, iso8601",
		"time_zone=Mars":                               "must be the name of a time zone",
		"tombstones=drop":                              "must be one of skip, keep",
		"on_error=stop":                                "must be one of keep, drop, dead_letter",
		"max_message_bytes=100":                        "must be a size from 1Ki to 1Gi",
		"max_message_bytes=2Gi":                        "must be a size from 1Ki to 1Gi",
		"origin_in=body":                               "must be one of metadata, record",
		"payload_key=p layout=fluentbit":               "payload_key \"p\" has no use with layout fluentbit",
		"payload_key=tidegate_origin":                  "reserved for the origin",
		"payload_key=kafka_key include=topic,key":      "include key and payload_key are both \"kafka_key\"",
		"layout=fluentbit include=timestamp,offset include_prefix=none": "include offset is \"offset\" in the record, which layout fluentbit has already",
	} {
		_, err := parse(with(given(text)))
		if line := options.Problems(err); !strings.Contains(line, want) {
			t.Errorf("%s: %q does not say %q", text, line, want)
		}
	}
	// All at once.
	_, err := parse(with(given("format=xml include=x time_zone=Mars payload_key=tidegate_origin timestamp_from=field")))
	line := options.Problems(err)
	for _, name := range []string{"format", "include", "time_zone", "payload_key", "time_key"} {
		if !strings.Contains(line, name) {
			t.Errorf("%s is not in %s", name, line)
		}
	}
}
