package tokenserver

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// AWSKey is a key of an AWS user, or of a session, which then has a Session.
type AWSKey struct{ ID, Secret, Session string }

// awsState is what this AWS knows.
type awsState struct {
	keys    map[string]awsIdentity // by key ID
	shown   []ShownToken
	assumed int
}

type awsIdentity struct {
	AWSKey
	user string
}

// ShownToken is one of MSK's that brokers asked about.
type ShownToken struct {
	User, Region, KeyID string
	Life                time.Duration
}

// AddAWSKey makes a user's key known.
func (s *Server) AddAWSKey(user string, key AWSKey) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.aws.keys == nil {
		s.aws.keys = map[string]awsIdentity{}
	}
	s.aws.keys[key.ID] = awsIdentity{key, user}
}

// Shown are the good tokens that brokers asked about.
func (s *Server) Shown() []ShownToken {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.aws.shown)
}

// introspect answers brokers, in the manner of RFC 7662.
func (s *Server) introspect(w http.ResponseWriter, req *http.Request) {
	shown, err := s.CheckMSK(req.FormValue("token"), time.Now())
	w.Header().Set("Content-Type", "application/json")
	if err != nil {
		_ = json.NewEncoder(w).Encode(map[string]any{"active": false, "error": err.Error()})
		return
	}
	s.mu.Lock()
	s.aws.shown = append(s.aws.shown, shown)
	s.mu.Unlock()
	_ = json.NewEncoder(w).Encode(map[string]any{
		"active": true, "username": shown.User, "exp": time.Now().Add(shown.Life).Unix(),
	})
}

// CheckMSK holds a token of MSK's IAM login to its form and its signature: base64 of a URL
// that asks for kafka-cluster:Connect, signed in its query (Signature Version 4).
func (s *Server) CheckMSK(token string, now time.Time) (ShownToken, error) {
	text, err := base64.RawURLEncoding.DecodeString(token)
	if err != nil {
		return ShownToken{}, fmt.Errorf("reading the token: %w", err)
	}
	u, err := url.Parse(string(text))
	if err != nil {
		return ShownToken{}, fmt.Errorf("reading the token: %w", err)
	}
	q := u.Query()
	scope := strings.Split(q.Get("X-Amz-Credential"), "/") // key/date/region/service/aws4_request
	signedAt, err := time.Parse("20060102T150405Z", q.Get("X-Amz-Date"))
	if err != nil || len(scope) != 5 {
		return ShownToken{}, errors.New("no date or no credential")
	}
	seconds, err := strconv.Atoi(q.Get("X-Amz-Expires"))
	life := time.Duration(seconds) * time.Second
	s.mu.Lock()
	who, known := s.aws.keys[scope[0]]
	s.mu.Unlock()
	switch {
	case u.Scheme != "https" || u.Host != "kafka."+scope[2]+".amazonaws.com" || u.Path != "/":
		return ShownToken{}, fmt.Errorf("the token is for %s://%s%s", u.Scheme, u.Host, u.Path)
	case q.Get("Action") != "kafka-cluster:Connect" || scope[3] != "kafka-cluster" || scope[4] != "aws4_request":
		return ShownToken{}, fmt.Errorf("the token is for %s of %s", q.Get("Action"), scope[3])
	case err != nil || life <= 0 || life > 15*time.Minute:
		return ShownToken{}, fmt.Errorf("the token lives %s", life)
	case now.Before(signedAt.Add(-time.Minute)) || now.After(signedAt.Add(life)):
		return ShownToken{}, errors.New("the token is of another time")
	case !known || q.Get("X-Amz-Security-Token") != who.Session:
		return ShownToken{}, errors.New("the token is of nobody")
	case !hmac.Equal([]byte(q.Get("X-Amz-Signature")), []byte(presigned(u, who.Secret, scope))):
		return ShownToken{}, errors.New("the token's signature is wrong")
	}
	return ShownToken{User: who.user, Region: scope[2], KeyID: who.ID, Life: life}, nil
}

// presigned is the signature that a URL should have. The User-Agent was added afterwards.
func presigned(u *url.URL, secret string, scope []string) string {
	q := u.Query()
	q.Del("X-Amz-Signature")
	q.Del("User-Agent")
	empty := sha256.Sum256(nil)
	canonical := strings.Join([]string{
		"GET", u.Path, strings.ReplaceAll(q.Encode(), "+", "%20"), "host:" + u.Host, "", "host", hex.EncodeToString(empty[:]),
	}, "\n")
	sum := sha256.Sum256([]byte(canonical))
	toSign := strings.Join([]string{
		"AWS4-HMAC-SHA256", q.Get("X-Amz-Date"), strings.Join(scope[1:], "/"), hex.EncodeToString(sum[:]),
	}, "\n")
	key := []byte("AWS4" + secret)
	for _, part := range scope[1:] {
		key = mac(key, part)
	}
	return hex.EncodeToString(mac(key, toSign))
}

func mac(key []byte, text string) []byte {
	h := hmac.New(sha256.New, key)
	h.Write([]byte(text))
	return h.Sum(nil)
}

// sts answers AssumeRole with a session that lives 15 minutes, whose user is the role's name.
func (s *Server) sts(w http.ResponseWriter, req *http.Request) {
	role := req.FormValue("RoleArn")
	name := role[strings.LastIndexByte(role, '/')+1:]
	_, credential, _ := strings.Cut(req.Header.Get("Authorization"), "Credential=")
	id, _, _ := strings.Cut(credential, "/")
	s.mu.Lock()
	_, known := s.aws.keys[id]
	s.aws.assumed++
	n := s.aws.assumed
	s.mu.Unlock()
	if req.FormValue("Action") != "AssumeRole" || name == "" || req.FormValue("RoleSessionName") == "" || !known || name == "forbidden" {
		w.WriteHeader(http.StatusForbidden)
		_, _ = fmt.Fprint(w, `<ErrorResponse><Error><Type>Sender</Type><Code>AccessDenied</Code><Message>not authorized to perform: sts:AssumeRole</Message></Error><RequestId>r</RequestId></ErrorResponse>`)
		return
	}
	key := AWSKey{fmt.Sprintf("ASIA%d", n), fmt.Sprintf("hush-session-%d", n), fmt.Sprintf("session/%d+=", n)}
	s.AddAWSKey(name, key)
	type credentials struct {
		AccessKeyID     string `xml:"AccessKeyId"`
		SecretAccessKey string
		SessionToken    string
		Expiration      string
	}
	_ = xml.NewEncoder(w).Encode(struct {
		XMLName struct{}    `xml:"AssumeRoleResponse"`
		C       credentials `xml:"AssumeRoleResult>Credentials"`
		A       string      `xml:"AssumeRoleResult>AssumedRoleUser>Arn"`
		R       string      `xml:"ResponseMetadata>RequestId"`
	}{C: credentials{key.ID, key.Secret, key.Session, time.Now().Add(15 * time.Minute).UTC().Format(time.RFC3339)}, A: role, R: "r"})
}

// Assumed is how often someone asked for a role.
func (s *Server) Assumed() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.aws.assumed
}
