package outloki

import (
	"encoding/binary"
	"math/bits"
	"slices"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/s2"
)

// appendPush appends a push of entries, which are gathered by stream:
//
//	message PushRequest {
//	  repeated StreamAdapter streams = 1;
//	}
//	message StreamAdapter {
//	  string labels = 1;
//	  repeated EntryAdapter entries = 2;
//	  uint64 hash = 3; // the server's own
//	}
func (b *batch) appendPush(dst []byte, entries []entry) []byte {
	for len(entries) > 0 {
		n := run(entries)
		dst = b.appendStream(dst, entries[:n])
		entries = entries[n:]
	}
	return dst
}

func (b *batch) appendStream(dst []byte, entries []entry) []byte {
	labels := b.streams.texts.get(entries[0].stream)
	size := fieldSize(len(labels))
	for i := range entries {
		size += fieldSize(entries[i].size())
	}
	dst = slices.Grow(dst, fieldSize(size))
	dst = append(dst, tag1Bytes)
	dst = binary.AppendUvarint(dst, uint64(size))
	dst = append(dst, tag1Bytes)
	dst = binary.AppendUvarint(dst, uint64(len(labels)))
	dst = append(dst, labels...)
	for i := range entries {
		e := &entries[i]
		dst = append(dst, tag2Bytes)
		dst = binary.AppendUvarint(dst, uint64(e.size()))
		dst = append(dst, b.arena[e.start:e.end]...)
	}
	return dst
}

// fieldSize is the size of a field of n bytes: tag, length and bytes.
func fieldSize(n int) int { return 1 + (bits.Len(uint(n)|1)+6)/7 + n }

// run returns how many entries at the front are of one stream.
func run(entries []entry) int {
	n := 1
	for n < len(entries) && entries[n].stream == entries[0].stream {
		n++
	}
	return n
}

// packer holds the push that is being sent, before and after compression. It is
// for one goroutine.
type packer struct {
	raw, packed, zipped []byte
	gzip                *gzip.Writer
}

// pack encodes and compresses a push. The result is valid until the next one.
//
// Loki reads the block format of snappy; this encoder writes it half as fast
// again as the reference's, at the same ratio.
func (p *packer) pack(b *batch, entries []entry) []byte {
	p.raw = b.appendPush(p.raw[:0], entries)
	p.packed = s2.EncodeSnappy(p.packed[:cap(p.packed)], p.raw)
	return p.packed
}

// packGzip is pack for Content-Encoding gzip. What Loki finds inside must be
// snappy all the same: it is one that copies, because gzip makes less of what
// was compressed before.
func (p *packer) packGzip(b *batch, entries []entry) []byte {
	p.raw = b.appendPush(p.raw[:0], entries)
	p.packed = appendSnappyLiteral(p.packed[:0], p.raw)
	w := writerTo(p.zipped[:0])
	if p.gzip == nil {
		p.gzip = gzip.NewWriter(&w)
	} else {
		p.gzip.Reset(&w)
	}
	_, _ = p.gzip.Write(p.packed) // a writer to memory never fails
	_ = p.gzip.Close()
	p.zipped = w
	return p.zipped
}

// appendSnappyLiteral appends snappy that holds text as it is: its length, and
// one literal with a length of four bytes.
func appendSnappyLiteral(dst, text []byte) []byte {
	const literal4 = 63 << 2
	dst = binary.AppendUvarint(dst, uint64(len(text)))
	if len(text) == 0 {
		return dst
	}
	dst = append(dst, literal4)
	dst = binary.LittleEndian.AppendUint32(dst, uint32(len(text)-1))
	return append(dst, text...)
}

// writerTo appends what is written to it.
type writerTo []byte

func (w *writerTo) Write(b []byte) (int, error) {
	*w = append(*w, b...)
	return len(b), nil
}

// lose gives up memory that the HTTP client may still read.
func (p *packer) lose() { p.packed, p.zipped = nil, nil }

// kept reports whether the packer is small enough to be kept.
func (p *packer) kept() bool { return cap(p.raw)+cap(p.packed)+cap(p.zipped) <= maxKeptBytes }
