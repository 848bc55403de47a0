package inkafka

import (
	"math"
	"strings"
	"testing"

	"github.com/tidegate/tidegate/common/chunk"
)

func TestTimestamp(t *testing.T) {
	for _, c := range []struct {
		options []string
		value   string
		want    string // the event's time, and the problem
	}{
		{[]string{"timestamp_from=now"}, `{}`, "00:01:00.005"},
		{[]string{"timestamp_from=field", "time_key=t"}, `{"t":"2026-11-20T10:00:00.5Z"}`, "10:00:00.500"},
		{[]string{"timestamp_from=field", "time_key=$a['t']"}, `{"a":{"t":"2026-11-20T10:00:00.5Z"}}`, "10:00:00.500"},
		{[]string{"timestamp_from=field", "time_key=$l[1]"}, `{"l":[0,"2026-11-20T10:00:00.5Z"]}`, "10:00:00.500"},
		{[]string{"timestamp_from=field", "time_key=t", "payload_key=p"}, `{"t":"2026-11-20T10:00:00Z"}`, "10:00:00.000"},
		{[]string{"timestamp_from=field", "time_key=t", "layout=fluentbit"}, `{"t":"2026-11-20T10:00:00Z"}`, "10:00:00.000"},
		{[]string{"timestamp_from=field", "time_key=t", "origin_in=record", "include=topic"}, `{"t":"2026-11-20T10:00:00Z"}`, "10:00:00.000"},
		{[]string{"timestamp_from=field", "time_key=t", "format=logfmt"}, `t=2026-11-20T10:00:00Z`, "10:00:00.000"},
		{[]string{"timestamp_from=field", "time_key=t", "format=msgpack", "time_format=unix"}, "\x81\xa1t\xce\x6a\xff\x00\x00", "13:56:16.000"},
		{[]string{"timestamp_from=field", "time_key=t", "time_format=unix_ms"}, `{"t":1795168800123}`, "10:00:00.123"},
		{[]string{"timestamp_from=field", "time_key=t", "time_format=unix_ms"}, `{"t":"1795168800123"}`, "10:00:00.123"},
		{[]string{"timestamp_from=field", "time_key=t", "time_format=unix"}, `{"t":1795168800.123}`, "10:00:00.123"},
		{[]string{"timestamp_from=field", "time_key=t", "time_format=%Y-%m-%d %H:%M:%S", "time_zone=Europe/Berlin"}, `{"t":"2026-11-20 10:00:00"}`, "09:00:00.000"},
		{[]string{"timestamp_from=field", "time_key=t", "time_format=iso8601", "time_zone=-03:00"}, `{"t":"2026-11-20T10:00:00"}`, "13:00:00.000"},
		// Of repeated keys the last counts, as for every path.
		{[]string{"timestamp_from=field", "time_key=t"}, `{"t":1,"t":"2026-11-20T10:00:00Z"}`, "10:00:00.000"},

		{[]string{"timestamp_from=field", "time_key=t"}, `{}`, "00:00:01.234 time"},
		{[]string{"timestamp_from=field", "time_key=t"}, `7`, "00:00:01.234 time"},
		{[]string{"timestamp_from=field", "time_key=message"}, `"2026-11-20T10:00:00Z"`, "00:00:01.234 time"},
		{[]string{"timestamp_from=field", "time_key=t"}, `{"t":null}`, "00:00:01.234 time"},
		{[]string{"timestamp_from=field", "time_key=t"}, `{"t":{"t":1}}`, "00:00:01.234 time"},
		{[]string{"timestamp_from=field", "time_key=t"}, `{"t":"yesterday"}`, "00:00:01.234 time"},
		{[]string{"timestamp_from=field", "time_key=t"}, `{"t":"1969-12-31T23:59:59Z"}`, "00:00:01.234 time"},
		{[]string{"timestamp_from=field", "time_key=t"}, `{"t":"0001-01-01T00:00:00Z"}`, "00:00:01.234 time"},
		{[]string{"timestamp_from=field", "time_key=t"}, `{"t":"2107-01-01T00:00:00Z"}`, "00:00:01.234 time"},
		{[]string{"timestamp_from=field", "time_key=t", "time_format=unix"}, `{"t":-1}`, "00:00:01.234 time"},
		{[]string{"timestamp_from=field", "time_key=t", "time_format=unix"}, `{"t":1e300}`, "00:00:01.234 time"},
		{[]string{"timestamp_from=field", "time_key=t"}, `not JSON`, "00:00:01.234 json"},
	} {
		given := map[string]string{}
		for _, o := range c.options {
			name, value, _ := strings.Cut(o, "=")
			given[name] = value
		}
		line, out := encode(t, encoderOf(t, given), message(c.value))
		at, _, _ := strings.Cut(line, " ")
		if out.problem != noProblem {
			at += " " + out.problem.String()
		}
		if at != c.want || (out.problem != noProblem) != (out.reason != "") {
			t.Errorf("%v %s: %s (%s), want %s", c.options, c.value, at, out.reason, c.want)
		}
	}
}

// What an event says of its time is what the encoder says of it.
func TestOutcomeTime(t *testing.T) {
	e := encoderOf(t, map[string]string{"timestamp_from": "field", "time_key": "t"})
	for at, want := range map[int64]int64{0: 0, 1: 1, math.MaxInt64: lastSecond*1000 + 999, -1: 60005, -5: 60005} {
		m := message(`x`)
		m.Timestamp = at
		event, out := e.append(nil, m, 3)
		r := chunk.NewReader(event)
		var ev chunk.Event
		if !r.Next(&ev) || ev.Time/1e6 != want || out.time != want {
			t.Errorf("at %d: %d and %d, want %d", at, ev.Time/1e6, out.time, want)
		}
	}
	for value, want := range map[string]int64{`{"t":"2026-11-20T10:00:00.5Z"}`: 1795168800500, `{}`: 1234, `x`: 1234} {
		if _, out := encode(t, e, message(value)); out.time != want {
			t.Errorf("%s: %d, want %d", value, out.time, want)
		}
	}
}
