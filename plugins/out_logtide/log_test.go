package outlogtide

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/tidegate/tidegate/common/chunk"
)

// logOf encodes one record by the options.
func logOf(t *testing.T, body []byte, settings ...string) string {
	t.Helper()
	c := NewConfig()
	if err := parse(c, append(settings, "url=http://x", "api_key=k")...); err != nil {
		t.Fatal(err)
	}
	b := newBatch(newPlan(&c.sources))
	b.fixed = b.plan.resolve("kafka.orders.7")
	if err := b.add(0, &chunk.Event{Time: eventTime, Body: body}); err != nil {
		t.Fatal(err)
	}
	out := b.arena[b.entries[0].start:b.entries[0].end]
	if !json.Valid(out) {
		t.Fatalf("no JSON: %s", out)
	}
	return string(out)
}

const (
	at   = `{"time":"2026-11-20T12:00:00.5Z",`
	head = at + `"service":"unknown","level":"info",`
)

func TestLogs(t *testing.T) {
	f := func(record, want string, settings ...string) {
		t.Helper()
		if got := logOf(t, pack(t, record), settings...); got != want {
			t.Errorf("%s\n got %s\nwant %s", record, got, want)
		}
	}
	// What the producers of LogTide's Kafka guide send.
	f(`{"level":"info","message":"hello","service":"shop","metadata":{"user":7},"timestamp":"2026-11-20T10:00:00.123Z","hostname":"h1"}`,
		`{"time":"2026-11-20T10:00:00.123Z","service":"shop","level":"info","message":"hello","metadata":{"hostname":"h1","user":7}}`)
	f(`{"level":"WARNING","message":"hello","service":"shop","metadata":{},"timestamp":"2026-11-20T12:00:00.123456+02:00","hostname":"h1"}`,
		`{"time":"2026-11-20T10:00:00.123456Z","service":"shop","level":"warn","message":"hello","metadata":{"hostname":"h1"}}`)

	// Members of metadata that have the name of another field.
	f(`{"message":"m","metadata":{"a":1,"b":2,"metadata":3},"a":4}`, head+`"message":"m","metadata":{"a":4,"b":2,"metadata":{"a":1,"metadata":3}}}`)
	f(`{"message":"m","metadata":{"message":"other"}}`, head+`"message":"m","metadata":{"message":"other"}}`)
	f(`{"message":"m","metadata":"text"}`, head+`"message":"m","metadata":{"metadata":"text"}}`)
	f(`{"message":"m","metadata":{}}`, head+`"message":"m"}`)

	// Messages.
	f(`{"log":"m"}`, head+`"message":"m"}`)
	f(`{"MESSAGE":"m","message":""}`, head+`"message":"m","metadata":{"message":""}}`)
	f(`{"message":"a","log":"b"}`, head+`"message":"a","metadata":{"log":"b"}}`)
	f(`{"message":5}`, head+`"message":"5"}`)
	f(`{"message":{"a":1}}`, head+`"message":"{\"a\":1}","metadata":{"message":{"a":1}}}`)
	f(`{"message":null,"a":"\u0000x"}`, head+`"message":"{\"message\":null,\"a\":\"x\"}","metadata":{"message":null,"a":"x"}}`)
	f(`{}`, head+`"message":"(empty)"}`)
	f(`{"a":{"b":"deep"},"message":"m"}`, head+`"message":"deep","metadata":{"a":{"b":"deep"},"message":"m"}}`, "message=$a['b']")
	f(`{"text":"t","message":"m"}`, head+`"message":"t","metadata":{"message":"m"}}`, "message=$text")

	// NUL bytes, and what only looks like one.
	f(`{"message":"a\u0000b","k\u0000":"\u0000","back":"\\u0000"}`, head+`"message":"ab","metadata":{"k":"","back":"\\u0000"}}`)
	f(`{"message":"\u0000","log":"x"}`, head+`"message":"x","metadata":{"message":""}}`)
	f(`{"message":"\\\u0000u0000"}`, head+`"message":"\\u0000"}`)

	// Ids.
	f(`{"message":"m","trace_id":"abc","span_id":"00F067AA0BA902B7"}`, head+`"message":"m","trace_id":"abc","span_id":"00f067aa0ba902b7"}`)
	f(`{"message":"m","trace_id":"","span_id":"xyz"}`, head+`"message":"m","metadata":{"trace_id":"","span_id":"xyz"}}`)
	f(`{"message":"m","trace_id":12,"span_id":null}`, head+`"message":"m","trace_id":"12","metadata":{"span_id":null}}`)
	f(`{"message":"m","t":{"id":"a","span":"00f067aa0ba902b7"}}`, head+`"message":"m","trace_id":"a","span_id":"00f067aa0ba902b7","metadata":{"t":{"id":"a","span":"00f067aa0ba902b7"}}}`, "trace_id=$t['id']", "span_id=$t['span']")

	// Repeated keys: the last counts, the first is not gone.
	f(`{"message":"a","message":"b"}`, head+`"message":"b","metadata":{"message":"a"}}`)
}

func TestOddBytes(t *testing.T) {
	f := func(body, want string) {
		t.Helper()
		if got := logOf(t, []byte(body)); got != want {
			t.Errorf("%q\n got %s\nwant %s", body, got, want)
		}
	}
	f("\x81\xa7message\xa3a\xffb", head+"\"message\":\"a\uFFFDb\"}")
	f("\x81\xa7message\xc4\x03bin", head+`"message":"bin"}`)
	f("\x82\xa7message\xa1m\x05\xa4five", head+`"message":"m","metadata":{"5":"five"}}`)
	f("\x82\xa7message\xa1m\xc0\xcb\x7f\xf8\x00\x00\x00\x00\x00\x00", head+`"message":"m","metadata":{"null":null}}`)
}

func TestServices(t *testing.T) {
	f := func(record, want string, settings ...string) {
		t.Helper()
		var got sentLog
		if err := json.Unmarshal([]byte(logOf(t, pack(t, record), settings...)), &got); err != nil || got.Service != want {
			t.Errorf("%s: got %q, %v; want %q", record, got.Service, err, want)
		}
	}
	f(`{"service":"a","container_name":"b"}`, "a")
	f(`{"service":"","container_name":"b"}`, "b")
	f(`{"service":"\u0000","container_name":"b"}`, "b")
	f(`{"service":7}`, "7")
	f(`{"service":{"name":"x"},"_COMM":"c"}`, "c")
	f(`{"SYSLOG_IDENTIFIER":"sshd","_SYSTEMD_UNIT":"ssh.service"}`, "sshd")
	f(`{"_SYSTEMD_UNIT":"ssh.service","_COMM":"c"}`, "ssh")
	f(`{"_SYSTEMD_UNIT":".service","_COMM":"c"}`, "c")
	f(`{"_COMM":"c","_EXE":"/usr/bin/x"}`, "c")
	f(`{"_EXE":"/usr/bin/x"}`, "x")
	f(`{"_EXE":"/usr/bin/"}`, "unknown")
	f(`{}`, "unknown")
	f(`{"service":"a"}`, "fixed", "service=fixed")
	f(`{"service":"a","app":"b"}`, "b", "service=$app")
	f(`{"service":"a"}`, "a", "service=$app")
	f(`{"service":"a"}`, "orders", "service=$TAG[1]")
	f(`{"service":"a"}`, "kafka.orders.7", "service=$TAG")
	f(`{"service":"a"}`, "a", "service=$TAG[9]")
	// 100 characters, as the server counts them.
	f(`{"service":"`+strings.Repeat("é", 100)+`"}`, strings.Repeat("é", 100))
	f(`{"service":"`+strings.Repeat("é", 101)+`"}`, strings.Repeat("é", 100))
	f(`{"service":"a`+strings.Repeat("🙂", 51)+`"}`, "a"+strings.Repeat("🙂", 49))
	f(`{"service":"`+strings.Repeat(`\u0000x`, 100)+`"}`, strings.Repeat("x", 100))
}

func TestCutServiceStaysWhole(t *testing.T) {
	long := strings.Repeat("s", 101)
	if got := logOf(t, pack(t, `{"message":"m","service":"`+long+`"}`)); !strings.Contains(got, `"metadata":{"service":"`+long+`"}`) {
		t.Errorf("got %s", got)
	}
}

func TestLevels(t *testing.T) {
	f := func(want string, kept bool, values ...string) {
		t.Helper()
		for _, value := range values {
			var got sentLog
			record := `{"message":"m","level":` + value + `}`
			if err := json.Unmarshal([]byte(logOf(t, pack(t, record))), &got); err != nil {
				t.Fatal(err)
			}
			if _, is := got.Metadata["level"]; got.Level != want || is != kept {
				t.Errorf("%s: got %q, kept %v; want %q, %v", value, got.Level, is, want, kept)
			}
		}
	}
	f("critical", false, `"emerg"`, `"EMERGENCY"`, `"alert"`, `"crit"`, `"critical"`, `"Fatal"`, `60`, `70`, `"60"`)
	f("error", false, `"err"`, `"error"`, `" ERROR "`, `50`, `59.9`)
	f("warn", false, `"warning"`, `"warn"`, `40`, `49`)
	f("info", false, `"notice"`, `"info"`, `"Information"`, `30`, `"30"`)
	f("debug", false, `"debug"`, `"trace"`, `"verbose"`, `20`, `10`, `0`, `-1`)
	f("info", true, `"loud"`, `""`, `null`, `true`, `[]`, `{}`, `"inf"`, `"nan"`, `"-"`, `"0x10"`, `"informations"`, `1e300`)

	g := func(priority, want string, settings ...string) {
		t.Helper()
		var got sentLog
		if err := json.Unmarshal([]byte(logOf(t, pack(t, `{"message":"m","PRIORITY":`+priority+`}`), settings...)), &got); err != nil {
			t.Fatal(err)
		}
		if string(got.Metadata["PRIORITY"]) != priority || got.Level != want {
			t.Errorf("%s: got %q, %s", priority, got.Level, got.Metadata)
		}
	}
	for i, want := range []string{"critical", "critical", "critical", "error", "warn", "info", "info", "debug", "info"} {
		digit := string(rune('0' + i))
		g(digit, want)
		g(`"`+digit+`"`, want)
		g(digit, want, "level=$PRIORITY")
	}
	g(`"high"`, "info")
	// What cannot be understood leaves the word to the next in the chain.
	got := logOf(t, pack(t, `{"message":"m","level":"?","PRIORITY":3,"sev":"bad"}`), "level=$sev")
	if !strings.Contains(got, `"level":"error"`) || !strings.Contains(got, `"sev":"bad"`) {
		t.Errorf("got %s", got)
	}
}

func TestTimes(t *testing.T) {
	const event = "2026-11-20T12:00:00.5Z"
	f := func(field, value, want string, settings ...string) {
		t.Helper()
		var got sentLog
		if err := json.Unmarshal([]byte(logOf(t, pack(t, `{"message":"m","`+field+`":`+value+`}`), settings...)), &got); err != nil {
			t.Fatal(err)
		}
		_, kept := got.Metadata[field]
		if got.Time != want || kept != (want == event) {
			t.Errorf("%s %s: got %s, kept %v; want %s", field, value, got.Time, kept, want)
		}
	}
	for _, field := range []string{"time", "timestamp"} {
		f(field, `"2026-01-02T03:04:05Z"`, "2026-01-02T03:04:05Z")
		f(field, `"2026-01-02T03:04:05.123456789Z"`, "2026-01-02T03:04:05.123456789Z")
		f(field, `"2026-01-02T03:04:05.123456789123Z"`, "2026-01-02T03:04:05.123456789Z")
		f(field, `"2026-01-02T03:04:05+02:00"`, "2026-01-02T01:04:05Z")
		f(field, `"2026-01-02 03:04:05,5+0230"`, "2026-01-02T00:34:05.5Z")
		f(field, `"2026-01-02T03:04:05-03"`, "2026-01-02T06:04:05Z")
		f(field, `" 2026-01-02t03:04:05z\u0000"`, "2026-01-02T03:04:05Z")
		f(field, `"9999-12-31T23:59:59Z"`, "9999-12-31T23:59:59Z")
		for _, bad := range []string{
			`"2026-01-02T03:04:05"`, `"2026-01-02"`, `"yesterday"`, `""`, `null`, `1700000000`, `"1700000000000"`, `[]`,
			`"0001-01-01T00:00:00Z"`, `"9999-12-31T23:59:59-01:00"`, `"2026-02-30T00:00:00Z"`, `"2026-01-02T25:00:00Z"`,
			`"2026-01-02T03:04:05+99:99"`, `"2026-01-02T03:04:05+"`, `"2026-01-02T03:04:05.Z"`,
		} {
			f(field, bad, event)
		}
	}
	f("__REALTIME_TIMESTAMP", `"1700000000123456"`, "2023-11-14T22:13:20.123456Z")
	f("__REALTIME_TIMESTAMP", `1700000000123456`, "2023-11-14T22:13:20.123456Z")
	f("__REALTIME_TIMESTAMP", `"x"`, event)
	f("__REALTIME_TIMESTAMP", `"-5"`, event)
	f("__REALTIME_TIMESTAMP", `999999999999999999`, event)
	f("ts", `"2026-01-02T03:04:05Z"`, "2026-01-02T03:04:05Z", "time=$ts")
	f("ts", `"soon"`, event, "time=$ts")
}
