package inkafka

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/tidegate/tidegate/common/chunk"
	"github.com/tidegate/tidegate/common/delivery"
)

func TestHealth(t *testing.T) {
	t.Parallel()
	start := time.Unix(1_700_000_000, 0)
	registry := delivery.NewRegistry(start)
	registry.Join("tidegate_loki", "loki")
	l := delivery.NewLedger(registry, delivery.Options{MaxInFlight: 1 << 20})
	if err := l.Start(); err != nil {
		t.Fatal(err)
	}
	var log bytes.Buffer
	h := &health{log: slog.New(slog.NewTextHandler(&log, nil)), after: time.Minute}
	look := func(after time.Duration, progress, want bool, line string) {
		t.Helper()
		log.Reset()
		h.look(start.Add(after), l, progress)
		if h.stuck.Load() != want || !strings.Contains(log.String(), line) || line == "" && log.Len() > 0 {
			t.Errorf("after %s: stuck %v, log %q", after, h.stuck.Load(), log.String())
		}
	}
	look(0, false, false, "")
	look(time.Hour, false, false, "") // nothing on the way

	b := l.Batch("t")
	b.Events = append(b.Events, 1)
	b.Emit(l.Assign(delivery.Partition{Topic: "logs"}), 0, 0)
	l.Add(b, start)
	l.Appended(b, start)
	look(time.Hour+59*time.Second, false, false, "")
	look(time.Hour+60*time.Second, false, true, "no progress")
	look(time.Hour+61*time.Second, false, true, "") // throttled
	look(time.Hour+62*time.Second, true, false, "progress again")
	look(time.Hour+63*time.Second, false, false, "")
}

// TestHealthBlocked holds that a reader whose next message waits for a server is
// stuck as well, with nothing on the way.
func TestHealthBlocked(t *testing.T) {
	t.Parallel()
	start := time.Unix(1_700_000_000, 0)
	l := delivery.NewLedger(delivery.NewRegistry(start), delivery.Options{MaxInFlight: 1 << 20})
	var log bytes.Buffer
	h := &health{log: slog.New(slog.NewTextHandler(&log, nil)), after: time.Minute}
	h.look(start, l, false)
	h.blocked.Store(start.UnixMilli())
	h.look(start.Add(59*time.Second), l, false)
	if h.stuck.Load() {
		t.Error("stuck too early")
	}
	h.look(start.Add(60*time.Second), l, false)
	if !h.stuck.Load() || !strings.Contains(log.String(), "the reading waits") {
		t.Errorf("stuck %v, log %q", h.stuck.Load(), log.String())
	}
	h.blocked.Store(0)
	h.look(start.Add(61*time.Second), l, false)
	if h.stuck.Load() {
		t.Error("still stuck")
	}
}

// TestHealthLate holds that the log tells of records that came after their
// offsets were committed.
func TestHealthLate(t *testing.T) {
	t.Parallel()
	start := time.Unix(1_700_000_000, 0)
	registry := delivery.NewRegistry(start)
	output := registry.Join("tidegate_loki", "loki")
	l := delivery.NewLedger(registry, delivery.Options{Source: 7, MaxInFlight: 1 << 20})
	if err := l.Start(); err != nil {
		t.Fatal(err)
	}
	e := encoderOf(t, given(""))
	e.place.source = 7
	a := l.Assign(delivery.Partition{Topic: "logs.application", ID: 3})
	m := sampleMessage(sample, false)
	b := l.Batch("t")
	b.Events, _ = e.append(b.Events, m, a.Number)
	data := bytes.Clone(b.Events)
	b.Emit(a, m.Offset, m.Timestamp)
	l.Add(b, start)
	l.Appended(b, start)
	l.Taken(delivery.Count{Records: 1}, start)
	l.Redeliver(nil, start.Add(2*time.Minute)) // more than an agent's flush interval may be

	c := output.Chunk("t", len(data))
	for all := chunk.NewRecords(data); all.Next(); {
		c.Add(&all.Event)
	}
	c.Start(start.Add(3 * time.Minute))
	var log bytes.Buffer
	h := &health{log: slog.New(slog.NewTextHandler(&log, nil)), after: time.Minute}
	for range 2 {
		h.look(start.Add(3*time.Minute), l, true)
	}
	if n := strings.Count(log.String(), "Flush of [SERVICE]"); n != 1 || !strings.Contains(log.String(), "records=1") {
		t.Errorf("%d lines: %s", n, log.String())
	}
}
