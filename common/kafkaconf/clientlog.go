package kafkaconf

import (
	"context"
	"log/slog"

	"github.com/confluentinc/confluent-kafka-go/v2/kafka"
)

// LogClient writes librdkafka's own log lines to the agent's log, until stop
// or the end of lines. What it says of connections comes as errors too, with
// more in them, so those lines are for debugging only.
func LogClient(log *slog.Logger, lines <-chan kafka.LogEvent, stop <-chan struct{}) {
	for {
		select {
		case <-stop:
			return
		case line, ok := <-lines:
			if !ok {
				return
			}
			level := slog.LevelInfo
			switch {
			case line.Level >= 7 || line.Tag == "FAIL" || line.Tag == "ERROR":
				level = slog.LevelDebug
			case line.Level <= 4: // syslog: warning and worse
				level = slog.LevelWarn
			}
			log.Log(context.Background(), level, "librdkafka: "+line.Message, "facility", line.Tag)
		}
	}
}
