package outkafka

import (
	"github.com/tidegate/tidegate/common/accessor"
	"github.com/tidegate/tidegate/common/jsontext"
)

// plan says how records become messages. It is made once and only read
// afterwards.
type plan struct {
	topic    template
	allow    allowList
	fallback string
	key      source
	hasKey   bool
	headers  []header
	// raw is the source of the whole value, nil for JSON.
	raw *source
	// timePrefix opens the JSON of a value and goes up to the time, empty for
	// values without one. timeKey is what the record's own must not be called.
	timePrefix []byte
	timeKey    *jsontext.Omit

	lookup *accessor.Set
	width  int
}

func (c *Config) plan() *plan {
	p := &plan{
		topic: c.topic, allow: c.topicAllow, fallback: c.topicDefault,
		key: c.messageKey.source, hasKey: c.messageKey.text != "",
		headers: c.headers.list,
	}
	var f fields
	for i := range p.topic.parts {
		f.bind(&p.topic.parts[i])
	}
	f.bind(&p.key)
	for i := range p.headers {
		f.bind(&p.headers[i].value)
	}
	if c.format == formatRaw {
		p.raw = &source{path: c.rawLogKey}
		f.bind(p.raw)
	}
	if c.timestampKey != "" {
		p.timeKey = &jsontext.Omit{}
		p.timeKey.Add(c.timestampKey)
		p.timePrefix = append(jsontext.AppendString([]byte{'{'}, []byte(c.timestampKey)), `:"`...)
	}
	p.lookup, p.width = accessor.NewSet(f.paths...), len(f.paths)
	return p
}
