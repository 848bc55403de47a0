package tokenserver

import (
	"encoding/base64"
	"strings"
	"testing"
	"time"
)

// madeByAWS is a token that AWS's own signer made (aws-msk-iam-sasl-signer-go 1.0.4), with
// a session's key.
const madeByAWS = "aHR0cHM6Ly9rYWZrYS5ldS1jZW50cmFsLTEuYW1hem9uYXdzLmNvbS8_QWN0aW9uPWthZmthLWNsdXN0ZXIlM0FDb25uZWN0JlVzZXItQWdlbnQ9YXdzLW1zay1pYW0tc2FzbC1zaWduZXItZ28lMkYxLjAuNCUyRmdvMS4yNi44JlgtQW16LUFsZ29yaXRobT1BV1M0LUhNQUMtU0hBMjU2JlgtQW16LUNyZWRlbnRpYWw9QUtJREFHRU5UJTJGMjAyNjExMjElMkZldS1jZW50cmFsLTElMkZrYWZrYS1jbHVzdGVyJTJGYXdzNF9yZXF1ZXN0JlgtQW16LURhdGU9MjAyNjExMjFUMDMyOTM5WiZYLUFtei1FeHBpcmVzPTkwMCZYLUFtei1TZWN1cml0eS1Ub2tlbj1zZSUyRnNzaW9uJTJCK3Rva2VuJTNEJlgtQW16LVNpZ25hdHVyZT05MTMzNTc4ZTAyMDBhOWVhNDkzNjU5YWM3MjBiNGM2YTQ3NWNhNTg5MzRiNjU0MDY0NGZiYjMxM2UwMGZiYWNhJlgtQW16LVNpZ25lZEhlYWRlcnM9aG9zdA"

var madeAt = time.Unix(1795231779, 0)

func TestCheckMSK(t *testing.T) {
	s := start(t)
	key := AWSKey{"AKIDAGENT", "hush-aws/5Rv+", "se/ssion+ token="}
	s.AddAWSKey("agent", key)
	got, err := s.CheckMSK(madeByAWS, madeAt)
	if want := (ShownToken{"agent", "eu-central-1", key.ID, 15 * time.Minute}); err != nil || got != want {
		t.Fatalf("%v: %+v", err, got)
	}
	f := func(want, token string, at time.Time) {
		t.Helper()
		if _, err := s.CheckMSK(token, at); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
	but := func(old, changed string) string {
		text, _ := base64.RawURLEncoding.DecodeString(madeByAWS)
		return base64.RawURLEncoding.EncodeToString([]byte(strings.Replace(string(text), old, changed, 1)))
	}
	f("of another time", madeByAWS, madeAt.Add(16*time.Minute))
	f("of another time", madeByAWS, madeAt.Add(-2*time.Minute))
	f("signature is wrong", but("X-Amz-Expires=900", "X-Amz-Expires=899"), madeAt)
	f("signature is wrong", but("Signature=9", "Signature=8"), madeAt)
	f("the token lives", but("X-Amz-Expires=900", "X-Amz-Expires=90000"), madeAt)
	f("is for kafka-cluster:Delete", but("Connect", "Delete"), madeAt)
	f("is for https://kafka.us-east-1", but("kafka.eu-central-1", "kafka.us-east-1"), madeAt)
	f("of nobody", but("AKIDAGENT", "AKIDOTHER"), madeAt)
	f("of nobody", but("se%2Fssion", "other"), madeAt)
	f("no date", "aHR0cHM6Ly9h", madeAt)
	f("reading the token", "a.b.c", madeAt)
	s.AddAWSKey("agent", AWSKey{key.ID, "other", key.Session})
	f("signature is wrong", madeByAWS, madeAt)
}
