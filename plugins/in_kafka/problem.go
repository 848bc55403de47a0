package inkafka

// problem is what can be wrong with a message. Each is counted under its name,
// and nothing is lost by one in silence: on_error says what becomes of the
// message.
type problem uint8

const (
	noProblem problem = iota

	// The value is not what format says.
	notJSON
	notLogfmt
	notMsgpack
	notAvro
	notJSONSchema

	// The value is over a limit: it is longer than max_message_bytes, its
	// objects are deeper than maxDepth, or more than maxMembers.
	tooLarge
	tooDeep
	tooManyMembers

	// The time of timestamp_from field is missing, or is none. The record has
	// Kafka's, and on_error has no part in it.
	noTime

	numProblems
)

// problemNames are the label values of the problems, noProblem's left out.
var problemNames = [numProblems - 1]string{
	"json", "logfmt", "msgpack", "avro", "json_schema", "too_large", "too_deep", "too_many_members", "time",
}

// String returns the problem's name, empty for none.
func (p problem) String() string {
	if p == noProblem {
		return ""
	}
	return problemNames[p-1]
}

// verdict is what becomes of a message.
type verdict uint8

const (
	// emitted: it is one event more.
	emitted verdict = iota
	// skipped: there is nothing to emit, a tombstone or a message that on_error
	// drops.
	skipped
	// deadLetter: there is nothing to emit, and it is to be produced to the
	// dead letter topic, with the reason.
	deadLetter
	// unavailable: what is needed to read it, a schema registry, cannot be
	// reached. It is to be tried again.
	unavailable
)

// outcome is what became of a message.
type outcome struct {
	verdict verdict
	// problem is what was wrong with it, and reason says so in words for a dead
	// letter or the log. Both are empty for a message that is sound.
	problem problem
	reason  string
	// time is the event's, in milliseconds since 1970, 0 for no event.
	time int64
}
