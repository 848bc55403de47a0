package outkafka

import "github.com/tidegate/tidegate/common/kafkaconf"

// topic is a name and whether it was allowed.
type topic struct {
	// made is what the template gave, name where such records go.
	made, name string
	detour     detour
}

// maxTopics bounds what is remembered of names, most of which a hostile record
// can choose.
const maxTopics = 1024

// topics finds the topic of records. It belongs to one goroutine at a time.
type topics struct {
	template *template
	allow    *allowList
	fallback topic // for records without a name
	static   bool

	buf []byte
	// last is asked first and nearly always right: the records of a chunk mostly
	// come from one place. The map serves the changes.
	last  *topic
	known map[string]*topic
}

func newTopics(t *template, allow *allowList, fallback string) *topics {
	all := &topics{
		template: t,
		allow:    allow,
		fallback: topic{name: fallback, detour: noTopicField},
		static:   !t.dynamic(),
		known:    map[string]*topic{},
	}
	all.last = &topic{made: t.text, name: t.text}
	if !all.static {
		all.last = all.judge("")
	}
	return all
}

// find returns the topic of a record. It stays as it is.
func (t *topics) find(rec *record) *topic {
	if t.static {
		return t.last
	}
	made, ok := t.template.append(t.buf[:0], rec)
	t.buf = made
	if !ok {
		return &t.fallback
	}
	if string(made) == t.last.made {
		return t.last
	}
	found, ok := t.known[string(made)]
	if !ok {
		if len(t.known) >= maxTopics {
			clear(t.known)
		}
		found = t.judge(string(made))
		t.known[found.made] = found
	}
	t.last = found
	return found
}

func (t *topics) judge(made string) *topic {
	switch {
	case kafkaconf.CheckTopic(made) != nil:
		return &topic{made, t.fallback.name, illegalTopic}
	case !t.allow.has(made):
		return &topic{made, t.fallback.name, topicNotAllowed}
	}
	return &topic{made, made, direct}
}
