package outkafka

import (
	"bytes"
	"encoding/json"
	"os"
	"testing"
	"time"

	"github.com/tidegate/tidegate/common/chunk"
)

// sample returns a chunk of n records of about 300 bytes of JSON.
func sample(n int) (data []byte) {
	for i := range n {
		at := int64(someTime + i*1_000_003)
		data = chunk.AppendEventHeader(data, uint32(at/1e9), uint32(at%1e9))
		data = chunk.AppendMapHeader(data, 0)
		data = chunk.AppendMapHeader(data, 7)
		pair := func(key, value string) { data = chunk.AppendString(chunk.AppendString(data, key), value) }
		pair("ts", time.Unix(0, at).UTC().Format(time.RFC3339Nano))
		pair("service", []string{"checkout", "payment", "search"}[i/50%3])
		pair("level", "info")
		pair("message", "handled a request for /api/v1/orders in the region eu-central-1, with nothing to complain about in the end")
		pair("trace_id", "4bf92f3577b34da6a3ce929d0e0e4736")
		data = chunk.AppendInt(chunk.AppendString(data, "status"), int64(200+i%5))
		data = chunk.AppendFloat64(chunk.AppendString(data, "duration"), float64(i%1000)/7)
	}
	return data
}

var full = []string{
	"topic=logs.$service", "topic_default=logs.other", `topic_allow=^logs\.`,
	"message_key=$trace_id", "headers=level=$level,source=edge", "timestamp_key=@timestamp",
}

// TestEncodeAllocatesNothing, but for names of topics.
func TestEncodeAllocatesNothing(t *testing.T) {
	e := encoderOf(t, full...)
	data := sample(300)
	encode := func() {
		r := chunk.NewRecords(data)
		for r.Next() {
			if err := e.encode("tag", &r.Event); err != nil {
				t.Fatal(err)
			}
		}
	}
	encode()
	if n := testing.AllocsPerRun(10, encode); n > 0 {
		t.Errorf("%.0f allocations for 300 records", n)
	}
}

// FuzzEncode: every record of a chunk gives valid JSON, with the time once, or
// an error; nothing of it stays behind.
func FuzzEncode(f *testing.F) {
	for _, file := range []string{"plain.msgpack", "grouped.msgpack"} {
		b, err := os.ReadFile("../../common/chunk/testdata/" + file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
		f.Add(b[:len(b)-3])
	}
	f.Add(sample(3))
	f.Add(appendRecord(nil, someTime, "@timestamp", "old", "service", "a b"))
	f.Fuzz(func(t *testing.T, data []byte) {
		e := encoderOf(t, full...)
		n := 0
		r := chunk.NewRecords(data)
		for ; r.Next(); n++ {
			if r.Err != nil || e.encode("tag", &r.Event) != nil {
				continue
			}
			if !json.Valid(e.message.Value) || !bytes.HasPrefix(e.message.Value, []byte(`{"@timestamp":"`)) {
				t.Fatalf("%s", e.message.Value)
			}
			if key := []byte(`"@timestamp":`); bytes.Count(topLevel(t, e.message.Value), key) != 1 {
				t.Fatalf("the time is not there once: %s", e.message.Value)
			}
		}
		if n != chunk.Count(data) {
			t.Fatalf("%d records, counted %d", n, chunk.Count(data))
		}
		e.reset()
		if e.record.body != nil || len(e.record.values) > 0 && e.record.values[0] != nil {
			t.Fatal("the encoder still refers to the chunk")
		}
	})
}

// topLevel returns the keys of an object as they stand in it, each with its
// colon.
func topLevel(t *testing.T, object []byte) (keys []byte) {
	d := json.NewDecoder(bytes.NewReader(object))
	if _, err := d.Token(); err != nil {
		t.Fatal(err)
	}
	for d.More() {
		key, err := d.Token()
		if err != nil {
			t.Fatal(err)
		}
		quoted, _ := json.Marshal(key)
		keys = append(append(keys, quoted...), ':')
		var value json.RawMessage
		if err := d.Decode(&value); err != nil {
			t.Fatal(err)
		}
	}
	return keys
}
