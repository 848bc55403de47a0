package inkafka

import (
	"fmt"
	"strings"
	"testing"

	"github.com/tidegate/tidegate/common/rdkafka"
)

// record is what an event's record should be, with the metadata of a message
// that has nothing special.
func record(want string) string { return meta + "}} " + want }

const originMember = `"tidegate_origin":{` + inMeta + `}`

func TestLayout(t *testing.T) {
	const all = "topic,partition,offset,key,headers,timestamp"
	const allMembers = `"kafka_topic":"t","kafka_partition":2,"kafka_offset":42,"kafka_key":null,"kafka_headers":[],"kafka_timestamp":1234`
	const builtIn = `"topic":"t","partition":2,"offset":42,"error":null,"key":null,"payload":`
	for _, c := range []struct{ options, value, want string }{
		{"", `{"a":1}`, `{"a":1}`},
		{"payload_key=p", `{"a":1}`, `{"p":{"a":1}}`},
		{"payload_key=p", `[1]`, `{"p":[1]}`},
		{"payload_key=p format=raw", `x`, `{"p":"x"}`},
		{"format=raw", `x`, `{"message":"x"}`},
		{"format=raw", "x\xff\x00", `{"message":"x` + "\ufffd" + `\u0000"}`},
		{"format=logfmt", `a=1 b="x y" c`, `{"a":"1","b":"x y","c":true}`},
		{"format=logfmt payload_key=p", `a=1`, `{"p":{"a":"1"}}`},
		{"format=msgpack", "\x82\xa1a\x01\xa1b\x90", `{"a":1,"b":[]}`},
		{"format=msgpack", "\x93\x01\x02\x03", `{"message":[1,2,3]}`},
		{"format=msgpack", "\x81\x01\xcb\x7f\xf8\x00\x00\x00\x00\x00\x00", `{"1":null}`}, // NaN, which JSON does not have

		{"layout=fluentbit", `{"a":1}`, `{` + builtIn + `{"a":1}}`},
		{"layout=fluentbit format=raw", `{"a":1}`, `{` + builtIn + `"{\"a\":1}"}`},
		{"layout=fluentbit include=timestamp origin_in=record", `1`, `{` + originMember + `,` + builtIn + `1,"kafka_timestamp":1234}`},

		{"include=" + all, `{}`, `{` + allMembers + `}`},
		{"include=" + all, `{"a":1}`, `{"a":1,` + allMembers + `}`},
		{"include=" + all, `1`, `{"message":1,` + allMembers + `}`},
		{"include=" + all + " payload_key=p", `{"a":1}`, `{"p":{"a":1},` + allMembers + `}`},
		{"include=offset,topic", `{"a":1}`, `{"a":1,"kafka_offset":42,"kafka_topic":"t"}`},
		{"include=offset include_prefix=@", `{"a":1}`, `{"a":1,"@offset":42}`},
		{"include=offset include_prefix=none", `{"a":1}`, `{"a":1,"offset":42}`},
		// The payload's own member stays, whatever it is.
		{"include=offset,topic", `{"kafka_offset":"mine","kafka_x":1}`, `{"kafka_offset":"mine","kafka_x":1,"kafka_topic":"t"}`},
		{"include=topic include_prefix=none", `{"topic":{"topic":1}}`, `{"topic":{"topic":1}}`},
		{"include=topic include_prefix=none", `{"x":{"topic":1}}`, `{"x":{"topic":1},"topic":"t"}`},
		// Repeats of the payload's are kept, in order.
		{"include=topic", `{"a":1,"a":2}`, `{"a":1,"a":2,"kafka_topic":"t"}`},

		{"origin_in=record", `{"a":1}`, `{` + originMember + `,"a":1}`},
		{"origin_in=record", `{}`, `{` + originMember + `}`},
		{"origin_in=record", `null`, `{` + originMember + `,"message":null}`},
		{"origin_in=record payload_key=p", `1`, `{` + originMember + `,"p":1}`},
		{"origin_in=record include=topic", `{"a":1}`, `{` + originMember + `,"a":1,"kafka_topic":"t"}`},
		{"origin_in=record", `{"tidegate_origin":1}`, `{` + originMember + `,"tidegate_origin":1}`},
	} {
		got, out := encode(t, encoderOf(t, given(c.options)), message(c.value))
		if want := record(c.want); got != want || out.problem != noProblem || out.time != 1234 {
			t.Errorf("%s %q: %+v\n got %s\nwant %s", c.options, c.value, out, got, want)
		}
	}
}

// given reads `name=value name=value`.
func given(text string) map[string]string {
	options := map[string]string{}
	for pair := range strings.FieldsSeq(text) {
		name, value, _ := strings.Cut(pair, "=")
		options[name] = value
	}
	return options
}

// A record's head grows with the number of members: 15 are the most of a
// header of one byte, 65,535 of one of three.
func TestLayoutHeaders(t *testing.T) {
	for _, n := range []int{0, 13, 14, 15, 16, 65533, 65534, 65535, 65536} {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, `,"m%d":%d`, i, i)
		}
		own := b.String()
		payload := "{" + strings.TrimPrefix(own, ",") + "}"
		got, _ := encode(t, encoderOf(t, given("origin_in=record include=topic")), message(payload))
		if want := record(`{` + originMember + own + `,"kafka_topic":"t"}`); got != want {
			t.Errorf("%d members: %.300s", n, got)
		}
	}
}

func TestInclude(t *testing.T) {
	e := encoderOf(t, given("include=key,headers,timestamp"))
	m := message(`{}`)
	m.Key, m.Timestamp = []byte("\xff"), -1
	m.Headers = rdkafka.AppendHeader(rdkafka.AppendHeader(nil, "a", []byte("1")), "a", nil)
	got, _ := encode(t, e, m)
	if want := `{"kafka_key":"` + "\ufffd" + `","kafka_headers":[["a","1"],["a",null]],"kafka_timestamp":null}`; !strings.HasSuffix(got, " "+want) {
		t.Errorf("got %s", got)
	}
	// Bytes that are no text are binary, so that no output takes them for text.
	event, _ := e.append(nil, m, 3)
	if !strings.Contains(string(event), "kafka_key\xc4\x01\xff") {
		t.Errorf("the key is not binary in %q", event)
	}
}

func TestTombstones(t *testing.T) {
	for text, want := range map[string]string{
		"":                                `{"message":null}`,
		"payload_key=p":                   `{"p":null}`,
		"layout=fluentbit":                `{"topic":"t","partition":2,"offset":42,"error":null,"key":"k","payload":null}`,
		"include=key origin_in=record":    `{` + originMember + `,"message":null,"kafka_key":"k"}`,
		"format=msgpack":                  `{"message":null}`,
		"timestamp_from=field time_key=t": `{"message":null}`,
		"on_error=drop":                   `{"message":null}`,
	} {
		e := encoderOf(t, given(text+" tombstones=keep"))
		m := message("")
		m.Value, m.Key = nil, []byte("k")
		got, out := encode(t, e, m)
		if want := meta + `,"key":"k"}} ` + want; got != want || out != (outcome{time: 1234}) {
			t.Errorf("%s: %+v\n got %s\nwant %s", text, out, got, want)
		}
		skip := encoderOf(t, given(text))
		if _, out := encode(t, skip, m); out != (outcome{verdict: skipped}) {
			t.Errorf("%s: a tombstone is %+v without tombstones keep", text, out)
		}
	}
}
