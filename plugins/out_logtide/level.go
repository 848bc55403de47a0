package outlogtide

import (
	"bytes"
	"strconv"

	"github.com/tidegate/tidegate/common/chunk"
)

// The levels that the server takes.
const (
	levelDebug    = "debug"
	levelInfo     = "info"
	levelWarn     = "warn"
	levelError    = "error"
	levelCritical = "critical"
)

// level returns the level of the record, info where it has none that can be
// understood: that field then stays in the metadata.
func (b *batch) level() string {
	best := levelInfo
	b.fields.each(level, b.plan, func(value []byte, is name) (bool, bool) {
		var text []byte
		var ok bool
		text, b.scratch, ok = textOf(b.scratch, value)
		if !ok || chunk.KindOf(value) == chunk.Bool {
			return false, false
		}
		read := levelOf
		if is == namePriority {
			read = levelOfPriority
		}
		found, ok := read(text)
		if !ok {
			return false, false
		}
		best = found
		// Eight priorities become five levels, so a priority says more.
		return true, is != namePriority
	})
	return best
}

// longestLevel is the length of the longest name below.
const longestLevel = len("information")

// levelOf understands the names that loggers give to levels, in any case, and
// the numbers of pino.
func levelOf(text []byte) (found string, ok bool) {
	text = trim(text)
	var lower [longestLevel]byte
	if len(text) <= len(lower) {
		for i, c := range text {
			if c >= 'A' && c <= 'Z' {
				c += 'a' - 'A'
			}
			lower[i] = c
		}
		switch string(lower[:len(text)]) {
		case "debug", "trace", "verbose":
			return levelDebug, true
		case "info", "information", "notice":
			return levelInfo, true
		case "warn", "warning":
			return levelWarn, true
		case "error", "err":
			return levelError, true
		case "critical", "crit", "fatal", "alert", "emergency", "emerg":
			return levelCritical, true
		}
	}
	return levelOfNumber(text)
}

// levelOfNumber reads a number of pino: 60 is fatal, and what lies between two
// steps belongs to the lower.
func levelOfNumber(text []byte) (found string, ok bool) {
	// No number is longer. Text that is none costs nothing here, and the
	// words that ParseFloat knows are no levels.
	if len(text) > 24 || bytes.IndexFunc(text, isNoDigit) >= 0 {
		return "", false
	}
	n, err := strconv.ParseFloat(string(text), 64)
	switch {
	case err != nil:
		return "", false
	case n >= 60:
		return levelCritical, true
	case n >= 50:
		return levelError, true
	case n >= 40:
		return levelWarn, true
	case n >= 30:
		return levelInfo, true
	default:
		return levelDebug, true
	}
}

func isNoDigit(r rune) bool { return (r < '0' || r > '9') && r != '.' && r != '-' }

// levelOfPriority reads a priority of syslog, one digit.
func levelOfPriority(text []byte) (found string, ok bool) {
	if text = trim(text); len(text) != 1 {
		return "", false
	}
	switch text[0] {
	case '0', '1', '2':
		return levelCritical, true
	case '3':
		return levelError, true
	case '4':
		return levelWarn, true
	case '5', '6':
		return levelInfo, true
	case '7':
		return levelDebug, true
	default:
		return "", false
	}
}

// trim cuts spaces, control characters and NUL bytes off both ends.
func trim(text []byte) []byte {
	for len(text) > 0 && text[0] <= ' ' {
		text = text[1:]
	}
	for len(text) > 0 && text[len(text)-1] <= ' ' {
		text = text[:len(text)-1]
	}
	return text
}
