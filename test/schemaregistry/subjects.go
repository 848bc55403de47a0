package schemaregistry

import (
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"testing"
)

// registered is a schema with where it is registered.
type registered struct {
	Subject string `json:"subject"`
	ID      int    `json:"id"`
	Version int    `json:"version"`
	Schema
}

func (h *Handler) listSubjects(*http.Request) (any, *refusal) {
	names := slices.AppendSeq([]string{}, maps.Keys(h.subjects))
	slices.Sort(names)
	return names, nil
}

func (h *Handler) listVersions(req *http.Request) (any, *refusal) {
	ids, ok := h.subjects[req.PathValue("subject")]
	if !ok {
		return nil, h.noSubject(req)
	}
	versions := make([]int, len(ids))
	for i := range versions {
		versions[i] = i + 1
	}
	return versions, nil
}

func (h *Handler) noSubject(req *http.Request) *refusal {
	return refuse(noSubject, "Subject "+strconv.Quote(req.PathValue("subject"))+" not found.")
}

// register adds a schema to a subject, unless it is there.
func (h *Handler) register(req *http.Request) (any, *refusal) {
	s, no := h.read(req)
	if no != nil {
		return nil, no
	}
	return map[string]int{"id": h.addTo(req.PathValue("subject"), s)}, nil
}

func (h *Handler) addTo(subject string, s Schema) (id int) {
	id = h.add(s)
	if !slices.Contains(h.subjects[subject], id) {
		h.subjects[subject] = append(h.subjects[subject], id)
	}
	return id
}

// lookUp finds a schema in a subject.
func (h *Handler) lookUp(req *http.Request) (any, *refusal) {
	s, no := h.read(req)
	if no != nil {
		return nil, no
	}
	subject := req.PathValue("subject")
	ids, ok := h.subjects[subject]
	if !ok {
		return nil, h.noSubject(req)
	}
	want, _ := json.Marshal(s)
	for i, id := range ids {
		if have, _ := json.Marshal(h.schemas[id-1]); string(have) == string(want) {
			return registered{subject, id, i + 1, s}, nil
		}
	}
	return nil, refuse(noSchema, "Schema not found")
}

func (h *Handler) byVersion(req *http.Request) (any, *refusal) {
	r, no := h.findVersion(req)
	if no != nil {
		return nil, no
	}
	return r, nil
}

func (h *Handler) textByVersion(req *http.Request) (any, *refusal) {
	r, no := h.findVersion(req)
	if no != nil {
		return nil, no
	}
	return json.RawMessage(r.Text), nil
}

// findVersion returns what the path names: a version, or the latest.
func (h *Handler) findVersion(req *http.Request) (r registered, no *refusal) {
	subject, version := req.PathValue("subject"), req.PathValue("version")
	ids, ok := h.subjects[subject]
	if !ok {
		return r, h.noSubject(req)
	}
	n := len(ids)
	if version != "latest" && version != "-1" {
		var err error
		if n, err = strconv.Atoi(version); err != nil || n < 1 {
			return r, refuse(invalidVersion, "The specified version "+strconv.Quote(version)+" is not a valid version id.")
		}
	}
	if n > len(ids) {
		return r, refuse(noVersion, "Version "+version+" not found.")
	}
	id := ids[n-1]
	return registered{subject, id, n, h.schemas[id-1]}, nil
}

// Register adds a schema to a subject and returns its id.
func (h *Handler) Register(t testing.TB, subject string, s Schema) (id int) {
	t.Helper()
	h.mu.Lock()
	defer h.mu.Unlock()
	if !json.Valid([]byte(s.Text)) {
		t.Fatalf("registering a schema for %s: it is not JSON", subject)
	}
	return h.addTo(subject, s)
}

// Schemas returns what is registered, by id.
func (h *Handler) Schemas() map[int]Schema {
	h.mu.Lock()
	defer h.mu.Unlock()
	all := map[int]Schema{}
	for i, s := range h.schemas {
		all[i+1] = s
	}
	return all
}
