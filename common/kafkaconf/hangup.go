package kafkaconf

import (
	"regexp"
	"strconv"
	"time"

	"github.com/confluentinc/confluent-kafka-go/v2/kafka"
)

// A hang-up is a connection that the broker ends at once, for the second time in
// a row. Brokers that expect TLS or SASL do that to a client which comes without,
// and say nothing. To librdkafka it is no error either: only its log has it,
// among the many connections that end for good reasons, such as a restart.
var hangUpRE = regexp.MustCompile(`Disconnected.*\(after (\d+)ms in state (?:APIVERSION_QUERY|UP), \d+ identical error`)

// hangUpWithin bounds the age of such a connection. One that just idled is
// older.
const hangUpWithin = 2 * time.Second

// cutOffRE is a connection that ended as early while the client was writing or
// reading, which is an error of its own to librdkafka.
var cutOffRE = regexp.MustCompile(`(?:Send|Receive) failed: (?:Broken pipe|Connection reset by peer).*\(after (\d+)ms in state (?:APIVERSION_QUERY|UP)`)

// isCutOff reports whether an error's text tells of such a connection: when the
// broker hangs up, it is a matter of microseconds whether the client notices
// while it waits or while it sends.
func isCutOff(text string) bool { return early(cutOffRE.FindStringSubmatch(text)) }

func isHangUp(line kafka.LogEvent) bool {
	if line.Tag != "FAIL" || line.Level <= 3 { // syslog: an error, which comes as one too
		return false
	}
	return early(hangUpRE.FindStringSubmatch(line.Message))
}

// early takes a match whose first group is the connection's age in ms.
func early(m []string) bool {
	if m == nil {
		return false
	}
	ms, err := strconv.Atoi(m[1])
	return err == nil && time.Duration(ms)*time.Millisecond < hangUpWithin
}
