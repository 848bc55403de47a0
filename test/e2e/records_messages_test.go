package e2e_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/confluentinc/confluent-kafka-go/v2/kafka"

	"github.com/tidegate/tidegate/test/harness"
)

// oddMessage is a message that some producer should not have sent, and what becomes of it.
type oddMessage struct {
	name   string
	value  []byte // nil is a tombstone
	reason string // of the metadata, empty for none
	record string // what the record has of it, as Fluent Bit prints it
}

const (
	// hostLevels is how deep a payload may be: Fluent Bit's decoder takes 64 levels in all,
	// and ends the chunk at a record that has more.
	hostLevels = 48
	// longest is the max_message_bytes of these tests.
	longest = 8 << 20
)

func nested(open, end string, levels int) []byte {
	return []byte(strings.Repeat(open, levels) + "7" + strings.Repeat(end, levels))
}

// oddMessages are the hostile ones. Each is a message of its own between good ones, so that
// one that breaks a chunk takes those along. None has a line end.
func oddMessages() []oddMessage {
	text := func(s string) []byte { return []byte(s) }
	return []oddMessage{
		{"text", text("oops"), "json", `{"message"=>"oops"}`},
		{"nothing", text(""), "json", `{"message"=>""}`},
		{"half an object", text(`{"a":`), "json", `{"message"=>"{`},
		{"two objects", text(`{"a":1}{"a":2}`), "json", `{"message"=>"{`},
		{"NaN", text(`{"a":NaN}`), "json", "NaN"},
		{"bytes", text("\xff\xfe\x00\x01"), "json", `{"message"=>"`},
		{"a number", text(`12`), "", `{"message"=>12}`},
		{"null", text(`null`), "", `{"message"=>nil}`},
		{"an array", text(`[1,[2]]`), "", `{"message"=>[1, [2]]}`},
		{"invalid UTF-8 in a string", text("{\"a\":\"x\xffy\"}"), "", `{"a"=>"x`},
		{"an empty object", text(`{}`), "", `{}`},
		{"empty keys", text(`{"":{"":""}}`), "", `{""=>{""=>""}}`},
		{"repeated keys", text(`{"a":1,"a":2}`), "", `{"a"=>1, "a"=>2}`},
		{"the largest numbers", text(`{"u":18446744073709551615,"i":-9223372036854775808}`), "", `{"u"=>18446744073709551615, "i"=>-9223372036854775808}`},
		{"a number that 64 bits do not hold", text(`{"a":123456789012345678901234567890}`), "", `{"a"=>"123456789012345678901234567890"}`},
		{"as deep as there may be", nested(`{"a":`, "}", hostLevels), "", strings.Repeat(`{"a"=>`, hostLevels) + "7" + strings.Repeat("}", hostLevels)},
		{"one level deeper", nested(`{"a":`, "}", hostLevels+1), "too_deep", `{"message"=>"{`},
		{"deeper than Fluent Bit's decoder", nested(`{"a":`, "}", 64), "too_deep", `{"message"=>"{`},
		{"a million levels", []byte(strings.Repeat("[", 900_000)), "too_deep", `{"message"=>"[[[[`},
		{"a million keys", []byte("{" + strings.Repeat(`"k":0,`, 999_999) + `"k":0}`), "too_many_members", `{"message"=>"{`},
		{"too large", []byte(strings.Repeat("x", longest+1)), "too_large", `{"message"=>"` + strings.Repeat("x", 64<<10) + `"}`},
		{"a tombstone", nil, "", `{"message"=>nil}`},
	}
}

// produceOdd sends the messages, number i as the 2i+1st, with good ones around each. The
// key of a message is n- and its number. good makes one. It returns how many there are.
func produceOdd(t *testing.T, k *harness.Kafka, topic string, odd []oddMessage, good func(n int) []byte) int {
	t.Helper()
	p, err := kafka.NewProducer(&kafka.ConfigMap{
		"bootstrap.servers": k.Brokers(), "message.max.bytes": 2 * longest, "compression.type": "zstd", // the broker takes 1 MiB
		"batch.num.messages": 1, // for each alone
	})
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	reports := make(chan kafka.Event, 2*len(odd)+1)
	send := func(n int, value []byte) {
		m := &kafka.Message{TopicPartition: kafka.TopicPartition{Topic: &topic, Partition: 0}, Key: fmt.Appendf(nil, "n-%d", n), Value: value}
		if err := p.Produce(m, reports); err != nil {
			t.Fatal(err)
		}
		if m := (<-reports).(*kafka.Message); m.TopicPartition.Error != nil {
			t.Fatalf("message %d of %d bytes: %v", n, len(value), m.TopicPartition.Error)
		}
	}
	for i, m := range odd {
		send(2*i, good(2*i))
		send(2*i+1, m.value)
	}
	send(2*len(odd), good(2*len(odd)))
	return 2*len(odd) + 1
}

func goodJSON(n int) []byte { return fmt.Appendf(nil, `{"good":%d}`, n) }

func goodMsgpack(n int) []byte { return append([]byte("\x81\xa4good"), byte(n)) } // below 128

// oddMsgpack are hostile ones of format msgpack: what no JSON has.
func oddMsgpack() []oddMessage {
	text := func(s string) []byte { return []byte(s) }
	return []oddMessage{
		{"no msgpack", text("\xc1"), "msgpack", `{"message"=>"`},
		{"nothing", text(""), "msgpack", `{"message"=>""}`},
		{"a map that is cut off", text("\x82\xa1a"), "msgpack", `{"message"=>"`},
		{"a map of four billion", text("\xdf\xff\xff\xff\xff"), "msgpack", `{"message"=>"`},
		{"a text of four billion", text("\x81\xa1a\xdb\xff\xff\xff\xff"), "msgpack", `{"message"=>"`},
		{"two values", text("\x80\x80"), "msgpack", `{"message"=>"`},
		{"a map for a key", text("\x81\x81\xa1a\x01\x02"), "msgpack", `{"message"=>"`},
		{"arrays without an end", text(strings.Repeat("\x91", 900_000)), "too_deep", `{"message"=>"`},
		{"as deep as there may be", text(strings.Repeat("\x91", hostLevels) + "\x07"), "", strings.Repeat("[", hostLevels) + "7" + strings.Repeat("]", hostLevels)},
		{"one level deeper", text(strings.Repeat("\x91", hostLevels+1) + "\x07"), "too_deep", `{"message"=>"`},
		{"a million nulls", text("\xdd\x00\x0f\x42\x40" + strings.Repeat("\xc0", 1_000_000)), "too_many_members", `{"message"=>"`},
		{"keys of every kind", text("\x87\x01\x01\xff\x02\xc0\x03\xc3\x04\xcb\x3f\xf8\x00\x00\x00\x00\x00\x00\x05\xc4\x01\xff\x06\xd4\x05\x00\x07"), "", `=>1, -1=>2, nil=>3, true=>4`},
		{"NaN and infinities", text("\x83\xa1a\xcb\x7f\xf8\x00\x00\x00\x00\x00\x00\xa1b\xcb\x7f\xf0\x00\x00\x00\x00\x00\x00\xa1c\xca\xff\x80\x00\x00"), "", `"a"=>nan, "b"=>inf, "c"=>-inf`},
		{"extensions", text("\x82\xa1a\xd7\x00\xff\xff\xff\xff\x00\x00\x00\x00\xa1b\xc7\x00\x7f"), "", `"a"=>`},
		{"what looks like the start of a group", text("\x92\x92\xd7\x00\xff\xff\xff\xff\x00\x00\x00\x00\x80\x80"), "", `[[`},
		{"an empty key of bytes", text("\x81\xc4\x00\xc4\x00"), "", `=>`},
		{"a tombstone", nil, "", `{"message"=>nil}`},
	}
}
