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

func isHangUp(line kafka.LogEvent) bool {
	if line.Tag != "FAIL" || line.Level <= 3 { // syslog: an error, which comes as one too
		return false
	}
	m := hangUpRE.FindStringSubmatch(line.Message)
	if m == nil {
		return false
	}
	ms, err := strconv.Atoi(m[1])
	return err == nil && time.Duration(ms)*time.Millisecond < hangUpWithin
}
