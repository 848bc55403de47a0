package kafkaconf

import (
	"context"
	"log/slog"
	"time"

	"github.com/confluentinc/confluent-kafka-go/v2/kafka"

	"github.com/tidegate/tidegate/common/throttle"
)

// LogClient writes librdkafka's own log lines to the agent's log, until stop
// or the end of lines.
func LogClient(log *slog.Logger, lines <-chan kafka.LogEvent, stop <-chan struct{}) {
	c := clientLog{log: log, repeats: map[string]*throttle.Line{}}
	for {
		select {
		case <-stop:
			return
		case line, ok := <-lines:
			if !ok {
				return
			}
			c.write(time.Now(), line)
		}
	}
}

// maxRepeats bounds the texts that are remembered: some hold addresses.
const maxRepeats = 64

// clientLog belongs to one goroutine.
type clientLog struct {
	log     *slog.Logger
	hangUps throttle.Line
	repeats map[string]*throttle.Line // by text: a client repeats itself with each connection
}

func (c *clientLog) write(now time.Time, line kafka.LogEvent) {
	if isHangUp(line) {
		if _, due := c.hangUps.Add(now, 1); due {
			c.log.Error(Mismatched.Text(Consumer)+": one that expects TLS or SASL ends connections like this", "err", line.Message)
			return
		}
	}
	level := levelOf(line)
	if level >= slog.LevelWarn && !c.due(now, line.Message) {
		level = slog.LevelDebug
	}
	c.log.Log(context.Background(), level, "librdkafka: "+line.Message, "facility", line.Tag)
}

// levelOf keeps what comes as an error too, with more in it, for debugging.
func levelOf(line kafka.LogEvent) slog.Level {
	switch {
	case line.Level >= 7 || line.Tag == "FAIL" || line.Tag == "ERROR" || line.Tag == "FATAL":
		return slog.LevelDebug
	case line.Level <= 4: // syslog: warning and worse
		return slog.LevelWarn
	}
	return slog.LevelInfo
}

// due reports whether a text was not written lately.
func (c *clientLog) due(now time.Time, text string) bool {
	repeat := c.repeats[text]
	if repeat == nil {
		if len(c.repeats) >= maxRepeats {
			clear(c.repeats)
		}
		repeat = new(throttle.Line)
		c.repeats[text] = repeat
	}
	_, due := repeat.Add(now, 1)
	return due
}
