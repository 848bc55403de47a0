package inkafka

import (
	"bytes"
	"math"
	"math/bits"
	"testing"

	"github.com/tidegate/tidegate/common/chunk"
	"github.com/tidegate/tidegate/common/rdkafka"
)

// fuzzOptions are choices of options, of which the bits of a number pick.
var fuzzOptions = [][]string{
	{"format=json", "format=raw", "format=logfmt", "format=msgpack"},
	{"", "payload_key=p", "layout=fluentbit", "include=topic,offset,headers,key,timestamp,partition"},
	{"", "include=key include_prefix=none", "include=headers,topic include_prefix=a", "include=timestamp"},
	{"", "timestamp_from=field time_key=t time_format=iso8601", "timestamp_from=field time_key=$a['t'] time_format=unix", "timestamp_from=now"},
	{"on_error=keep", "on_error=drop", "on_error=dead_letter", "on_error=keep max_message_bytes=1Ki"},
	{"", "origin_in=record", "tombstones=keep", "origin_in=record tombstones=keep"},
}

// pickOptions is the choice that pick stands for, two bits for each. The
// options of a later one win.
func pickOptions(pick uint16) map[string]string {
	all := map[string]string{}
	for i, choices := range fuzzOptions {
		for name, value := range given(choices[pick>>(2*i)&3]) {
			all[name] = value
		}
	}
	if all["layout"] == layoutFluentBit && all["include_prefix"] == noPrefix {
		delete(all, "include_prefix") // a key would be there twice, which is refused
	}
	return all
}

// FuzzEncode holds that any message is, with any options, exactly one event
// that reads back, or nothing; and that the origin in it is the message's.
func FuzzEncode(f *testing.F) {
	for i, value := range []string{
		`{"a":{"t":1795168800},"t":"2026-11-20T10:00:00"}`, "\xff\xfe", `a=1 b="\u00e9" c`, "\x82\xa1a\x01\xa1b\x93\x01\xc0\xcb", "", `[1,"x"]`, `{"kafka_topic":1,"atopic":2}`,
	} {
		for pick := range uint16(1 << len(fuzzOptions)) {
			f.Add([]byte(value), []byte("k"), []byte("00-"+traceID+"-"+spanID+"-01"), int64(i)-1, bits.Reverse16(pick)>>4|pick, pick&1 == 1)
		}
	}
	f.Add([]byte("{}"), []byte(nil), []byte(nil), int64(math.MaxInt64), uint16(0), false)
	encoders := map[uint16]*encoder{}
	f.Fuzz(func(t *testing.T, value, key, header []byte, timestamp int64, pick uint16, tombstone bool) {
		pick %= 1 << (2 * len(fuzzOptions))
		e := encoders[pick]
		if e == nil {
			e = encoderOf(t, pickOptions(pick))
			encoders[pick] = e
		}
		m := &rdkafka.Message{Topic: "t", Partition: 3, Offset: 1 << 40, Value: value, Key: key, Timestamp: timestamp}
		m.Headers = rdkafka.AppendHeader(rdkafka.AppendHeader(nil, "traceparent", header), string(key), nil)
		if m.Value == nil {
			m.Value = []byte{}
		}
		if tombstone {
			m.Value = nil
		}
		event, out := e.append([]byte("before"), m, 9)
		if !bytes.HasPrefix(event, []byte("before")) {
			t.Fatalf("dst came back as %q", event)
		}
		event = event[len("before"):]
		if (out.verdict == emitted) != (len(event) > 0) || (out.problem == noProblem) != (out.reason == "") {
			t.Fatalf("%+v, and %d bytes", out, len(event))
		}
		if out.verdict == unavailable || out.verdict == deadLetter && out.reason == "" || out.verdict == emitted && out.time == 0 && timestamp > 0 {
			t.Fatalf("%+v", out)
		}
		if len(event) > 3*len(value)+2*(len(key)+len(header))+1000 {
			t.Fatalf("%d bytes out of %d", len(event), len(value))
		}
		if out.verdict == emitted {
			checkEvent(t, event, out, m)
		}
	})
}

// checkEvent holds that event is one event of a message and as deep as the
// host reads.
func checkEvent(t *testing.T, event []byte, out outcome, m *rdkafka.Message) {
	t.Helper()
	r := chunk.NewReader(event)
	var ev chunk.Event
	if !r.Next(&ev) || r.Offset() != len(event) {
		t.Fatalf("%x is no event: %v", event, r.Err())
	}
	if ev.Time/1e6 != out.time {
		t.Fatalf("the event is of %d, the outcome says %d", ev.Time, out.time)
	}
	const want = "\x84\xa5topic\xa1t\xa9partition\x03\xa6offset\xcf\x00\x00\x01\x00\x00\x00\x00\x00\xa6origin"
	if _, inner, found := bytes.Cut(ev.Metadata, []byte("\xa5kafka")); !found || !bytes.HasPrefix(inner[1:], []byte(want[1:])) {
		t.Fatalf("metadata %q of %+v", ev.Metadata, m)
	}
	// An event is one level deeper than its record, the record one deeper than
	// a payload under a key.
	for _, part := range [][]byte{ev.Metadata, ev.Body} {
		if depth := depthOf(part); depth > maxDepth+1 {
			t.Fatalf("nested %d deep", depth)
		}
	}
	if n, _, _ := chunk.ReadMapHeader(ev.Body); out.problem == noProblem && n > maxMembers+10 {
		t.Fatalf("%d members", n)
	}
}

// depthOf is how deep a value is nested, by recursion: nothing like checkValue.
func depthOf(b []byte) int {
	n, rest, kind, _ := readHeader(b)
	if kind == chunk.Map {
		n *= 2
	}
	if kind != chunk.Map && kind != chunk.Array {
		return 0
	}
	deepest := 0
	for range n {
		value, after, err := chunk.ReadValueZC(rest)
		if err != nil {
			return -1
		}
		deepest = max(deepest, depthOf(value))
		rest = after
	}
	return deepest + 1
}

// FuzzCheckValue holds that checkValue takes what chunk takes, within the
// limits, and nothing else.
func FuzzCheckValue(f *testing.F) {
	for _, s := range []string{"\x80", "\x93\x01\x90\x81\xa1a\xc0", "\x91\x91\x91", "\x81\x90\x01", "\xdc\x00\x01\x01", "\xc1", "\x01\x01", "\x82\x01\x90\x90\x01"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		problem, err := checkValue(b, notMsgpack)
		rest, skipErr := chunk.Skip(b)
		sound := skipErr == nil && len(rest) == 0
		switch {
		case (problem == noProblem) != (err == nil):
			t.Fatalf("%v, %v", problem, err)
		case err == nil && !sound:
			t.Fatalf("%x was taken: %v", b, skipErr)
		case err == nil && depthOf(b) > maxDepth:
			t.Fatalf("%x is %d deep", b, depthOf(b))
		case problem == tooDeep && sound && depthOf(b) <= maxDepth:
			t.Fatalf("%x is %d deep, and %v", b, depthOf(b), err)
		case problem == notMsgpack && sound && !bytes.Contains([]byte(err.Error()), []byte("key of a map")):
			t.Fatalf("%x: %v", b, err)
		}
	})
}

// FuzzTraceparent holds that no header breaks the reader, and that ids are
// what they should be.
func FuzzTraceparent(f *testing.F) {
	f.Add([]byte("00-" + traceID + "-" + spanID + "-01"))
	f.Fuzz(func(t *testing.T, value []byte) {
		trace, span, ok := parseTraceparent(value)
		if ok && (len(trace) != 32 || len(span) != 16 || !isHex(trace) || !isHex(span)) {
			t.Fatalf("%q: %q, %q", value, trace, span)
		}
	})
}
