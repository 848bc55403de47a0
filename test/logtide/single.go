package logtide

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"net/http"
	"path"
	"strconv"
	"strings"
	"time"
)

// ingestSingle reads one object, and of newline-delimited JSON the first line
// only: the rest is gone, and the answer still says 200.
func ingestSingle(body []byte, _ string) ([]Log, reply) {
	record, err := object(body)
	if err != nil {
		line, _, _ := bytes.Cut(bytes.TrimLeft(body, " \t\r\n"), []byte("\n"))
		if record, err = object(line); err != nil {
			return nil, refusal(http.StatusBadRequest, "Validation error", problem{nil, "Expected an object"})
		}
	}
	log, rule := normalise(record)
	if rule != nil {
		return nil, refusal(http.StatusBadRequest, "Validation error", *rule)
	}
	if hasNUL(body) {
		return nil, refusal(http.StatusInternalServerError, "Internal Server Error")
	}
	return []Log{log}, accept(1)
}

func object(text []byte) (map[string]json.RawMessage, error) {
	var record map[string]json.RawMessage
	if err := json.Unmarshal(text, &record); err != nil {
		return nil, err
	}
	if record == nil {
		return nil, fmt.Errorf("null is no object")
	}
	return record, nil
}

// normalise makes a log of a record as the server does for single ones.
func normalise(record map[string]json.RawMessage) (Log, *problem) {
	take := func(names ...string) string {
		for _, name := range names {
			var s string
			if json.Unmarshal(record[name], &s) == nil && s != "" {
				delete(record, name)
				return s
			}
		}
		return ""
	}
	l := Log{Message: take("message", "log", "MESSAGE"), TraceID: take("trace_id"), SpanID: take("span_id")}
	if l.Message == "" {
		return l, &problem{[]any{"message"}, "Expected at least one character"}
	}
	l.Service = take("service", "container_name", "SYSLOG_IDENTIFIER")
	if l.Service == "" {
		l.Service = strings.TrimSuffix(take("_SYSTEMD_UNIT"), ".service")
	}
	if l.Service == "" {
		l.Service = take("_COMM")
	}
	if exe := take("_EXE"); l.Service == "" && exe != "" {
		l.Service = path.Base(exe)
	}
	if l.Service == "" {
		l.Service = "unknown"
	}
	l.Level = singleLevel(record)
	l.Time = singleTime(take("time", "timestamp"), take("__REALTIME_TIMESTAMP"))
	l.Metadata = record
	return l, nil
}

var synonyms = map[string]string{
	"emerg": "critical", "emergency": "critical", "alert": "critical", "crit": "critical", "critical": "critical", "fatal": "critical",
	"err": "error", "error": "error", "warning": "warn", "warn": "warn",
	"notice": "info", "info": "info", "information": "info", "debug": "debug", "trace": "debug", "verbose": "debug",
}

var priorities = []string{"critical", "critical", "critical", "error", "warn", "info", "info", "debug"}

func singleLevel(record map[string]json.RawMessage) string {
	var name string
	var number float64
	switch raw := record["level"]; {
	case json.Unmarshal(raw, &name) == nil && synonyms[strings.ToLower(name)] != "":
		return synonyms[strings.ToLower(name)]
	case raw != nil && json.Unmarshal(raw, &number) == nil:
		// Tens as pino counts them, from 20 to 60.
		return []string{"debug", "info", "warn", "error", "critical"}[int(math.Max(2, math.Min(6, math.Floor(number/10))))-2]
	}
	digit := strings.Trim(string(record["PRIORITY"]), `"`)
	if n, err := strconv.Atoi(digit); err == nil && n >= 0 && n < len(priorities) {
		return priorities[n]
	}
	return "info"
}

func singleTime(iso, micros string) string {
	if t, err := time.Parse(time.RFC3339, iso); err == nil {
		return t.UTC().Format(time.RFC3339Nano)
	}
	if n, err := strconv.ParseInt(micros, 10, 64); err == nil {
		return time.UnixMicro(n).UTC().Format(time.RFC3339Nano)
	}
	return time.Now().UTC().Format(time.RFC3339Nano)
}
