package outloki

import (
	"encoding/binary"
	"math/bits"
)

// Protobuf tags: field number and wire type in one byte.
const (
	tag1Varint = 1 << 3 // | 0
	tag2Varint = 2 << 3 // | 0
	tag1Bytes  = 1<<3 | 2
	tag2Bytes  = 2<<3 | 2
	tag3Bytes  = 3<<3 | 2
)

// entry is one record, encoded in its batch's arena.
type entry struct {
	time       int64
	start, end int
	stream     int32
	record     int32 // its number in the chunk
}

func (e *entry) size() int { return e.end - e.start }

// headRoom is kept free in front of a line for what comes before it: 14 bytes at most
// for the time, and a tag and a length of up to 5 bytes.
const headRoom = 20

// putHead writes what an entry has before its line, which is the end of b from text
// on, into the headRoom bytes in front of it. It returns where the entry starts. The time
// is not before 1970.
//
//	message EntryAdapter {
//	  google.protobuf.Timestamp timestamp = 1;
//	  string line = 2;
//	  repeated LabelPairAdapter structuredMetadata = 3;
//	}
//	message Timestamp {
//	  int64 seconds = 1;
//	  int32 nanos = 2;
//	}
func putHead(b []byte, text int, unixNano int64) (start int) {
	var head [headRoom + 8]byte
	head[0], head[2] = tag1Bytes, tag1Varint
	n := 3 + putVarint(head[3:], uint64(unixNano/1e9))
	head[n] = tag2Varint
	n += 1 + putVarint(head[n+1:], uint64(unixNano%1e9))
	head[1] = byte(n - 2)
	head[n] = tag2Bytes
	n += 1 + putVarint(head[n+1:], uint64(len(b)-text))
	start = text - n
	copy(b[start:text], head[:n])
	return start
}

// putVarint is binary.PutUvarint of a number below 2^35, without a loop. It writes over
// eight bytes.
func putVarint(b []byte, v uint64) int {
	n := (bits.Len64(v|1) + 6) / 7
	parts := v&0x7f | v<<1&0x7f00 | v<<2&0x7f_0000 | v<<3&0x7f00_0000 | v<<4&0x7f_0000_0000
	more := uint64(0x80_8080_8080) & (1<<(8*(n-1)) - 1)
	binary.LittleEndian.PutUint64(b, parts|more)
	return n
}
