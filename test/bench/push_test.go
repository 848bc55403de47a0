package main

import (
	"slices"
	"testing"

	"github.com/klauspost/compress/snappy"
	"google.golang.org/protobuf/encoding/protowire"
)

// field appends a field with a length.
func field(dst []byte, number protowire.Number, value []byte) []byte {
	dst = protowire.AppendTag(dst, number, protowire.BytesType)
	return protowire.AppendBytes(dst, value)
}

// protobufPush has one stream for each list of lines.
func protobufPush(streams ...[]string) []byte {
	var push []byte
	for _, lines := range streams {
		stream := field(nil, 1, []byte(`{a="b"}`))
		for _, line := range lines {
			seconds := protowire.AppendVarint(protowire.AppendTag(nil, 1, protowire.VarintType), 1_700_000_000)
			entry := field(nil, 1, seconds)
			entry = field(entry, 2, []byte(line))
			stream = field(stream, 2, field(entry, 3, []byte("x")))
		}
		stream = protowire.AppendVarint(protowire.AppendTag(stream, 3, protowire.VarintType), 77)
		push = field(push, 1, stream)
	}
	return push
}

func TestEachLine(t *testing.T) {
	f := func(contentType string, body []byte, want ...string) {
		t.Helper()
		var got []string
		err := eachLine(contentType, body, func(line []byte) { got = append(got, string(line)) })
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("%s: got %q, %v; want %q", contentType, got, err, want)
		}
	}
	f("application/x-protobuf", snappy.Encode(nil, protobufPush([]string{"one", "two"}, nil, []string{"three"})), "one", "two", "three")
	f("", snappy.Encode(nil, nil))
	f("application/json; charset=utf-8", []byte(`{"streams":[{"stream":{"a":"b"},"values":[["1","{\"n\":1}"],["2","two",{"k":"v"}]]},{"stream":{},"values":[]}]}`),
		`{"n":1}`, "two")
	f("application/json", []byte(`{"streams":[]}`))
}

func TestEachLineErrors(t *testing.T) {
	whole := protobufPush([]string{"one", "two"})
	f := func(contentType string, body []byte) {
		t.Helper()
		if err := eachLine(contentType, body, func([]byte) {}); err == nil {
			t.Errorf("%s: %q is read", contentType, body)
		}
	}
	f("", []byte("not snappy"))
	f("", snappy.Encode(nil, whole[:len(whole)-1]))
	f("", snappy.Encode(nil, []byte{0xff}))
	f("application/json", []byte(`{"streams":[{"values":[["1"]]}]}`))
	f("application/json", []byte(`{"streams":[{"values":[["1",2]]}]}`))
	f("application/json", []byte(`{`))
}

func FuzzEachProtobufLine(f *testing.F) {
	f.Add(protobufPush([]string{"one", "two"}, []string{"three"}))
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, push []byte) {
		total := 0
		_ = eachProtobufLine(push, func(line []byte) { total += len(line) })
		if total > len(push) {
			t.Errorf("%d bytes of lines in %d bytes", total, len(push))
		}
	})
}
