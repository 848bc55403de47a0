package kafkatoken

import (
	"encoding/base64"
	"testing"
	"time"
)

func jwt(payload string) string {
	return "e30." + base64.RawURLEncoding.EncodeToString([]byte(payload)) + ".c2ln"
}

func TestReadJWT(t *testing.T) {
	f := func(token string, subject string, expires int64, is bool) {
		t.Helper()
		c, got := readJWT(token)
		if got != is || c.subject != subject || is && expires == 0 != c.expires.IsZero() || expires != 0 && c.expires.UnixMilli() != expires {
			t.Errorf("%q: %v %+v", token, got, c)
		}
	}
	f(jwt(`{"sub":"agent","exp":1795230469}`), "agent", 1795230469000, true)
	f(jwt(`{"sub":"agent","exp":1795230469.25}`), "agent", 1795230469250, true)
	f(jwt(`{"exp":1.79e9}`), "", 1790000000000, true)
	f(jwt(`{"sub":"agent"}`), "agent", 0, true)
	f(jwt(`{"sub":7,"exp":-1}`), "", 0, true)
	f(jwt(`{"exp":1e300}`), "", 0, true)
	f("e30.e30=.", "", 0, true) // padded, which it should not be; unsigned
	f("opaque", "", 0, false)
	f("a.b.c", "", 0, false)
	f("e30.e30", "", 0, false)
	f("e30.e30.e30.e30.e30", "", 0, false) // encrypted
	f(jwt(`{"exp":"soon"}`), "", 0, false)
	f(jwt(`[]`), "", 0, false)
	f("", "", 0, false)
}

func FuzzReadJWT(f *testing.F) {
	f.Add(jwt(`{"sub":"agent","exp":1795230469.5}`))
	f.Add(jwt(`{"exp":"1795230469"}`))
	f.Add("e30.e30.")
	f.Add("..")
	f.Fuzz(func(t *testing.T, token string) {
		c, is := readJWT(token)
		if !is && (c.subject != "" || !c.expires.IsZero()) {
			t.Errorf("no JWT, and yet %+v", c)
		}
		if !c.expires.IsZero() && (c.expires.Before(time.Unix(0, 0)) || c.expires.Year() > 2107) {
			t.Errorf("expires %s", c.expires)
		}
		if len(c.subject) > 3*len(token) {
			t.Errorf("%d bytes of subject out of %d", len(c.subject), len(token))
		}
	})
}

func FuzzOneLine(f *testing.F) {
	f.Add("a\r\nb\x00c")
	f.Add("\xff\xfe")
	f.Fuzz(func(t *testing.T, text string) {
		got := oneLine(text)
		if len(got) > maxText+len("…") {
			t.Errorf("%d bytes", len(got))
		}
		for _, c := range got {
			if c < ' ' || c == 0x7f {
				t.Errorf("%q", got)
			}
		}
	})
}
