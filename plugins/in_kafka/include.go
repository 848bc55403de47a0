package inkafka

import (
	"bytes"
	"slices"

	"github.com/tidegate/tidegate/common/chunk"
	"github.com/tidegate/tidegate/common/rdkafka"
)

// fact is something of a message that include puts into the record.
type fact uint8

const (
	factTopic fact = iota
	factPartition
	factOffset
	factKey
	factHeaders
	factTimestamp

	numFacts
)

var includeNames = [numFacts]string{"topic", "partition", "offset", "key", "headers", "timestamp"}

// included is one member that include adds.
type included struct {
	fact fact
	key  []byte
}

// inclusion is what include adds to a record: every record has the same
// members. What a message does not have is null, and its headers an empty
// list.
type inclusion struct {
	prefix []byte
	list   []included
}

func newInclusion(c *recordConfig) inclusion {
	in := inclusion{prefix: []byte(c.IncludePrefix)}
	for _, name := range c.Include {
		in.list = append(in.list, included{fact(slices.Index(includeNames[:], name)), []byte(c.IncludePrefix + name)})
	}
	return in
}

// append appends the members, but those in taken.
func (in *inclusion) append(dst []byte, m *rdkafka.Message, taken members) []byte {
	for i := range in.list {
		if taken&(1<<i) == 0 {
			dst = chunk.AppendString(dst, in.list[i].key)
			dst = appendFact(dst, m, in.list[i].fact)
		}
	}
	return dst
}

// members is a set of the members of an inclusion, by their place in it.
type members uint8

// in finds the members whose key the n pairs at the front of pairs have
// already.
func (in *inclusion) in(pairs []byte, n int) (taken members) {
	for range n {
		var key []byte
		var err error
		if key, pairs, err = chunk.ReadKeyZC(pairs); err != nil {
			return taken
		}
		if bytes.HasPrefix(key, in.prefix) {
			for i := range in.list {
				if bytes.Equal(key, in.list[i].key) {
					taken |= 1 << i
				}
			}
		}
		if pairs, err = chunk.Skip(pairs); err != nil {
			return taken
		}
	}
	return taken
}

func appendFact(dst []byte, m *rdkafka.Message, f fact) []byte {
	switch f {
	case factTopic:
		return chunk.AppendString(dst, m.Topic)
	case factPartition:
		return chunk.AppendInt(dst, int64(m.Partition))
	case factOffset:
		return chunk.AppendInt(dst, m.Offset)
	case factKey:
		return appendBytes(dst, m.Key)
	case factHeaders:
		return appendHeaders(dst, m.Headers, m.Headers.Count())
	default:
		if m.Timestamp < 0 {
			return chunk.AppendNil(dst)
		}
		return chunk.AppendInt(dst, m.Timestamp)
	}
}
