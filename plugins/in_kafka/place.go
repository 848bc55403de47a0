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
	before     []byte // metadataHead, "topic": …, "partition": …, "offset":
	after      []byte // "origin": […]
}

// metadataHead is what metadata starts with: a map of one pair, kafka, whose
// value is a map of the origin's pairs. Where there are more, its bytes at
// outerSize and innerSize say so: both are of less than 16.
const (
	metadataHead = "\x81\xa5kafka\x84"
	outerSize    = 0
	innerSize    = len(metadataHead) - 1
)

// moveTo makes the place that of a message.
func (p *place) moveTo(m *rdkafka.Message, assignment uint32) {
	if p.partition == m.Partition && p.assignment == assignment && p.topic == m.Topic && len(p.before) > 0 {
		return
	}
	p.topic, p.partition, p.assignment = m.Topic, m.Partition, assignment
	b := append(p.before[:0], metadataHead...)
	b = chunk.AppendString(chunk.AppendString(b, "topic"), m.Topic)
	b = chunk.AppendInt(chunk.AppendString(b, "partition"), int64(m.Partition))
	p.before = chunk.AppendString(b, "offset")
	b = chunk.AppendArrayHeader(chunk.AppendString(p.after[:0], "origin"), 2)
	b = chunk.AppendUint(b, p.source)
	p.after = chunk.AppendUint(b, uint64(assignment))
}

// appendMetadata appends what the metadata starts with, up to the last of the
// origin's pairs: pairs are those of the outer map, inner those of the map in
// it.
func (p *place) appendMetadata(dst []byte, offset int64, pairs, inner int) []byte {
	start := len(dst)
	dst = append(dst, p.before...)
	dst[start+outerSize] = 0x80 | byte(pairs)
	dst[start+innerSize] = 0x80 | byte(inner)
	dst = chunk.AppendInt(dst, offset)
	return append(dst, p.after...)
}

// appendMember appends the origin as a member of a record.
func (p *place) appendMember(dst []byte, offset int64) []byte {
	dst = chunk.AppendString(dst, originKey)
	dst = append(dst, p.before[innerSize:]...)
	dst = chunk.AppendInt(dst, offset)
	return append(dst, p.after...)
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
