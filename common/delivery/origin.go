package delivery

import (
	"bytes"
	"math"

	"github.com/tidegate/tidegate/common/chunk"
)

// The metadata of an event of tidegate_kafka:
//
//	{"kafka": {"topic": "logs", "partition": 3, "offset": 42, "origin": [source, assignment], …}, …}
//
// Filters may have added pairs, or joined several records: the key kafka is
// then there several times. Metadata is not trusted; what is no such origin is
// none.
const metadataKey = "kafka"

// AppendOrigins adds the origins that an event's metadata holds, and returns
// how many: none for a record of another input, several where a filter joined
// records. What it reads must be well-formed msgpack, as chunk.Event.Metadata is.
func (r *Runs) AppendOrigins(metadata []byte) int {
	if r.again(metadata) {
		return 1
	}
	n := 0
	for value := range chunk.Values(metadata, metadataKey) {
		if p, ok := readPlace(value); ok {
			r.add(r.findPlace(&p), p.offset)
			n++
		}
	}
	return n
}

// place is an origin as it stands in metadata.
type place struct {
	topic      []byte
	partition  int32
	offset     int64
	source     uint64
	assignment uint32
}

// findPlace is find without making a string of a topic that is known.
func (r *Runs) findPlace(p *place) int {
	for i := range min(len(r.origins), fewOrigins) {
		o := &r.origins[i]
		if o.Source == p.source && o.Partition == p.partition && o.Assignment == p.assignment && o.Topic == string(p.topic) {
			return r.find(o.Origin)
		}
	}
	return r.find(Origin{p.source, string(p.topic), p.partition, p.assignment})
}

// Bits of what was found of a place.
const (
	hasTopic = 1 << iota
	hasPartition
	hasOffset
	hasOrigin
	hasAll = 1<<iota - 1
)

// readPlace reads the value of one kafka key. Of repeated keys in it the first
// counts.
func readPlace(b []byte) (p place, ok bool) {
	n, b, err := chunk.ReadMapHeader(b)
	if err != nil {
		return p, false
	}
	has := 0
	for i := 0; i < n && has != hasAll; i++ {
		var key, value []byte
		if key, b, err = chunk.ReadKeyZC(b); err != nil {
			return p, false
		}
		if value, b, err = chunk.ReadValueZC(b); err != nil {
			return p, false
		}
		is := p.keyed(key)
		if is == 0 || has&is != 0 {
			continue
		}
		if !p.read(is, value) {
			return p, false
		}
		has |= is
	}
	return p, has == hasAll
}

func (*place) keyed(key []byte) int {
	switch string(key) {
	case "topic":
		return hasTopic
	case "partition":
		return hasPartition
	case "offset":
		return hasOffset
	case "origin":
		return hasOrigin
	default:
		return 0
	}
}

func (p *place) read(is int, value []byte) bool {
	var err error
	switch is {
	case hasTopic:
		p.topic, _, err = chunk.ReadStringZC(value)
		return err == nil
	case hasPartition:
		n, ok := readNumber(value, math.MaxInt32)
		p.partition = int32(n)
		return ok
	case hasOffset:
		// The last offset has no next one to commit.
		n, ok := readNumber(value, math.MaxInt64-1)
		p.offset = int64(n)
		return ok
	default:
		n, rest, err := chunk.ReadArrayHeader(value)
		if err != nil || n != 2 {
			return false
		}
		var ok bool
		if p.source, ok = readNumber(rest, math.MaxUint64); !ok {
			return false
		}
		if rest, err = chunk.Skip(rest); err != nil {
			return false
		}
		n64, ok := readNumber(rest, math.MaxUint32)
		p.assignment = uint32(n64)
		return ok
	}
}

// readNumber reads an integer from 0 to most, in either format: filters in Lua
// write their own.
func readNumber(b []byte, most uint64) (n uint64, ok bool) {
	if n, _, err := chunk.ReadUint(b); err == nil {
		return n, n <= most
	}
	i, _, err := chunk.ReadInt(b)
	return uint64(i), err == nil && i >= 0 && uint64(i) <= most
}

// frame is what stands around the offset in the metadata of an origin, as
// tidegate_kafka writes it. Nearly every record is told by comparing these
// bytes, which takes a tenth of reading them.
type frame struct{ before, after []byte }

// head is what stands before them, but for one byte: the inner map's size. The
// outer map may be larger.
const head = "\x81\xa5" + metadataKey

func newFrame(o Origin) frame {
	var f frame
	f.before = chunk.AppendString(chunk.AppendString(nil, "topic"), o.Topic)
	f.before = chunk.AppendInt(chunk.AppendString(f.before, "partition"), int64(o.Partition))
	f.before = chunk.AppendString(f.before, "offset")
	f.after = chunk.AppendArrayHeader(chunk.AppendString(nil, "origin"), 2)
	f.after = chunk.AppendUint(chunk.AppendUint(f.after, o.Source), uint64(o.Assignment))
	return f
}

// again adds the record if it is of the same origin as the last one, or of the
// one that followed that the last time.
func (r *Runs) again(m []byte) bool {
	// A fixmap of four or more pairs: one of fewer cannot hold the frame.
	if len(r.runs) == 0 || len(m) <= len(head) || m[len(head)]&0xf0 != 0x80 {
		return false
	}
	if string(m[:len(head)]) != head && !onlyFirst(m) {
		return false
	}
	m = m[len(head)+1:]
	if offset, ok := r.origins[r.last].frame.offset(m); ok {
		r.add(r.last, offset)
		return true
	}
	then := r.origins[r.last].then
	offset, ok := r.origins[then].frame.offset(m)
	if ok {
		r.add(then, offset)
	}
	return ok
}

// onlyFirst reports whether the first pair of a fixmap is kafka and no other is:
// tidegate_kafka adds the ids of a trace behind it.
func onlyFirst(m []byte) bool {
	if m[0]&0xf0 != 0x80 || string(m[1:len(head)]) != head[1:] {
		return false
	}
	pairs := int(m[0] & 0x0f)
	b, err := chunk.Skip(m[len(head):])
	for i := 1; i < pairs && err == nil; i++ {
		var key []byte
		if key, b, err = chunk.ReadKeyZC(b); err == nil {
			if string(key) == metadataKey {
				return false
			}
			b, err = chunk.Skip(b)
		}
	}
	return err == nil
}

// offset returns the offset of a record in the frame.
func (f *frame) offset(m []byte) (int64, bool) {
	if !bytes.HasPrefix(m, f.before) {
		return 0, false
	}
	n, rest, err := chunk.ReadUint(m[len(f.before):])
	return int64(n), err == nil && n < math.MaxInt64 && bytes.HasPrefix(rest, f.after)
}
