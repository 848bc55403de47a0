package outloki

// reason is why records were rejected. Each has a counter that exists from the
// start.
type reason uint8

const (
	// malformed: a part of the chunk is no event.
	malformed reason = iota
	// unencodable: the record is nested too deep to be written as JSON.
	unencodable
	// badTenant: Loki takes no tenant of the name that the record gives.
	badTenant
	// entryTooLarge: the server takes no push as large as this one record.
	entryTooLarge
	// labelSyntax: the server cannot read the labels.
	labelSyntax
	// labelLimit: the labels break a limit of the server.
	labelLimit
	tooFarBehind
	tooOld
	tooNew
	lineTooLong
	structuredMetadata
	streamRate
	// blocked: the operator of the server has blocked the tenant or a policy.
	blocked
	// suspect: the server refused some of a push without telling which. Those
	// that could not be cleared are rejected, though some may be stored.
	suspect
	// givenUp: the server refuses it still after give_up_after.
	givenUp
	// refusedByServer: the server gave a reason that is not known here.
	refusedByServer

	numReasons
)

var reasonNames = [numReasons]string{
	"malformed", "unencodable", "bad_tenant", "entry_too_large", "label_syntax", "label_limit", "too_far_behind", "too_old", "too_new",
	"line_too_long", "structured_metadata", "stream_rate", "blocked", "suspect", "given_up", "refused",
}

func (r reason) String() string { return reasonNames[r] }
