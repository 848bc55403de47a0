package inkafka

import (
	"regexp"
	"strings"
	"testing"

	"github.com/tidegate/tidegate/common/options"
	"github.com/tidegate/tidegate/common/rdkafka"
)

func TestReadConfig(t *testing.T) {
	for given, want := range map[string]map[string]any{
		"":                             {"auto.offset.reset": "error", "enable.partition.eof": true, "topic.blacklist": nil},
		"stop_at=end":                  {"enable.partition.eof": true},
		`exclude_topics=a.b, ^c\..*,d`: {"topic.blacklist": `^a\.b$,^c\..*,^d$`},
	} {
		name, value, _ := strings.Cut(given, "=")
		c, err := parse(with(map[string]string{name: value}))
		if err != nil {
			t.Errorf("%s: %v", given, err)
			continue
		}
		for property, value := range want {
			if got := (*c.clientConfig())[property]; got != value {
				t.Errorf("%s: %s is %v, want %v", given, property, got, value)
			}
		}
	}
}

func TestReadConfigRefuses(t *testing.T) {
	for _, c := range []struct {
		given map[string]string
		want  string
	}{
		{map[string]string{"start_at": "yesterday"}, "must be earliest, latest, an RFC 3339 time"},
		{map[string]string{"start_at": "1h"}, "how long ago, such as -1h"},
		{map[string]string{"start_at_force": "maybe"}, "must be on or off"},
		{map[string]string{"stop_at": "now"}, "must be one of never, end"},
		{map[string]string{"stop_at": "end", "start_at": "latest"}, "would read nothing"},
		{map[string]string{"exclude_topics": "a b"}, "must be a topic name"},
		{map[string]string{"exclude_topics": "^("}, "must be a regular expression"},
		{map[string]string{"exclude_topics": `^\d+`}, "of POSIX's kind"},
		{map[string]string{"topics": `^(?i)logs`}, "of POSIX's kind"},
		{map[string]string{"rdkafka.auto.offset.reset": "latest"}, "is set by start_at"},
		{map[string]string{"rdkafka.enable.partition.eof": "true"}, "is always on"},
		{map[string]string{"rdkafka.topic.blacklist": "x"}, "is set by exclude_topics"},
		{map[string]string{"rdkafka.enable.auto.offset.store": "true"}, "would commit offsets of records"},
		{map[string]string{"rdkafka.offset.store.method": "file"}, "would keep offsets elsewhere"},
	} {
		_, err := parse(with(c.given))
		if line := options.Problems(err); !strings.Contains(line, c.want) {
			t.Errorf("%v: %q does not say %q", c.given, line, c.want)
		}
	}
}

// FuzzTopicPattern holds that what is taken as a topic is one for librdkafka, in
// one piece, and that a name matches itself only.
func FuzzTopicPattern(f *testing.F) {
	for _, text := range []string{"logs", "logs.a-b_c", `^logs\..*`, "^[[:alpha:]]+$", `^\d`, "^(a|b)", "^a{2,3}", "^"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if strings.ContainsAny(text, ",\x00") || strings.TrimSpace(text) != text || checkPattern(text) != nil {
			return // no element of a list
		}
		pattern := blacklistPattern(text)
		err := rdkafka.CheckProperty("topic.blacklist", pattern)
		if strings.HasPrefix(text, "^") {
			return // validate asks librdkafka
		}
		if err != nil {
			t.Fatalf("%q becomes %q: %v", text, pattern, err)
		}
		re := regexp.MustCompilePOSIX(pattern)
		if !re.MatchString(text) || re.MatchString(text+"x") || re.MatchString("x"+text) {
			t.Fatalf("%q becomes %q, which matches something else", text, pattern)
		}
	})
}
