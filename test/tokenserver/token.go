package tokenserver

import (
	"crypto/subtle"
	"encoding/json"
	"net/http"
	"net/url"
	"time"
)

// refusal is an answer of RFC 6749, section 5.2.
type refusal struct {
	status            int
	code, description string
}

// token answers a request for one.
func (s *Server) token(w http.ResponseWriter, req *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	client, proof, no := s.authenticate(req)
	if no == nil {
		no = checkRequest(req)
	}
	s.mu.Lock()
	life := s.life
	if no != nil {
		s.refused++
	} else {
		s.issued = append(s.issued, Issued{client, time.Now(), proof})
	}
	s.mu.Unlock()
	if no != nil {
		w.WriteHeader(no.status)
		_ = json.NewEncoder(w).Encode(map[string]string{"error": no.code, "error_description": no.description})
		return
	}
	token, err := s.Sign(client, life)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	_ = json.NewEncoder(w).Encode(map[string]any{
		"access_token": token, "token_type": "Bearer", "expires_in": int(life.Seconds()), "scope": Scope,
	})
}

// authenticate tells who asks, by one of three proofs. A secret that came by Basic was
// escaped before, as the RFC demands in section 2.3.1.
func (s *Server) authenticate(req *http.Request) (client, proof string, no *refusal) {
	if err := req.ParseForm(); err != nil {
		return "", "", &refusal{http.StatusBadRequest, "invalid_request", "the form cannot be read"}
	}
	wrong := &refusal{http.StatusUnauthorized, "invalid_client", "Invalid client or Invalid client credentials"}
	id, secret, basic := req.BasicAuth()
	switch {
	case basic:
		proof = "basic"
		var err1, err2 error
		id, err1 = url.QueryUnescape(id)
		secret, err2 = url.QueryUnescape(secret)
		if err1 != nil || err2 != nil {
			return "", "", wrong
		}
	case req.PostForm.Get("client_assertion") != "":
		const kind = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
		id = req.PostForm.Get("client_id")
		if req.PostForm.Get("client_assertion_type") != kind || req.PostForm.Has("client_secret") || !s.Good(req.PostForm.Get("client_assertion"), id) {
			return "", "", wrong
		}
		return id, "assertion", nil
	default:
		id, secret, proof = req.PostForm.Get("client_id"), req.PostForm.Get("client_secret"), "post"
	}
	s.mu.Lock()
	want, known := s.clients[id]
	s.mu.Unlock()
	if !known || subtle.ConstantTimeCompare([]byte(want), []byte(secret)) != 1 {
		return "", "", wrong
	}
	return id, proof, nil
}

func checkRequest(req *http.Request) *refusal {
	if got := req.PostForm.Get("grant_type"); got != "client_credentials" {
		return &refusal{http.StatusBadRequest, "unsupported_grant_type", "no such grant"}
	}
	if got := req.PostForm.Get("scope"); got != "" && got != Scope {
		return &refusal{http.StatusBadRequest, "invalid_scope", "Invalid scopes: " + got}
	}
	return nil
}
