package inkafka

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/tidegate/tidegate/common/chunk"
	"github.com/tidegate/tidegate/common/schema"
)

// hostile are values that are no records, each with its problem and what the
// metadata says of it.
var hostile = []struct {
	name, format, value string
	want                problem
	words               string
}{
	{"text", formatJSON, "oops", notJSON, "parsing JSON: not a JSON value"},
	{"nothing", formatJSON, "", notJSON, "parsing JSON: not a JSON value"},
	{"two values", formatJSON, `{} {}`, notJSON, "text after the end of the value"},
	{"half a value", formatJSON, `{"a":`, notJSON, "parsing JSON: "},
	{"NaN", formatJSON, `{"a":NaN}`, notJSON, "parsing JSON: "},
	{"no float", formatJSON, `1e999`, notJSON, "parsing JSON: "},
	{"a byte order mark", formatJSON, "\xef\xbb\xbf{}", notJSON, "not a JSON value"},
	{"arrays in arrays", formatJSON, deep("[", "]", maxDepth+1), tooDeep, "nested deeper than"},
	{"objects in objects", formatJSON, deep(`{"a":`, "}", maxDepth+1), tooDeep, "nested deeper than"},
	{"a million open arrays", formatJSON, strings.Repeat("[", 1e6), tooDeep, "nested deeper than"},
	{"a million keys", formatJSON, manyKeys(1e6), tooManyMembers, "more than 100000 members"},
	{"one element too many", formatJSON, "[" + strings.Repeat("0,", maxMembers) + "0]", tooManyMembers, "more than 100000 members"},
	{"members in members", formatJSON, "[" + strings.Repeat("[[],[]],", maxMembers/3+1) + "0]", tooManyMembers, "more than 100000 members"},
	{"too large", formatJSON, `"` + strings.Repeat("é", 1<<20) + `"`, tooLarge, "2097154 bytes are over max_message_bytes, 2Mi"},
	{"too large, raw", formatRaw, strings.Repeat("x", 2<<20+1), tooLarge, "2097153 bytes are over"},

	{"a sentence", formatLogfmt, "oops a sentence", notLogfmt, "parsing logfmt: no key=value in it"},
	{"no logfmt at all", formatLogfmt, "", notLogfmt, "parsing logfmt: no key=value"},
	{"an open quote", formatLogfmt, `a="b`, notLogfmt, "parsing logfmt: a quote is not closed"},
	{"a million words", formatLogfmt, "a=b " + strings.Repeat("c ", 1e6), tooManyMembers, "more than 100000 members"},

	{"no msgpack", formatMsgpack, "\xc1", notMsgpack, "reading msgpack: byte 0xc1"},
	{"no msgpack at all", formatMsgpack, "", notMsgpack, "reading msgpack: cut off"},
	{"cut off", formatMsgpack, "\x82\xa1a", notMsgpack, "reading msgpack: cut off"},
	{"a huge string", formatMsgpack, "\xdb\xff\xff\xff\xff", notMsgpack, "reading msgpack: cut off"},
	{"two of msgpack", formatMsgpack, "\x80\x80", notMsgpack, "bytes after the end"},
	{"a huge map", formatMsgpack, "\xdf\xff\xff\xff\xff", notMsgpack, "reading msgpack: cut off"},
	{"huge maps in arrays", formatMsgpack, "\x9f" + strings.Repeat("\xde\xff\xff", 15), notMsgpack, "reading msgpack: cut off"},
	{"arrays of msgpack", formatMsgpack, strings.Repeat("\x91", maxDepth+1) + "\x01", tooDeep, "nested deeper than"},
	{"empty arrays of msgpack", formatMsgpack, strings.Repeat("\x91", maxDepth) + "\x90", tooDeep, "nested deeper than"},
	{"a map for a key", formatMsgpack, "\x81\x80\x01", notMsgpack, "the key of a map is a map or an array"},
	{"an array for a second key", formatMsgpack, "\x82\x01\x90\x90\x01", notMsgpack, "the key of a map is a map or an array"},
}

func deep(open, end string, n int) string {
	return strings.Repeat(open, n) + "0" + strings.Repeat(end, n)
}

func manyKeys(n int) string {
	var b strings.Builder
	b.WriteByte('{')
	for i := range n {
		fmt.Fprintf(&b, `"k%d":0,`, i)
	}
	return strings.TrimSuffix(b.String(), ",") + "}"
}

func TestHostileMessages(t *testing.T) {
	for _, c := range hostile {
		t.Run(c.name, func(t *testing.T) {
			limits := map[string]string{"format": c.format, "max_message_bytes": "2Mi"}
			if c.want == tooManyMembers {
				limits["max_message_bytes"] = "16Mi"
			}
			on := func(what string) *encoder {
				limits["on_error"] = what
				return encoderOf(t, limits)
			}
			m := message(c.value)
			if _, out := encode(t, on(onErrorDrop), m); out.verdict != skipped || out.problem != c.want {
				t.Errorf("drop: %+v", out)
			}
			if _, out := encode(t, on(onErrorDeadLetter), m); out.verdict != deadLetter || out.problem != c.want || !strings.Contains(out.reason, c.words) {
				t.Errorf("dead_letter: %+v", out)
			}
			e := on(onErrorKeep)
			event, out := e.append(nil, m, 3)
			if out.verdict != emitted || out.problem != c.want || out.time != 1234 {
				t.Errorf("keep: %+v", out)
			}
			r := chunk.NewReader(event)
			var ev chunk.Event
			if !r.Next(&ev) || r.Next(&ev) || r.Err() != nil {
				t.Fatalf("no event: %v", r.Err())
			}
			if kept := keptText(t, ev.Body); c.want == tooLarge {
				if !strings.HasPrefix(c.value, kept) || len(kept) > clipAt || len(kept) < clipAt-3 || !utf8.ValidString(kept) {
					t.Errorf("kept %d bytes, not the first ones", len(kept))
				}
			} else if kept != c.value {
				t.Errorf("kept %d bytes of %d: %.80q", len(kept), len(c.value), kept)
			}
			if said := string(ev.Metadata); !strings.Contains(said, c.words) || !strings.Contains(said, "reason"+msgpackText(c.want.String())) {
				t.Errorf("the metadata is %.300q", said)
			}
			if len(ev.Metadata) > 600 {
				t.Errorf("metadata of %d bytes", len(ev.Metadata))
			}
			// The next message knows nothing of it.
			if got, out := encode(t, encoderOf(t, nil), message(`{"a":1}`)); got != record(`{"a":1}`) || out.problem != noProblem {
				t.Errorf("after it: %s, %+v", got, out)
			}
		})
	}
}

func msgpackText(s string) string { return string(chunk.AppendString(nil, s)) }

// keptText reads the record {"message": text}.
func keptText(t *testing.T, body []byte) string {
	t.Helper()
	n, b, err := chunk.ReadMapHeader(body)
	if err != nil || n != 1 {
		t.Fatalf("%.80q is no record of one member", body)
	}
	key, b, err := chunk.ReadKeyZC(b)
	if err != nil || string(key) != messageKey {
		t.Fatalf("the member is %q", key)
	}
	text, _, err := chunk.ReadStringZC(b)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// What is odd, but a record.
func TestOddMessages(t *testing.T) {
	for _, c := range []struct{ format, value, want string }{
		{formatJSON, deep("[", "]", maxDepth), `{"message":` + deep("[", "]", maxDepth) + `}`},
		{formatJSON, deep(`{"a":`, "}", maxDepth), deep(`{"a":`, "}", maxDepth)},
		{formatJSON, `{"a":1,"a":2,"a":{"a":3}}`, `{"a":1,"a":2,"a":{"a":3}}`},
		{formatJSON, "{\"a\":\"x\xff\"}", `{"a":"x` + "\ufffd" + `"}`},
		{formatJSON, `{"a":"\ud800"}`, `{"a":"` + "\ufffd" + `"}`},
		{formatJSON, `{"a":18446744073709551615,"b":-9223372036854775808}`, `{"a":18446744073709551615,"b":-9223372036854775808}`},
		{formatJSON, `{"a":18446744073709551616}`, `{"a":"18446744073709551616"}`},
		{formatJSON, `{"a":1e308}`, `{"a":1e+308}`},
		{formatJSON, `{"":{"":[]}}`, `{"":{"":[]}}`},
		{formatJSON, `""`, `{"message":""}`},
		{formatRaw, "", `{"message":""}`},
		{formatMsgpack, strings.Repeat("\x91", maxDepth) + "\x01", `{"message":` + strings.Repeat("[", maxDepth) + "1" + strings.Repeat("]", maxDepth) + `}`},
		{formatMsgpack, "\xd7\x00\x00\x00\x00\x01\x00\x00\x00\x00", `{"message":"1970-01-01T00:00:01Z"}`},
		{formatMsgpack, "\xc0", `{"message":null}`},
	} {
		got, out := encode(t, encoderOf(t, map[string]string{"format": c.format}), message(c.value))
		if got != record(c.want) || out.problem != noProblem {
			t.Errorf("%s %.60q: %+v\n got %.400s\nwant %.400s", c.format, c.value, out, got, record(c.want))
		}
	}
	// As many members as there may be.
	value := "[" + strings.Repeat("0,", maxMembers-1) + "0]"
	if _, out := encode(t, encoderOf(t, nil), message(value)); out.problem != noProblem {
		t.Errorf("%d elements: %+v", maxMembers, out)
	}
}

// brokenRegistry is a valueDecoder that gives what the topic says.
type brokenRegistry struct{}

func (brokenRegistry) Append(dst []byte, topic string, value []byte) ([]byte, error) {
	dst = append(dst, value...)
	switch topic {
	case "away":
		return dst, fmt.Errorf("schema 7: %w", schema.ErrUnavailable)
	case "wrong":
		return nil, errors.New("schema 7: a record is cut off")
	}
	return dst, nil
}

func TestSchemaFormats(t *testing.T) {
	for format, is := range map[string]problem{formatAvro: notAvro, formatJSONSchema: notJSONSchema} {
		c, err := parse(with(map[string]string{"on_error": onErrorDeadLetter}))
		if err != nil {
			t.Fatal(err)
		}
		c.Format = format
		if _, err := newEncoder(c, nil); err == nil {
			t.Errorf("%s needs no decoder", format)
		}
		e, err := newEncoder(c, brokenRegistry{})
		if err != nil {
			t.Fatal(err)
		}
		f := func(topic, value string, want verdict, problem problem, reason string) {
			t.Helper()
			m := message(value)
			m.Topic = topic
			_, out := encode(t, e, m)
			if out.verdict != want || out.problem != problem || !strings.Contains(out.reason, reason) || (reason == "") != (out.reason == "") {
				t.Errorf("%s: %q in %s: %+v", format, value, topic, out)
			}
		}
		f("t", "\x81\xa1a\x01", emitted, noProblem, "")
		f("away", "\x80", unavailable, noProblem, "schema 7: "+schema.ErrUnavailable.Error())
		f("wrong", "\x80", deadLetter, is, "cut off")
		// A decoder that is wrong costs a message, not the chunk.
		f("t", "\xc1", deadLetter, is, "0xc1")
		f("t", "", deadLetter, is, "cut off")
		f("t", "\x80\x80", deadLetter, is, "bytes after the end")
		f("t", strings.Repeat("\x91", maxDepth+1)+"\x01", deadLetter, tooDeep, "nested deeper than "+strconv.Itoa(maxDepth))
	}
}

// Each problem has a name of its own.
func TestProblemNames(t *testing.T) {
	seen := map[string]bool{"": true}
	for p := noProblem + 1; p < numProblems; p++ {
		if seen[p.String()] {
			t.Errorf("%d is %q", p, p)
		}
		seen[p.String()] = true
	}
	if noTime.String() != "time" || notJSON.String() != "json" || tooManyMembers.String() != "too_many_members" {
		t.Error("the names are not those of the problems")
	}
}
