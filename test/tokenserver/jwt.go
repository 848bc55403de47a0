package tokenserver

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"math/big"
	"net/http"
	"strings"
	"time"
)

const keyID = "key-1"

// Sign makes a token for a client, as the server itself gives them.
func (s *Server) Sign(client string, life time.Duration) (string, error) {
	now := time.Now()
	return s.sign(map[string]any{
		"iss": s.Issuer(), "aud": Audience, "sub": client, "scope": Scope,
		"iat": now.Unix(), "exp": now.Add(life).Unix(), "jti": rand.Text(),
	})
}

func (s *Server) sign(claims map[string]any) (string, error) {
	var text strings.Builder
	for _, part := range []map[string]any{{"alg": "RS256", "typ": "JWT", "kid": keyID}, claims} {
		j, err := json.Marshal(part)
		if err != nil {
			return "", err
		}
		text.WriteString(base64.RawURLEncoding.EncodeToString(j) + ".")
	}
	signed := strings.TrimSuffix(text.String(), ".")
	sum := sha256.Sum256([]byte(signed))
	signature, err := rsa.SignPKCS1v15(rand.Reader, s.key, crypto.SHA256, sum[:])
	return signed + "." + base64.RawURLEncoding.EncodeToString(signature), err
}

// Good reports whether a JWT is of this server and for a client.
func (s *Server) Good(token, client string) bool {
	at := strings.LastIndexByte(token, '.')
	if at < 0 {
		return false
	}
	signature, err := base64.RawURLEncoding.DecodeString(token[at+1:])
	sum := sha256.Sum256([]byte(token[:at]))
	if err != nil || rsa.VerifyPKCS1v15(&s.key.PublicKey, crypto.SHA256, sum[:], signature) != nil {
		return false
	}
	_, payload, _ := strings.Cut(token[:at], ".")
	text, err := base64.RawURLEncoding.DecodeString(payload)
	var claims struct {
		Sub string `json:"sub"`
		Exp int64  `json:"exp"`
	}
	return err == nil && json.Unmarshal(text, &claims) == nil && claims.Sub == client && claims.Exp > time.Now().Unix()
}

// serveKeys tells the key of the signatures.
func (s *Server) serveKeys(w http.ResponseWriter, _ *http.Request) {
	b64 := base64.RawURLEncoding.EncodeToString
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(map[string]any{"keys": []map[string]string{{
		"kty": "RSA", "use": "sig", "alg": "RS256", "kid": keyID,
		"n": b64(s.key.N.Bytes()), "e": b64(big.NewInt(int64(s.key.E)).Bytes()),
	}}})
}
