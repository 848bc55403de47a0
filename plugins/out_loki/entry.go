package outloki

import "encoding/binary"

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

// appendTime starts an entry:
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
func appendTime(dst []byte, unixNano int64) []byte {
	dst = append(dst, tag1Bytes, 0)
	timeAt := len(dst)
	dst = append(dst, tag1Varint)
	dst = binary.AppendUvarint(dst, uint64(unixNano/1e9))
	dst = append(dst, tag2Varint)
	dst = binary.AppendUvarint(dst, uint64(unixNano%1e9))
	dst[timeAt-1] = byte(len(dst) - timeAt) // 13 at most
	return dst
}

// appendLine appends the line of an entry. With an error it returns dst as it
// was.
func appendLine(dst, body []byte, p *plannedLine, rec *view) ([]byte, error) {
	start := len(dst)
	dst = append(dst, tag2Bytes)
	lengthAt := len(dst)
	dst = append(dst, make([]byte, expectedLength)...)
	out, err := p.append(dst, body, rec)
	if err != nil {
		return dst[:start], err
	}
	return putLength(out, lengthAt), nil
}

// expectedLength is how many bytes are kept free for the length of a line: two
// do for 128 to 16,383, which most lines have.
const expectedLength = 2

// putLength writes the length of what starts behind the expectedLength bytes
// at, and moves it where its length takes fewer or more bytes.
func putLength(dst []byte, at int) []byte {
	var length [binary.MaxVarintLen64]byte
	text := at + expectedLength
	n := binary.PutUvarint(length[:], uint64(len(dst)-text))
	if n != expectedLength {
		end := len(dst)
		dst = append(dst, length[:n]...) // grows; the bytes are overwritten
		copy(dst[at+n:], dst[text:end])
		dst = dst[:end+n-expectedLength]
	}
	copy(dst[at:], length[:n])
	return dst
}
