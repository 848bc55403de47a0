package outkafka

// reason is why records were rejected. Each has a counter that exists from the
// start.
type reason uint8

const (
	// malformed: a part of the chunk is no event.
	malformed reason = iota
	// unencodable: the record is nested too deep to be written as JSON.
	unencodable
	// noRawLog: the record has nothing under raw_log_key.
	noRawLog
	// tooLarge: the client or the broker takes no message of that size.
	tooLarge
	// invalidRecord: the broker refuses the message itself, such as one without
	// a key for a compacted topic.
	invalidRecord
	// invalidTime: the topic takes no message of that time.
	invalidTime

	numReasons
)

var reasonNames = [numReasons]string{
	"malformed", "unencodable", "raw_log_key_missing", "too_large", "invalid_record", "invalid_timestamp",
}

func (r reason) String() string { return reasonNames[r] }

// check says what an operator can do about rejected records.
func (r reason) check() string {
	switch r {
	case noRawLog:
		return "raw_log_key, and which records this output matches"
	case tooLarge:
		return "rdkafka.message.max.bytes and the topic's max.message.bytes"
	case invalidRecord:
		return "message_key, if the topic is compacted"
	case invalidTime:
		return "the records' time, and the topic's message.timestamp.before.max.ms and after.max.ms"
	}
	return "what writes these records"
}

// detour is why records went to topic_default.
type detour uint8

const (
	direct detour = iota // they did not
	// noTopicField: a path of the template has no value.
	noTopicField
	// illegalTopic: the name that was made breaks Kafka's rule.
	illegalTopic
	// topicNotAllowed: topic_allow has no such name.
	topicNotAllowed

	numDetours
)

var detourNames = [numDetours]string{"", "topic_field_missing", "topic_illegal", "topic_not_allowed"}

func (d detour) String() string { return detourNames[d] }
