package logtide

import (
	"encoding/json"
	"net/http"
	"slices"
)

// Log is an accepted log.
type Log struct {
	Time     string
	Service  string
	Level    string
	Message  string
	TraceID  string
	SpanID   string
	Metadata map[string]json.RawMessage
}

// Request is what came, and what it was answered.
type Request struct {
	Path string
	// Bytes is the size of the body, as far as it was read, Logs how many it
	// held.
	Bytes, Logs int
	// Status is 0 where the connection was closed without an answer.
	Status int
}

func (h *Handler) keep(logs []Log) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.logs = append(h.logs, logs...)
}

func (h *Handler) note(req *http.Request, size, status, logs int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.requests = append(h.requests, Request{Path: req.URL.Path, Bytes: size, Logs: logs, Status: status})
}

// Logs returns every accepted log, in the order of arrival.
func (h *Handler) Logs() []Log {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.Clone(h.logs)
}

// Len returns how many logs were accepted.
func (h *Handler) Len() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return len(h.logs)
}

// Requests returns every request, in the order of the answers.
func (h *Handler) Requests() []Request {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.Clone(h.requests)
}

// Numbers tells how often each number arrived that logs carry in that member of
// their metadata. Logs without one are not counted.
func (h *Handler) Numbers(member string) map[int]int {
	h.mu.Lock()
	defer h.mu.Unlock()
	times := map[int]int{}
	for i := range h.logs {
		var n int
		if raw, ok := h.logs[i].Metadata[member]; ok && json.Unmarshal(raw, &n) == nil {
			times[n]++
		}
	}
	return times
}
