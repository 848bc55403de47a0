package outkafka

import (
	"testing"

	"github.com/tidegate/tidegate/common/chunk"
	"github.com/tidegate/tidegate/common/kafkaconf"
)

// nested is a record {"a":"x","b":{"c":"y","d-e":["z"],"]'":"q"},"n":7,"e":""}.
func nested() []byte {
	b := chunk.AppendMapHeader(nil, 4)
	b = chunk.AppendString(chunk.AppendString(b, "a"), "x")
	b = chunk.AppendMapHeader(chunk.AppendString(b, "b"), 3)
	b = chunk.AppendString(chunk.AppendString(b, "c"), "y")
	b = chunk.AppendString(chunk.AppendArrayHeader(chunk.AppendString(b, "d-e"), 1), "z")
	b = chunk.AppendString(chunk.AppendString(b, "]'"), "q")
	b = chunk.AppendInt(chunk.AppendString(b, "n"), 7)
	return chunk.AppendString(chunk.AppendString(b, "e"), "")
}

// encoderOf makes the encoder of a configuration.
func encoderOf(t testing.TB, settings ...string) *encoder {
	t.Helper()
	c := NewConfig()
	if err := parse(c, append(settings, "brokers=a:1")...); err != nil {
		t.Fatal(err)
	}
	return newEncoder(c.plan())
}

func TestTopics(t *testing.T) {
	f := func(template, want string, why detour) {
		t.Helper()
		e := encoderOf(t, "topic="+template, "topic_default=other", `topic_allow=exact,^(t|logs|kube)\.`)
		for range 2 { // made, then remembered
			if err := e.encode("kube.pod.1", &chunk.Event{Body: nested()}); err != nil {
				t.Fatal(err)
			}
			if e.topic.name != want || e.topic.detour != why {
				t.Errorf("%s: %s because of %q", template, e.topic.name, e.topic.detour)
			}
		}
	}
	f("logs.$a", "logs.x", direct)
	f("logs.$a.$n", "logs.x.7", direct)
	f("logs.$a$n", "logs.x7", direct)
	f("logs.$['a']-x", "logs.x-x", direct)
	f("logs.$b['c'].b", "logs.y.b", direct)
	f("logs.$b['d-e'][0]", "logs.z", direct)
	f(`logs.$b["]'"]`, "logs.q", direct)
	f("$TAG", "kube.pod.1", direct)
	f("t.$TAG[1]", "t.pod", direct)
	f("logs.$a-x", "other", noTopicField)
	f("logs.$e", "other", noTopicField)
	f("logs.$b['d']", "other", noTopicField)
	f("logs.$b", "other", illegalTopic) // the JSON of a map
	f("audit.$a", "other", topicNotAllowed)
	f("$a", "other", topicNotAllowed)
}

// TestTopicsAreBounded: what records choose is remembered up to a bound.
func TestTopicsAreBounded(t *testing.T) {
	e := encoderOf(t, "topic=$n", "topic_default=other", "topic_allow=^a")
	for i := range 3 * maxTopics {
		r := chunk.NewRecords(numbered(i, i+1))
		r.Next()
		if err := e.encode("", &r.Event); err != nil || e.topic.name != "other" {
			t.Fatal(err, e.topic)
		}
	}
	if n := len(e.topics.known); n > maxTopics {
		t.Errorf("%d names are remembered", n)
	}
}

func TestHeaders(t *testing.T) {
	f := func(text string, want ...string) {
		t.Helper()
		h, err := parseHeaders(text)
		if err != nil || len(h.list) != len(want)/2 {
			t.Fatalf("%s: %v, %v", text, h.list, err)
		}
		for i, got := range h.list {
			value := got.value.fixed
			if got.value.path != nil {
				value = got.value.path.String()
			}
			if got.name != want[2*i] || value != want[2*i+1] {
				t.Errorf("%s: %s=%s", text, got.name, value)
			}
		}
	}
	f("a=1", "a", "1")
	f("a = 1 , b=$c['x,y]'][0],d=e=f", "a", "1", "b", "$c['x,y]'][0]", "d", "e=f")
}

// FuzzTemplate: whatever is written as a topic, and whatever the record holds,
// a name that comes out is a legal one.
func FuzzTemplate(f *testing.F) {
	for _, text := range []string{"t", "logs.$a", "$b['d-e'][0]", "$TAG[1].$n", "$", "a$b[", "$a['", "ä$a", "..", "$['a']$['b']"} {
		f.Add(text, nested())
	}
	f.Fuzz(func(t *testing.T, text string, body []byte) {
		parsed, err := parseTemplate(text)
		if err != nil || text == "" {
			return
		}
		allow, err := parseAllowList("^")
		if err != nil {
			t.Fatal(err)
		}
		c := Config{topic: parsed, topicAllow: allow, topicDefault: "other", format: formatJSON}
		e := newEncoder(c.plan())
		if e.encode("kube.\xff.pod", &chunk.Event{Body: body}) != nil {
			return
		}
		if err := kafkaconf.CheckTopic(e.topic.name); err != nil {
			t.Fatalf("%q made %q: %v", text, e.topic.name, err)
		}
	})
}

// FuzzLists: no text breaks the parsers of lists.
func FuzzLists(f *testing.F) {
	for _, text := range []string{"a=1,b=$c['x,y']", "^a,b", ",", "=", "a=$", "a=$b[\"", "[['],"} {
		f.Add(text)
	}
	f.Fuzz(func(_ *testing.T, text string) {
		_, _ = parseHeaders(text)
		_, _ = parseAllowList(text)
	})
}
