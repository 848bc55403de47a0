package inkafka

import (
	"strings"
	"testing"

	"github.com/tidegate/tidegate/common/rdkafka"
)

const (
	traceID = "4bf92f3577b34da6a3ce929d0e0e4736"
	spanID  = "00f067aa0ba902b7"
)

func TestTraceparent(t *testing.T) {
	good := "00-" + traceID + "-" + spanID + "-01"
	for value, want := range map[string]bool{
		good:                      true,
		"cc" + good[2:]:           true,
		"cc" + good[2:] + "-more": true,
		"cc" + good[2:] + "more":  false,
		good + "-more":            false,
		"ff" + good[2:]:           false,
		"":                        false,
		good[:54]:                 false,
		strings.ToUpper(good):     false,
		"00-" + strings.Repeat("0", 32) + "-" + spanID + "-01":  false,
		"00-" + traceID + "-" + strings.Repeat("0", 16) + "-01": false,
		"00-" + traceID + "-" + spanID + "-0x":                  false,
		"00_" + traceID + "-" + spanID + "-01":                  false,
		"00-" + traceID[:31] + "g-" + spanID + "-01":            false,
	} {
		m := message(`{}`)
		m.Headers = rdkafka.AppendHeader(nil, "Traceparent", []byte(value))
		got, _ := encode(t, encoderOf(t, nil), m)
		const ids = `,"trace_id":"` + traceID + `","span_id":"` + spanID + `"} {}`
		if strings.HasSuffix(got, ids) != want || !want && strings.Contains(got, "trace_id") {
			t.Errorf("%s: %s", value, got)
		}
		if !strings.Contains(got, `"headers":[["Traceparent","`+value+`"]]`) {
			t.Errorf("%s: the header is gone: %s", value, got)
		}
	}
}

// The last valid one counts, as for every reader of OpenTelemetry's.
func TestTraceparentRepeated(t *testing.T) {
	other := strings.Replace(traceID, "4", "5", 1)
	m := message(`{}`)
	for _, value := range []string{"00-" + traceID + "-" + spanID + "-01", "00-" + other + "-" + spanID + "-00", "junk"} {
		m.Headers = rdkafka.AppendHeader(m.Headers, "traceparent", []byte(value))
	}
	m.Headers = rdkafka.AppendHeader(m.Headers, "traceparent", nil)
	got, _ := encode(t, encoderOf(t, nil), m)
	if !strings.Contains(got, `"trace_id":"`+other+`"`) {
		t.Errorf("got %s", got)
	}
}
