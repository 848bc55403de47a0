package outlogtide

// name is a field that the server knows, at the top level of a record. The
// others have a name only for themselves.
type name uint8

const (
	otherName name = iota
	nameMessage
	nameLog
	nameJournalMessage
	nameLevel
	namePriority
	nameService
	nameContainer
	nameSyslogIdentifier
	nameSystemdUnit
	nameComm
	nameExe
	nameTime
	nameTimestamp
	nameRealtime
	nameTraceID
	nameSpanID
	nameMetadata

	numNames
)

func nameOf(key []byte) name {
	switch string(key) {
	case "message":
		return nameMessage
	case "log":
		return nameLog
	case "MESSAGE":
		return nameJournalMessage
	case "level":
		return nameLevel
	case "PRIORITY":
		return namePriority
	case "service":
		return nameService
	case "container_name":
		return nameContainer
	case "SYSLOG_IDENTIFIER":
		return nameSyslogIdentifier
	case "_SYSTEMD_UNIT":
		return nameSystemdUnit
	case "_COMM":
		return nameComm
	case "_EXE":
		return nameExe
	case "time":
		return nameTime
	case "timestamp":
		return nameTimestamp
	case "__REALTIME_TIMESTAMP":
		return nameRealtime
	case "trace_id":
		return nameTraceID
	case "span_id":
		return nameSpanID
	case "metadata":
		return nameMetadata
	default:
		return otherName
	}
}

// chains are the fields that a member is looked for in, the first first. They
// are the server's own, which it follows for single logs only.
var chains = [numMembers][]name{
	service: {nameService, nameContainer, nameSyslogIdentifier, nameSystemdUnit, nameComm, nameExe},
	level:   {nameLevel, namePriority},
	message: {nameMessage, nameLog, nameJournalMessage},
	logTime: {nameTime, nameTimestamp, nameRealtime},
	traceID: {nameTraceID},
	spanID:  {nameSpanID},
}
