package inkafka

import (
	"errors"
	"strconv"
	"strings"
	"time"

	"github.com/confluentinc/confluent-kafka-go/v2/kafka"
)

// startPoint is a value of start_at.
type startPoint struct {
	kind pointKind
	at   time.Time     // of pointTime
	ago  time.Duration // of pointAgo
	text string        // as it was given
}

type pointKind uint8

const (
	pointEarliest pointKind = iota
	pointLatest
	pointTime
	pointAgo
)

var errStartPoint = errors.New("must be earliest, latest, an RFC 3339 time such as 2026-03-01T06:00:00Z, or how long ago, such as -1h or -7d")

// maxDays bounds a span, far from where a time.Duration ends.
const maxDays = 36500

// parseStartPoint reads a value of start_at.
func parseStartPoint(text string) (startPoint, error) {
	switch strings.ToLower(text) {
	case "earliest":
		return startPoint{text: "earliest"}, nil
	case "latest":
		return startPoint{kind: pointLatest, text: "latest"}, nil
	}
	if span, ok := strings.CutPrefix(text, "-"); ok {
		ago, ok := parseSpan(span)
		if !ok {
			return startPoint{}, errStartPoint
		}
		return startPoint{kind: pointAgo, ago: ago, text: text}, nil
	}
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return startPoint{}, errStartPoint
	}
	if at.UnixMilli() < 0 {
		// Kafka's questions for a time have other meanings below 0.
		return startPoint{}, errors.New("must be a time since 1970")
	}
	return startPoint{kind: pointTime, at: at, text: text}, nil
}

// parseSpan reads Go's syntax for durations, without a sign and with days in
// front: 1h30m, 7d, 1d12h.
func parseSpan(text string) (time.Duration, bool) {
	var span time.Duration
	if days, rest, ok := strings.Cut(text, "d"); ok {
		n, err := strconv.ParseUint(days, 10, 32)
		if err != nil || n > maxDays {
			return 0, false
		}
		span, text = time.Duration(n)*24*time.Hour, rest
	}
	if text != "" {
		if text[0] == '+' || text[0] == '-' {
			return 0, false
		}
		rest, err := time.ParseDuration(text)
		if err != nil || rest > maxDays*24*time.Hour {
			return 0, false
		}
		span += rest
	}
	return span, span > 0
}

func (p startPoint) String() string { return p.text }

// spec is what Kafka is asked for: a time in milliseconds, or one of its two
// names for the ends of a partition.
func (p startPoint) spec(now time.Time) kafka.Offset {
	switch p.kind {
	case pointLatest:
		return kafka.OffsetEnd
	case pointTime:
		return kafka.Offset(p.at.UnixMilli())
	case pointAgo:
		return kafka.Offset(max(0, now.Add(-p.ago).UnixMilli()))
	}
	return kafka.OffsetBeginning
}
