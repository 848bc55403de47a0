package kafkaconf

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"

	"github.com/confluentinc/confluent-kafka-go/v2/kafka"
)

// What a client says again with each connection is one line; what comes as an
// error too is none; what only its log has is told in our words.
func TestClientLog(t *testing.T) {
	lines := make(chan kafka.LogEvent, 1000)
	for range 100 {
		lines <- kafka.LogEvent{Tag: "SSL", Level: 3, Message: "[thrd:k:1]: No matching issuer found"}
		lines <- kafka.LogEvent{Tag: "FAIL", Level: 3, Message: "[thrd:k:1]: SSL handshake failed"}
		lines <- kafka.LogEvent{Tag: "FATAL", Level: 0, Message: "[thrd:main]: Fatal error"}
		lines <- kafka.LogEvent{Tag: "FAIL", Level: 6, Message: "[thrd:k:1]: k:1: Disconnected: connection reset by peer (after 1ms in state APIVERSION_QUERY, 1 identical error(s) suppressed)"}
	}
	lines <- kafka.LogEvent{Tag: "CONFWARN", Level: 4, Message: "one property"}
	lines <- kafka.LogEvent{Tag: "CONFWARN", Level: 4, Message: "another property"}
	close(lines)
	var text bytes.Buffer
	LogClient(slog.New(slog.NewTextHandler(&text, nil)), lines, nil)
	f := func(part string, want int) {
		t.Helper()
		if got := strings.Count(text.String(), part); got != want {
			t.Errorf("%d lines with %q, want %d, in\n%s", got, part, want, text.String())
		}
	}
	f("\n", 4)
	f("No matching issuer", 1)
	f("level=ERROR", 1)
	f(Mismatched.Text(Consumer), 1)
	f("one property", 1)
	f("another property", 1)
}

func TestHangUp(t *testing.T) {
	f := func(level int, text string, want bool) {
		t.Helper()
		if got := isHangUp(kafka.LogEvent{Tag: "FAIL", Level: level, Message: text}); got != want {
			t.Errorf("%d %s: %v", level, text, got)
		}
	}
	f(6, "k:1/1: Disconnected: connection reset by peer (after 3ms in state UP, 1 identical error(s) suppressed)", true)
	f(4, "k:1/1: Disconnected (after 302ms in state APIVERSION_QUERY, 4 identical error(s) suppressed)", true)
	f(6, "k:1/1: Disconnected (after 3ms in state UP)", false)
	f(6, "k:1/1: Disconnected (after 600123ms in state UP, 1 identical error(s) suppressed)", false)
	f(6, "k:1/1: Connect to k:1 failed (after 1ms in state CONNECT, 1 identical error(s) suppressed)", false)
	f(3, "k:1/1: Disconnected (after 1ms in state APIVERSION_QUERY, 1 identical error(s) suppressed)", false)
}
