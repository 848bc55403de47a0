package inkafka

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"
	"time"

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
