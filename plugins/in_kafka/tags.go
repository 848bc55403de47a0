package inkafka

import "strings"

// tags gives the tag of a topic's records.
type tags struct {
	template string // with $topic; empty for the input's own Tag
	byTopic  map[string]string
}

func (t *tags) of(topic string) string {
	if t.template == "" {
		return ""
	}
	tag, ok := t.byTopic[topic]
	if !ok {
		tag = strings.ReplaceAll(t.template, topicVariable, topic)
		t.byTopic[topic] = tag
	}
	return tag
}
