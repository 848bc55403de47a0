package outloki

// levelName is the label, and the structured metadata, that normalize_level is
// about.
const levelName = "level"

// longestLevel is the length of the longest word below.
const longestLevel = len("informational")

// normalLevel returns a level by the name that Grafana and Loki know it by:
// critical, error, warn, info, debug or trace. What is no level that loggers
// write is returned as it is.
//
// Words count in any case. Of numbers one digit is a severity of syslog, from 0
// to 7; from 10 to 60 they are those of pino and bunyan, and what lies between
// two steps belongs to the lower.
func normalLevel(text []byte) []byte {
	if len(text) == 0 || len(text) > longestLevel {
		return text
	}
	var lower [longestLevel]byte
	for i, c := range text {
		if c >= 'A' && c <= 'Z' {
			c += 'a' - 'A'
		}
		lower[i] = c
	}
	if known := levelOf(string(lower[:len(text)])); known != nil {
		return known
	}
	return text
}

var (
	levelCritical = []byte("critical")
	levelError    = []byte("error")
	levelWarn     = []byte("warn")
	levelInfo     = []byte("info")
	levelDebug    = []byte("debug")
	levelTrace    = []byte("trace")
)

func levelOf(word string) []byte {
	switch word {
	case "critical", "crit", "fatal", "alert", "emergency", "emerg", "panic", "dpanic", "f", "c", "0", "1", "2":
		return levelCritical
	case "error", "err", "severe", "e", "3":
		return levelError
	case "warn", "warning", "wrn", "w", "4":
		return levelWarn
	case "info", "information", "informational", "inf", "notice", "i", "n", "5", "6":
		return levelInfo
	case "debug", "dbg", "fine", "d", "7":
		return levelDebug
	case "trace", "trc", "verbose", "finer", "finest", "t", "v":
		return levelTrace
	}
	if len(word) != 2 || word[0] < '1' || word[0] > '9' || word[1] < '0' || word[1] > '9' {
		return nil
	}
	switch word[0] {
	case '1':
		return levelTrace
	case '2':
		return levelDebug
	case '3':
		return levelInfo
	case '4':
		return levelWarn
	case '5':
		return levelError
	default:
		return levelCritical
	}
}
