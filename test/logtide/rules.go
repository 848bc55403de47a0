package logtide

import (
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"time"
	"unicode/utf16"
	"unicode/utf8"
)

const (
	maxLogs    = 1000
	maxService = 100
)

var levels = []string{"debug", "info", "warn", "error", "critical"}

var (
	isoTime = regexp.MustCompile(`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$`)
	hex16   = regexp.MustCompile(`^[0-9a-fA-F]{16}$`)
)

// ingest reads {"logs":[…]}. One invalid log refuses them all.
func ingest(body []byte, contentType string) ([]Log, reply) {
	if contentType != "application/json" {
		return nil, refusal(http.StatusUnsupportedMediaType, "Unsupported Media Type")
	}
	var request map[string]json.RawMessage
	if !utf8.Valid(body) || json.Unmarshal(body, &request) != nil {
		return nil, refusal(http.StatusBadRequest, "Body is not valid JSON")
	}
	var raw []json.RawMessage
	if err := json.Unmarshal(request["logs"], &raw); err != nil || len(raw) == 0 || len(raw) > maxLogs || len(request) != 1 {
		return nil, refusal(http.StatusBadRequest, "Validation error",
			problem{[]any{"logs"}, fmt.Sprintf("Expected an array of 1 to %d logs, and nothing beside it", maxLogs)})
	}
	logs := make([]Log, len(raw))
	var problems []problem
	for i := range raw {
		for _, p := range logs[i].read(raw[i]) {
			problems = append(problems, problem{append([]any{"logs", i}, p.Path...), p.Message})
		}
	}
	if len(problems) > 0 {
		return logs, refusal(http.StatusBadRequest, "Validation error", problems[:min(len(problems), 20)]...)
	}
	if hasNUL(body) {
		// The database refuses the whole insert.
		return logs, refusal(http.StatusInternalServerError, "Internal Server Error")
	}
	return logs, accept(len(logs))
}

// read reads a log, and returns the rules that it breaks.
func (l *Log) read(raw []byte) (problems []problem) {
	var members map[string]json.RawMessage
	if json.Unmarshal(raw, &members) != nil || members == nil {
		return []problem{{nil, "Expected an object"}}
	}
	broken := func(member, rule string) { problems = append(problems, problem{[]any{member}, rule}) }
	text := func(member string, required bool, rule string, ok func(string) bool) (value string) {
		raw, is := members[member]
		delete(members, member)
		if !is && !required {
			return ""
		}
		var got *string
		if json.Unmarshal(raw, &got) != nil || got == nil || !ok(*got) {
			broken(member, rule)
			return ""
		}
		return *got
	}
	l.Time = text("time", true, "Expected ISO 8601 in UTC with Z", isTime)
	l.Service = text("service", true, "Expected 1 to 100 characters", func(s string) bool { return s != "" && units(s) <= maxService })
	l.Level = text("level", true, "Expected debug, info, warn, error or critical", func(s string) bool { return slices.Contains(levels, s) })
	l.Message = text("message", true, "Expected at least one character", func(s string) bool { return s != "" })
	l.TraceID = text("trace_id", false, "Expected a string", func(string) bool { return true })
	l.SpanID = text("span_id", false, "Expected 16 hex characters", hex16.MatchString)
	if raw, is := members["metadata"]; is {
		delete(members, "metadata")
		if json.Unmarshal(raw, &l.Metadata) != nil || l.Metadata == nil {
			broken("metadata", "Expected an object")
		}
	}
	for member := range members {
		broken(member, "Not a member of a log")
	}
	return problems
}

func isTime(s string) bool {
	_, err := time.Parse(time.RFC3339, s)
	return err == nil && isoTime.MatchString(s)
}

// units counts characters as JavaScript does.
func units(s string) int { return len(utf16.Encode([]rune(s))) }

// hasNUL reports whether a string in the JSON has a NUL character. A backslash
// in JSON always has a companion, so reading in pairs tells an escape from what
// only looks like one.
func hasNUL(body []byte) bool {
	for i := 0; i < len(body); i++ {
		if body[i] != '\\' {
			continue
		}
		if i+6 <= len(body) && string(body[i:i+6]) == `\u0000` {
			return true
		}
		i++
	}
	return false
}
