package outlogtide

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tidegate/tidegate/common/chunk"
	"github.com/tidegate/tidegate/common/plugin"
)

// broken are records that break the server's rules, %d is their number. Two
// more kinds are made of bytes.
var broken = []string{
	`{"n":%d}`, // no member at all
	`{"n":%d,"service":"","level":"","message":""}`,
	`{"n":%d,"service":{"a":1},"level":[],"message":null}`,
	`{"n":%d,"service":"` + strings.Repeat("ü", 300) + `","message":"m"}`,
	`{"n":%d,"level":"LOUD","message":"m"}`,
	`{"n":%d,"level":35.5,"message":7}`,
	`{"n":%d,"time":"now","timestamp":12,"message":"m"}`,
	`{"n":%d,"trace_id":{"x":1},"span_id":"short","message":"m"}`,
	`{"n":%d,"metadata":[1],"message":"m"}`,
	`{"n":%d,"message":"a\u0000b","k\u0000":"\u0000"}`,
}

// brokenRecord is the i-th of the kinds, which repeat.
func brokenRecord(t *testing.T, kind, i int) (body []byte, sendable bool) {
	switch kind %= len(broken) + 2; kind {
	case len(broken):
		return notUTF8(i), true
	case len(broken) + 1:
		return []byte("\x81\xa1d" + strings.Repeat("\x91", 200) + "\xc0"), false
	default:
		return pack(t, fmt.Sprintf(broken[kind], i)), true
	}
}

// 10,000 records of which one in a hundred would break a rule of the server:
// each arrives as it should, or is rejected with a reason.
func TestBrokenRecordsAreNormalised(t *testing.T) {
	server := startLogtide(t, good)
	o, log := newTestOutput(t, "url="+server.URL)
	const records, every = 10_000, 100
	var data []byte
	tooDeep := 0
	for i := range records {
		body := pack(t, fmt.Sprintf(`{"n":%d,"service":"s","level":"info","message":"m"}`, i))
		if i%every == 0 {
			var sendable bool
			if body, sendable = brokenRecord(t, i/every, i); !sendable {
				tooDeep++
			}
		}
		data = appendEvent(data, body)
	}
	if r := o.Flush(t.Context(), "tag", data); r != plugin.OK {
		t.Fatalf("got %v: %s", r, log)
	}
	seen := map[string]int{}
	for _, logs := range server.requests {
		for _, l := range logs {
			if err := checkLog(&l); err != nil {
				t.Error(err)
			}
			seen[string(l.Metadata["n"])]++
		}
	}
	missing := 0
	for i := range records {
		switch n := seen[fmt.Sprint(i)]; {
		case n == 0:
			missing++
		case n > 1:
			t.Errorf("record %d arrived %d times", i, n)
		}
	}
	if missing != tooDeep || o.report.rejected.Records(unencodable) != int64(tooDeep) || !strings.Contains(log.String(), "nested too deep") {
		t.Errorf("%d are missing, %d cannot be sent, %d were rejected: %s", missing, tooDeep, o.report.rejected.Records(unencodable), log)
	}
}

// notUTF8 is a record whose service and message are no UTF-8.
func notUTF8(i int) []byte {
	return chunk.AppendInt([]byte("\x83\xa7service\xa2\xc3\x28\xa7message\xa1\xff\xa1n"), int64(i))
}

// checkLog holds a log against LogTide's rules.
func checkLog(l *sentLog) error {
	at, err := time.Parse(time.RFC3339Nano, l.Time)
	switch {
	case err != nil || !strings.HasSuffix(l.Time, "Z") || at.Unix() < 0:
		return fmt.Errorf("time %q", l.Time)
	case l.Service == "" || units(l.Service) > maxService:
		return fmt.Errorf("service %q", l.Service)
	case !slices.Contains([]string{"debug", "info", "warn", "error", "critical"}, l.Level):
		return fmt.Errorf("level %q", l.Level)
	case l.Message == "":
		return fmt.Errorf("no message")
	case l.TraceID != nil && *l.TraceID == "":
		return fmt.Errorf("empty trace id")
	case l.SpanID != nil && !isHex([]byte(*l.SpanID), spanIDLength):
		return fmt.Errorf("span id %q", *l.SpanID)
	}
	whole, err := json.Marshal(l)
	if err == nil && strings.Contains(strings.ReplaceAll(string(whole), `\\`, ""), `\u0000`) {
		err = fmt.Errorf("NUL in %s", whole)
	}
	return err
}
