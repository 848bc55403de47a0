package inkafka

import (
	"hash/fnv"

	"github.com/tidegate/tidegate/common/chunk"
	"github.com/tidegate/tidegate/common/rdkafka"
)

// originKey is the member of a record that holds its origin, with origin_in
// record: what the metadata has under kafka, its first four pairs.
const originKey = "tidegate_origin"

// originPairs are topic, partition, offset and origin, which every event has.
const originPairs = 4

// place is where messages are from, as it stands around the offset in every
// event. The messages of a partition come in runs, so that it is seldom made
// anew.
//
// Outputs compare these bytes: their order and their encoding are a contract
// with package delivery, whose frames are the other side of it.
type place struct {
	source uint64

	topic      string
	partition  int32
	assignment uint32
	before     []byte // "topic": …, "partition": …, "offset":
	after      []byte // "origin": […]
}

// moveTo makes the place that of a message.
func (p *place) moveTo(m *rdkafka.Message, assignment uint32) {
	if p.partition == m.Partition && p.assignment == assignment && p.topic == m.Topic && len(p.before) > 0 {
		return
	}
	p.topic, p.partition, p.assignment = m.Topic, m.Partition, assignment
	b := chunk.AppendString(chunk.AppendString(p.before[:0], "topic"), m.Topic)
	b = chunk.AppendInt(chunk.AppendString(b, "partition"), int64(m.Partition))
	p.before = chunk.AppendString(b, "offset")
	b = chunk.AppendArrayHeader(chunk.AppendString(p.after[:0], "origin"), 2)
	b = chunk.AppendUint(b, p.source)
	p.after = chunk.AppendUint(b, uint64(assignment))
}

// append appends the origin's pairs.
func (p *place) append(dst []byte, offset int64) []byte {
	dst = append(dst, p.before...)
	dst = chunk.AppendInt(dst, offset)
	return append(dst, p.after...)
}

// appendMember appends the origin as a member of a record.
func (p *place) appendMember(dst []byte, offset int64) []byte {
	dst = chunk.AppendMapHeader(chunk.AppendString(dst, originKey), originPairs)
	return p.append(dst, offset)
}

// source identifies a group on a cluster, so that a record's origin is taken
// for nobody else's.
func source(brokers []string, group string) uint64 {
	h := fnv.New64a()
	for _, b := range brokers {
		h.Write([]byte(b))
		h.Write([]byte{0})
	}
	h.Write([]byte(group))
	return h.Sum64()
}
