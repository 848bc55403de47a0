package kafkatoken

import (
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// onlyEnv has AWS's library find nothing of this machine, and returns the
// directory of its files.
func onlyEnv(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for name, value := range map[string]string{
		"AWS_CONFIG_FILE": filepath.Join(dir, "config"), "AWS_SHARED_CREDENTIALS_FILE": filepath.Join(dir, "credentials"),
		"AWS_EC2_METADATA_DISABLED": "true", "AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": "", "AWS_SESSION_TOKEN": "",
		"AWS_PROFILE": "", "AWS_REGION": "", "AWS_WEB_IDENTITY_TOKEN_FILE": "", "AWS_CONTAINER_CREDENTIALS_FULL_URI": "",
		"AWS_CONTAINER_CREDENTIALS_RELATIVE_URI": "",
	} {
		t.Setenv(name, value)
	}
	return dir
}

func mskToken(t *testing.T, s MSKSettings) (Token, url.Values) {
	t.Helper()
	source, err := NewMSK(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	token, err := source.Token(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	text, err := base64.RawURLEncoding.DecodeString(token.Value)
	if err != nil {
		t.Fatal(err)
	}
	u, err := url.Parse(string(text))
	if err != nil {
		t.Fatal(err)
	}
	if u.Scheme != "https" || u.Host != "kafka."+s.Region+".amazonaws.com" || u.Path != "/" {
		t.Errorf("a token for %s", u.Host)
	}
	if err := token.check(time.Now()); err != nil {
		t.Error(err)
	}
	return token, u.Query()
}

// The token is what MSK's documentation says: the base64 of a URL that is signed
// for Connect, with 15 minutes to live.
func TestMSKToken(t *testing.T) {
	onlyEnv(t)
	t.Setenv("AWS_ACCESS_KEY_ID", "AKIDAGENT")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "hush-aws")
	before := time.Now().Truncate(time.Second)
	token, q := mskToken(t, MSKSettings{Region: "eu-central-1"})
	scope := "AKIDAGENT/" + before.UTC().Format("20060102") + "/eu-central-1/kafka-cluster/aws4_request"
	if q.Get("Action") != "kafka-cluster:Connect" || q.Get("X-Amz-Expires") != "900" || q.Get("X-Amz-Credential") != scope ||
		len(q.Get("X-Amz-Signature")) != 64 || q.Has("X-Amz-Security-Token") || !strings.HasPrefix(q.Get("User-Agent"), "aws-msk-iam-sasl-signer-go/") {
		t.Errorf("query %v", q)
	}
	if off := token.Expires.Sub(before) - 15*time.Minute; off < 0 || off > 10*time.Second || token.Principal != "AKIDAGENT" {
		t.Errorf("expires %s, principal %s", token.Expires, token.Principal)
	}
}

func TestMSKProfile(t *testing.T) {
	dir := onlyEnv(t)
	writeTo(t, filepath.Join(dir, "credentials"), "[logs]\naws_access_key_id = AKIDLOGS\naws_secret_access_key = hush\naws_session_token = session\n")
	token, q := mskToken(t, MSKSettings{Region: "us-east-1", Profile: "logs"})
	if token.Principal != "AKIDLOGS" || q.Get("X-Amz-Security-Token") != "session" {
		t.Errorf("principal %s, %v", token.Principal, q)
	}
	if _, err := NewMSK(t.Context(), MSKSettings{Region: "us-east-1", Profile: "none"}); err == nil || !strings.Contains(err.Error(), "reading AWS's configuration") {
		t.Errorf("a profile that is not there: %v", err)
	}
}

// A role is asked for once in its session's life; a token ends with the session.
func TestMSKRole(t *testing.T) {
	onlyEnv(t)
	t.Setenv("AWS_ACCESS_KEY_ID", "AKIDAGENT")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "hush-aws")
	asked := 0
	ends := time.Now().Add(10 * time.Minute).Truncate(time.Second)
	sts := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		asked++
		if req.FormValue("Action") != "AssumeRole" || req.FormValue("RoleArn") != "arn:aws:iam::1:role/r" || req.FormValue("RoleSessionName") != "tidegate" {
			t.Errorf("asked for %v", req.Form)
		}
		_, _ = fmt.Fprintf(w, `<AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>ASIA1</AccessKeyId><SecretAccessKey>s</SecretAccessKey>`+
			`<SessionToken>st</SessionToken><Expiration>%s</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>`, ends.UTC().Format(time.RFC3339))
	}))
	defer sts.Close()
	t.Setenv("AWS_ENDPOINT_URL_STS", sts.URL)
	source, err := NewMSK(t.Context(), MSKSettings{Region: "eu-central-1", RoleARN: "arn:aws:iam::1:role/r"})
	if err != nil {
		t.Fatal(err)
	}
	for range 3 {
		token, err := source.Token(t.Context())
		if err != nil || token.Principal != "ASIA1" || !token.Expires.Equal(ends.Add(-spareLife)) && !token.Expires.Equal(ends) {
			t.Errorf("%v: expires %s, not %s", err, token.Expires, ends)
		}
	}
	if asked != 1 {
		t.Errorf("asked for the role %d times", asked)
	}
}

func TestMSKErrors(t *testing.T) {
	onlyEnv(t)
	f := func(s MSKSettings, words ...string) {
		t.Helper()
		source, err := NewMSK(t.Context(), s)
		if err != nil {
			t.Fatal(err)
		}
		_, err = source.Token(t.Context())
		for _, word := range words {
			if err == nil || !strings.Contains(err.Error(), word) || strings.Contains(err.Error(), "hush") {
				t.Errorf("%v, want %q", err, word)
			}
		}
	}
	f(MSKSettings{Region: "eu-central-1"}, "getting AWS credentials")
	t.Setenv("AWS_ACCESS_KEY_ID", "AKIDAGENT")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "hush-aws")
	sts := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusForbidden)
		_, _ = io.WriteString(w, `<ErrorResponse><Error><Code>AccessDenied</Code><Message>no</Message></Error></ErrorResponse>`)
	}))
	defer sts.Close()
	t.Setenv("AWS_ENDPOINT_URL_STS", sts.URL)
	f(MSKSettings{Region: "eu-central-1", RoleARN: "arn:aws:iam::1:role/r"}, "getting AWS credentials", "AccessDenied", "403")
}
