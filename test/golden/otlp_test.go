package golden_test

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"net/http"
	"testing"
	"time"

	"google.golang.org/protobuf/encoding/protowire"

	"github.com/tidegate/tidegate/test/harness"
)

// logsJSON has two resources, the first of which has two scopes: three groups, four records.
const logsJSON = `{"resourceLogs": [
  {
    "resource": {
      "attributes": [
        {"key": "service.name", "value": {"stringValue": "checkout"}},
        {"key": "host.cpus", "value": {"intValue": "8"}},
        {"key": "tags", "value": {"arrayValue": {"values": [{"stringValue": "a"}, {"boolValue": true}]}}}
      ],
      "droppedAttributesCount": 2
    },
    "schemaUrl": "https://opentelemetry.io/schemas/1.26.0",
    "scopeLogs": [
      {
        "scope": {"name": "http", "version": "1.4", "attributes": [{"key": "name", "value": {"stringValue": "of the attribute"}}]},
        "logRecords": [
          {
            "timeUnixNano": "1767323045000000006", "observedTimeUnixNano": "1767323046000000007",
            "severityNumber": 13, "severityText": "WARN", "traceId": "0102030405060708090a0b0c0d0e0f10", "spanId": "0102030405060708",
            "flags": 1, "attributes": [{"key": "http.status", "value": {"intValue": "503"}}], "body": {"stringValue": "slow"}
          },
          {"timeUnixNano": "1767323045000000008", "body": {"kvlistValue": {"values": [{"key": "a", "value": {"doubleValue": 1.5}}]}}}
        ]
      },
      {"scope": {}, "logRecords": [{"timeUnixNano": "1767323045000000009", "body": {"stringValue": "no scope"}}]}
    ]
  },
  {
    "resource": {"attributes": [{"key": "service.name", "value": {"stringValue": "cart"}}]},
    "scopeLogs": [{"scope": {"name": "sql"}, "logRecords": [{"timeUnixNano": "1767323045000000010", "body": {"stringValue": "done"}}]}]
  }
]}`

func otlpJSON() scenario {
	return otlp("otlp-json", "application/json", []byte(logsJSON))
}

func otlpProtobuf() scenario {
	return otlp("otlp-protobuf", "application/x-protobuf", logsProtobuf())
}

// otlp is the groups that the OpenTelemetry input makes of a request.
func otlp(name, contentType string, request []byte) scenario {
	return scenario{name: name, events: 4, prepare: func(t *testing.T, _ string) (string, feed) {
		port := harness.FreePort(t)
		pipeline := fmt.Sprintf("\n[INPUT]\n    Name opentelemetry\n    Listen 127.0.0.1\n    Port %d\n", port)
		return pipeline, func(t *testing.T, _ *harness.Host) {
			harness.Eventually(t, 20*time.Second, "an answer", func() error {
				answer, err := http.Post(fmt.Sprintf("http://127.0.0.1:%d/v1/logs", port), contentType, bytes.NewReader(request))
				if err != nil {
					return err
				}
				defer func() { _ = answer.Body.Close() }()
				if answer.StatusCode/100 != 2 {
					return harness.Hopeless{Err: fmt.Errorf("status %s", answer.Status)}
				}
				return nil
			})
		}
	}}
}

// logsProtobuf is logsJSON by the fields' numbers in opentelemetry/proto/logs/v1/logs.proto.
func logsProtobuf() []byte {
	attribute := func(key string, value []byte) []byte { return cat(field(1, []byte(key)), field(2, value)) }
	str := func(s string) []byte { return field(1, []byte(s)) }
	array := field(5, cat(field(1, str("a")), field(1, number(2, 1))))
	double := protowire.AppendFixed64(protowire.AppendTag(nil, 4, protowire.Fixed64Type), 0x3ff8000000000000)
	id, _ := hex.DecodeString("0102030405060708090a0b0c0d0e0f10")

	first := cat(fixed64(1, 1767323045000000006), number(2, 13), field(3, []byte("WARN")), field(5, str("slow")),
		field(6, attribute("http.status", number(3, 503))), fixed32(8, 1), field(9, id), field(10, id[:8]), fixed64(11, 1767323046000000007))
	second := cat(fixed64(1, 1767323045000000008), field(5, field(6, field(1, attribute("a", double)))))
	third := cat(fixed64(1, 1767323045000000009), field(5, str("no scope")))
	fourth := cat(fixed64(1, 1767323045000000010), field(5, str("done")))

	http := cat(field(1, []byte("http")), field(2, []byte("1.4")), field(3, attribute("name", str("of the attribute"))))
	checkout := cat(field(1, attribute("service.name", str("checkout"))), field(1, attribute("host.cpus", number(3, 8))),
		field(1, attribute("tags", array)), number(2, 2))
	cart := field(1, attribute("service.name", str("cart")))
	return cat(
		field(1, cat(field(1, checkout), field(2, cat(field(1, http), field(2, first), field(2, second))),
			field(2, cat(field(1, nil), field(2, third))), field(3, []byte("https://opentelemetry.io/schemas/1.26.0")))),
		field(1, cat(field(1, cart), field(2, cat(field(1, field(1, []byte("sql"))), field(2, fourth))))),
	)
}

func field(n protowire.Number, b []byte) []byte {
	return protowire.AppendBytes(protowire.AppendTag(nil, n, protowire.BytesType), b)
}

func number(n protowire.Number, v uint64) []byte {
	return protowire.AppendVarint(protowire.AppendTag(nil, n, protowire.VarintType), v)
}

func fixed64(n protowire.Number, v uint64) []byte {
	return protowire.AppendFixed64(protowire.AppendTag(nil, n, protowire.Fixed64Type), v)
}

func fixed32(n protowire.Number, v uint32) []byte {
	return protowire.AppendFixed32(protowire.AppendTag(nil, n, protowire.Fixed32Type), v)
}
