package deadletter

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"testing"
	"time"
	"unicode/utf8"
)

var someTime = time.Date(2026, 1, 2, 3, 4, 5, 600_000_000, time.UTC)

func TestAppendLine(t *testing.T) {
	f := func(l Letter, want string) {
		t.Helper()
		if got := string(AppendLine([]byte("x"), someTime, "loki.0", &l)); got != "x"+want+"\n" {
			t.Errorf("got  %swant x%s", got, want)
		}
	}
	f(Letter{Reason: "too_old", Offset: -1}, `{"time":"2026-01-02T03:04:05.6Z","instance":"loki.0","reason":"too_old","value":null}`)
	f(Letter{
		Reason: "refused", Text: "said\nso", Topic: "orders", Partition: 3, Offset: 0, Tag: "app", Labels: `{a="b"}`, Time: someTime.In(time.FixedZone("", 3600)),
		Key: []byte{}, Value: []byte{0xff}, Headers: []Header{{"a", nil}, {"a", []byte("é")}, {"\xff", []byte{0, 0xfe}}},
	}, `{"time":"2026-01-02T03:04:05.6Z","instance":"loki.0","reason":"refused","error":"said\nso","tag":"app","labels":"{a=\"b\"}",`+
		`"topic":"orders","partition":3,"offset":0,"record_time":"2026-01-02T03:04:05.6Z","key":"","value":{"base64":"/w=="},`+
		`"headers":[{"name":"a","value":null},{"name":"a","value":"é"},{"name":{"base64":"/w=="},"value":{"base64":"AP4="}}]}`)
}

// jsonBytes reads what appendBytes wrote.
type jsonBytes []byte

func (b *jsonBytes) UnmarshalJSON(text []byte) error {
	if string(text) == "null" {
		*b = nil
		return nil
	}
	if text[0] == '"' {
		var s string
		err := json.Unmarshal(text, &s)
		*b = append(jsonBytes{}, s...)
		return err
	}
	var packed struct{ Base64 string }
	err := json.Unmarshal(text, &packed)
	if err == nil {
		*b, err = base64.StdEncoding.DecodeString(packed.Base64)
	}
	return err
}

// FuzzAppendLine holds that any letter is one line of valid JSON, from which its
// bytes can be had back.
func FuzzAppendLine(f *testing.F) {
	f.Add("too_old", "text", "orders", int32(1), int64(2), []byte("key"), []byte("value"), "name", []byte("header"), int64(1e9))
	f.Add("\xff", "\x00\n\"\\", "\u2028", int32(-1), int64(-1), []byte(nil), []byte("\xf0\x9f\x92"), "\xc3(", []byte("a\x80"), int64(0))
	f.Fuzz(func(t *testing.T, reason, text, topic string, partition int32, offset int64, key, value []byte, name string, header []byte, nanos int64) {
		l := Letter{
			Reason: reason, Text: text, Labels: text, Tag: name, Topic: topic, Partition: partition, Offset: offset, Time: time.Unix(0, nanos),
			Key: key, Value: value, Headers: []Header{{name, header}, {"", nil}, {name, value}},
		}
		line := AppendLine(nil, someTime, reason, &l)
		if n := bytes.Count(line, []byte{'\n'}); n != 1 || line[len(line)-1] != '\n' || !utf8.Valid(line) {
			t.Fatalf("not one line of UTF-8: %q", line)
		}
		var got struct {
			Reason, Error, Labels, Topic string
			Partition                    int32
			Offset                       *int64
			Key, Value                   jsonBytes
			Headers                      []struct{ Name, Value jsonBytes }
		}
		if err := json.Unmarshal(line, &got); err != nil {
			t.Fatalf("%v: %s", err, line)
		}
		same := func(what string, got, want []byte) {
			if !bytes.Equal(got, want) || (got == nil) != (want == nil) {
				t.Fatalf("%s is %q, want %q: %s", what, got, want, line)
			}
		}
		same("key", got.Key, key)
		same("value", got.Value, value)
		for i, h := range got.Headers {
			same("a header's name", h.Name, append([]byte{}, l.Headers[i].Name...))
			same("a header's value", h.Value, l.Headers[i].Value)
		}
		if len(got.Headers) != 3 || got.Topic != valid(topic) || got.Reason != valid(reason) || got.Labels != valid(text) {
			t.Fatalf("got %+v: %s", got, line)
		}
		if topic != "" && (got.Partition != partition || (got.Offset != nil) != (offset >= 0) || offset >= 0 && *got.Offset != offset) {
			t.Fatalf("got %+v: %s", got, line)
		}
	})
}

// valid is what becomes of a text that is no UTF-8.
func valid(text string) string { return string([]rune(text)) }
