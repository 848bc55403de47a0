package outlogtide

// member is a part of a log that is taken out of the record.
type member uint8

const (
	service member = iota
	level
	message
	logTime
	traceID
	spanID

	numMembers
)
