package inkafka

import (
	"testing"
	"time"

	"github.com/confluentinc/confluent-kafka-go/v2/kafka"
)

func TestStartPoint(t *testing.T) {
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	for text, want := range map[string]kafka.Offset{
		"earliest":                  kafka.OffsetBeginning,
		"Latest":                    kafka.OffsetEnd,
		"-1h":                       kafka.Offset(now.Add(-time.Hour).UnixMilli()),
		"-7d":                       kafka.Offset(now.AddDate(0, 0, -7).UnixMilli()),
		"-1d12h30m":                 kafka.Offset(now.Add(-36*time.Hour - 30*time.Minute).UnixMilli()),
		"-36500d":                   0, // before 1970 is 1970: -1 and -2 mean something else
		"2026-03-01T06:00:00Z":      kafka.Offset(now.Add(-6 * time.Hour).UnixMilli()),
		"2026-03-01T06:00:00+02:00": kafka.Offset(now.Add(-8 * time.Hour).UnixMilli()),
		"2026-03-01T06:00:00.25Z":   kafka.Offset(now.Add(-6*time.Hour + 250*time.Millisecond).UnixMilli()),
		"1970-01-01T00:00:00Z":      0,
	} {
		point, err := parseStartPoint(text)
		if err != nil {
			t.Errorf("%s: %v", text, err)
		} else if got := point.spec(now); got != want {
			t.Errorf("%s: got %d, want %d", text, int64(got), int64(want))
		}
	}
}

func TestStartPointRefuses(t *testing.T) {
	for _, text := range []string{
		"", "-", "first", "1h", "+1h", "--1h", "-+1h", "-0s", "-0d", "-1", "-d", "-1.5d", "-1h7d", "-36501d", "-99999999999d", "-9999999h",
		"-1d-2h", "2026-03-01", "2026-03-01 06:00:00Z", "2026-03-01T06:00:00", "2026-13-01T06:00:00Z", "1969-12-31T23:59:59.999Z", "1767225600", "-1w",
	} {
		if point, err := parseStartPoint(text); err == nil {
			t.Errorf("%q is taken as %+v", text, point)
		}
	}
}

func FuzzStartPoint(f *testing.F) {
	for _, text := range []string{"earliest", "latest", "-1h", "-7d3h", "2026-03-01T06:00:00Z", "-36500d", "1969-12-31T23:59:59Z"} {
		f.Add(text)
	}
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	f.Fuzz(func(t *testing.T, text string) {
		point, err := parseStartPoint(text)
		if err != nil {
			return
		}
		spec := point.spec(now)
		if spec < 0 && spec != kafka.OffsetBeginning && spec != kafka.OffsetEnd {
			t.Fatalf("%q asks Kafka for %d", text, int64(spec))
		}
		if (spec < 0) != (point.kind == pointEarliest || point.kind == pointLatest) {
			t.Fatalf("%q is a time, and asks Kafka for %d", text, int64(spec))
		}
		again, err := parseStartPoint(point.String())
		if err != nil || again.spec(now) != spec {
			t.Fatalf("%q prints as %q, which is %+v, %v", text, point, again, err)
		}
	})
}
