package kafkatoken

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

func TestFile(t *testing.T) {
	now := time.Now()
	f := func(text string, life time.Duration, principal string) {
		t.Helper()
		path := writeFile(t, text)
		got, err := File(path).Token(t.Context())
		if off := got.Expires.Sub(now) - life; err != nil || off < -time.Second || off > 10*time.Second || got.Value != strings.TrimSpace(text) {
			t.Errorf("%q: %v %+v", text, err, got)
		}
		if principal != "" && got.Principal != principal {
			t.Errorf("%q: principal %q", text, got.Principal)
		}
	}
	f("opaque\n", unknownLife, "")
	f(jwt(fmt.Sprintf(`{"sub":"system:serviceaccount:logs:agent","exp":%d}`, now.Add(20*time.Minute).Unix())), 20*time.Minute, "system:serviceaccount:logs:agent")
	f(jwt(fmt.Sprintf(`{"exp":%d}`, now.Add(9*time.Hour).Unix())), maxFileLife, "")
}

func TestFileErrors(t *testing.T) {
	f := func(path, want string) {
		t.Helper()
		if _, err := File(path).Token(t.Context()); err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "hush") {
			t.Errorf("%v, want %q", err, want)
		}
	}
	f("/none", "open /none: no such file or directory")
	f(writeFile(t, " \n"), "is empty")
	f(writeFile(t, strings.Repeat("hush", 1<<17)), "is larger than 256 KiB")
	f(writeFile(t, jwt(`{"sub":"hush","exp":1000000000}`)), "the token expired at 2001-09-09T01:46:40Z")
	f(writeFile(t, "hush\nhush"), "the token has a byte that tokens cannot have")
}
