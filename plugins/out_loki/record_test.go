package outloki

import (
	"github.com/tidegate/tidegate/common/chunk"
	"github.com/tidegate/tidegate/common/jsonpack"
)

// chunkOf returns a chunk of records that are written as JSON, a second apart.
func chunkOf(records ...string) (data []byte) {
	for i, text := range records {
		data = appendJSON(data, int64(i+1)*1e9, `{}`, text)
	}
	return data
}

// appendJSON appends an event whose metadata and body are written as JSON.
func appendJSON(dst []byte, unixNano int64, metadata, body string) []byte {
	dst = chunk.AppendEventHeader(dst, uint32(unixNano/1e9), uint32(unixNano%1e9))
	pack := jsonpack.New()
	for _, text := range []string{metadata, body} {
		var err error
		if dst, _, err = pack.Append(dst, []byte(text)); err != nil {
			panic(err)
		}
	}
	return dst
}
