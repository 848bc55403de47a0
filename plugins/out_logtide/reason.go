package outlogtide

// reason is why records were rejected. Each has a counter that exists from the
// start.
type reason uint8

const (
	// malformed: a part of the chunk is no event.
	malformed reason = iota
	// unencodable: the record is nested too deep to be written as JSON.
	unencodable
	// entryTooLarge: the server takes no request as large as this one log.
	entryTooLarge
	// refusedByServer: the server says that this one log breaks its rules.
	refusedByServer

	numReasons
)

var reasonNames = [numReasons]string{"malformed", "unencodable", "entry_too_large", "refused"}

func (r reason) String() string { return reasonNames[r] }
