package kafkatoken

import (
	"encoding/base64"
	"encoding/json"
	"math"
	"strings"
	"time"
)

// claims are what a JWT says of itself, RFC 7519, as far as it is of use here.
// Nothing is verified: that is the brokers' part.
type claims struct {
	expires time.Time // zero where it is not said
	subject string
}

// readJWT reads a token's claims. Tokens need not be JWTs.
func readJWT(token string) (c claims, is bool) {
	_, rest, found := strings.Cut(token, ".")
	payload, signature, found2 := strings.Cut(rest, ".")
	if !found || !found2 || strings.Contains(signature, ".") {
		return claims{}, false
	}
	text, err := base64.RawURLEncoding.DecodeString(strings.TrimRight(payload, "="))
	if err != nil {
		return claims{}, false
	}
	var body struct {
		Exp json.Number `json:"exp"`
		Sub any         `json:"sub"`
	}
	if json.Unmarshal(text, &body) != nil {
		return claims{}, false
	}
	c.subject, _ = body.Sub.(string)
	// Seconds, and perhaps a fraction.
	if seconds, err := body.Exp.Float64(); err == nil && seconds > 0 && seconds < math.MaxUint32 {
		c.expires = time.UnixMilli(int64(seconds * 1000))
	}
	return c, true
}
