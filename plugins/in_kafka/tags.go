package inkafka

import (
	"errors"
	"strconv"
	"strings"

	"github.com/tidegate/tidegate/common/delivery"
)

// What is replaced in topic_tag.
const (
	topicVariable     = "$topic"
	partitionVariable = "$partition"
)

func checkTag(text string) error {
	rest := strings.NewReplacer(topicVariable, "", partitionVariable, "").Replace(text)
	if strings.ContainsAny(rest, "$ \t") {
		return errors.New("must be a tag in which only $topic and $partition are replaced")
	}
	return nil
}

// tags gives the tag of a partition's records.
type tags struct {
	template string // empty for the input's own Tag
	known    map[delivery.Partition]string
}

func newTags(template string) tags { return tags{template, map[delivery.Partition]string{}} }

func (t *tags) of(p delivery.Partition) string {
	if t.template == "" {
		return ""
	}
	tag, ok := t.known[p]
	if !ok {
		tag = strings.NewReplacer(topicVariable, p.Topic, partitionVariable, strconv.Itoa(int(p.ID))).Replace(t.template)
		t.known[p] = tag
	}
	return tag
}
