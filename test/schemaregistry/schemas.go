package schemaregistry

import (
	"encoding/json"
	"net/http"
	"strconv"
)

// subjectVersion is where a schema is registered.
type subjectVersion struct {
	Subject string `json:"subject"`
	Version int    `json:"version"`
}

func (h *Handler) byID(req *http.Request) (any, *refusal) {
	_, s, no := h.find(req)
	if no != nil {
		return nil, no
	}
	return s, nil
}

func (h *Handler) textByID(req *http.Request) (any, *refusal) {
	_, s, no := h.find(req)
	if no != nil {
		return nil, no
	}
	return json.RawMessage(s.Text), nil
}

func (h *Handler) versionsOfID(req *http.Request) (any, *refusal) {
	id, _, no := h.find(req)
	if no != nil {
		return nil, no
	}
	where := []subjectVersion{}
	for subject, ids := range h.subjects {
		for i, other := range ids {
			if other == id {
				where = append(where, subjectVersion{subject, i + 1})
			}
		}
	}
	return where, nil
}

// find returns the schema whose id is in the path.
func (h *Handler) find(req *http.Request) (id int, s Schema, no *refusal) {
	n, err := strconv.ParseInt(req.PathValue("id"), 10, 32)
	if err != nil {
		// The path is declared with a 32-bit number; another is no path.
		return 0, s, refuse(http.StatusNotFound, "HTTP 404 Not Found")
	}
	if n < 1 || int(n) > len(h.schemas) {
		return 0, s, refuse(noSchema, "Schema "+req.PathValue("id")+" not found")
	}
	return int(n), h.schemas[n-1], nil
}

// add returns the id of a schema, which equal ones share.
func (h *Handler) add(s Schema) int {
	want, _ := json.Marshal(s)
	for i := range h.schemas {
		if have, _ := json.Marshal(h.schemas[i]); string(have) == string(want) {
			return i + 1
		}
	}
	h.schemas = append(h.schemas, s)
	return len(h.schemas)
}

// read takes a schema out of a request's body.
func (h *Handler) read(req *http.Request) (Schema, *refusal) {
	var s Schema
	if err := json.NewDecoder(req.Body).Decode(&s); err != nil {
		return s, refuse(http.StatusBadRequest, "Bad Request")
	}
	switch s.Type {
	case "AVRO":
		s.Type = ""
	case "", "JSON":
	default:
		return s, refuse(invalidSchema, "Invalid schema type "+s.Type)
	}
	if !json.Valid([]byte(s.Text)) {
		return s, refuse(invalidSchema, "Invalid schema: it is not JSON")
	}
	for _, ref := range s.References {
		if ref.Version < 1 || ref.Version > len(h.subjects[ref.Subject]) {
			return s, refuse(invalidSchema, "No schema reference found for subject "+strconv.Quote(ref.Subject))
		}
	}
	return s, nil
}
