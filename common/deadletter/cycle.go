package deadletter

import (
	"fmt"
	"regexp"
	"strings"
)

// CheckCycle refuses a dead letter topic that an input on the same cluster reads:
// its letters would be read, refused and produced again, for ever. Elements of
// read and exclude are names, or ^ and a regular expression.
func CheckCycle(topic string, read, exclude []string) error {
	if _, excluded := matching(topic, exclude); excluded {
		return nil
	}
	if by, is := matching(topic, read); is {
		return fmt.Errorf("dead_letter_topic %q is among the topics to read, by %q: a dead letter would be read and refused again, for ever; name it otherwise or exclude it", topic, by)
	}
	return nil
}

// CheckWritten refuses a dead letter topic among those that the plugin, a client
// of Kafka by itself, writes its records to: what a topic refuses, such as a
// message without a key where it is compacted, it would refuse for ever as a dead
// letter, and the chunk with it. Elements are as above. On other brokers it is
// another topic.
func (c *Config) CheckWritten(write []string) error {
	if c.topic == "" || len(c.brokers) > 0 {
		return nil
	}
	if by, is := matching(c.topic, write); is {
		return fmt.Errorf("dead_letter_topic %q is among the topics to write, by %q: what that topic refuses, it would refuse again as a dead letter; name it otherwise", c.topic, by)
	}
	return nil
}

// matching finds the element that has a topic.
func matching(topic string, elements []string) (by string, ok bool) {
	for _, e := range elements {
		if !strings.HasPrefix(e, "^") {
			if e == topic {
				return e, true
			}
			continue
		}
		// One that does not compile is refused where it is parsed.
		if re, err := regexp.Compile(e); err == nil && re.MatchString(topic) {
			return e, true
		}
	}
	return "", false
}
