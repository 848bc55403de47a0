package outkafka

import (
	"os"
	"testing"

	"github.com/tidegate/tidegate/common/chunk"
)

// TestBeside holds that topics, keys and headers come from what stands beside a
// record too, in chunks that a real Fluent Bit made.
func TestBeside(t *testing.T) {
	f := func(file, topic, key, header string, settings ...string) {
		t.Helper()
		data, err := os.ReadFile("../../common/chunk/testdata/" + file + ".msgpack")
		if err != nil {
			t.Fatal(err)
		}
		e := encoderOf(t, append(settings, "topic_default=other", "topic_allow=^copy")...)
		r := chunk.NewRecords(data)
		if !r.Next() {
			t.Fatal("no record")
		}
		if err := e.encode("tag", &r.Event); err != nil {
			t.Fatal(err)
		}
		m := &e.message
		if e.topic.name != topic || string(m.Key) != key || len(m.Headers) != 1 || string(m.Headers[0].Value) != header {
			t.Errorf("%s: got topic %q, key %q, headers %q", file, e.topic.name, m.Key, m.Headers)
		}
	}
	f("in_kafka", "copy.logs", "order-7", "0",
		"topic=copy.@metadata['kafka']['topic']", "message_key=@metadata['kafka']['key']", "headers=partition=@metadata['kafka']['partition']")
	for _, file := range []string{"otlp-protobuf", "otlp-json"} {
		f(file, "copy.http", "checkout", "checkout",
			"topic=copy.@scope['name']", "message_key=@resource['service.name']", "headers=service=@resource['service.name']")
	}
}

// TestBinaryKey holds that a key and a header that are no text stay what they
// were.
func TestBinaryKey(t *testing.T) {
	var record []byte
	record = chunk.AppendEventHeader(record, 1, 0)
	record = chunk.AppendMapHeader(record, 0)
	record = chunk.AppendMapHeader(record, 1)
	record = chunk.AppendBinary(chunk.AppendString(record, "id"), []byte{0xff, 0, 0xfe})
	e := encoderOf(t, "topic=t.$id", "topic_default=other", "topic_allow=^t", "message_key=$id", "headers=id=$id")
	r := chunk.NewRecords(record)
	if !r.Next() || r.Err != nil {
		t.Fatal(r.Err)
	}
	if err := e.encode("tag", &r.Event); err != nil {
		t.Fatal(err)
	}
	if m := &e.message; string(m.Key) != "\xff\x00\xfe" || string(m.Headers[0].Value) != "\xff\x00\xfe" || e.topic.name != "other" {
		t.Errorf("got key %q, headers %q, topic %q", m.Key, m.Headers, e.topic.name)
	}
}
