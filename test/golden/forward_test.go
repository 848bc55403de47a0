package golden_test

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math"
	"net"
	"slices"
	"testing"
	"time"

	"github.com/tidegate/tidegate/test/harness"
)

// Msgpack, as a sender of the forward protocol writes it.

func text(s string) []byte {
	return append(binary.BigEndian.AppendUint32([]byte{0xdb}, uint32(len(s))), s...)
}

func bin(b []byte) []byte {
	return append(binary.BigEndian.AppendUint32([]byte{0xc6}, uint32(len(b))), b...)
}

func cat(parts ...[]byte) (all []byte) {
	for _, p := range parts {
		all = append(all, p...)
	}
	return all
}

// body is {"form": name}.
func body(name string) []byte { return cat([]byte{0x81}, text("form"), text(name)) }

func eventTime(head []byte, seconds, nanos uint32) []byte {
	b := binary.BigEndian.AppendUint32(append([]byte{}, head...), seconds)
	return binary.BigEndian.AppendUint32(b, nanos)
}

// forms are entries [time, record] with each form of a timestamp, and one of format 2.
func forms() [][]byte {
	const seconds = 1767323045
	entry := func(time []byte, name string) []byte { return cat([]byte{0x92}, time, body(name)) }
	fixext8, ext8 := []byte{0xd7, 0}, []byte{0xc7, 8, 0}
	return [][]byte{
		entry([]byte{5}, "fixint"),
		entry(binary.BigEndian.AppendUint32([]byte{0xce}, seconds), "uint32"),
		entry(binary.BigEndian.AppendUint64([]byte{0xcf}, seconds), "uint64"),
		entry(binary.BigEndian.AppendUint64([]byte{0xd3}, seconds), "int64"),
		entry(binary.BigEndian.AppendUint32([]byte{0xca}, math.Float32bits(1.5)), "float32"),
		entry(binary.BigEndian.AppendUint64([]byte{0xcb}, math.Float64bits(seconds+0.25)), "float64"),
		entry(eventTime(fixext8, seconds, 6), "fixext8"),
		entry(eventTime(ext8, seconds, 7), "ext8"),
		cat([]byte{0x92, 0x92}, eventTime(fixext8, seconds, 8), []byte{0x81}, text("n"), []byte{1}, body("format 2")),
	}
}

// forwardPacked is events as the sender packed them: format 1 and 2, every form of a timestamp.
func forwardPacked() scenario {
	return forward("forward-packed", func(entries [][]byte) []byte {
		return cat([]byte{0x92}, text("app"), bin(cat(entries...)))
	}, forms())
}

// forwardMessages is the same events one by one, which Fluent Bit decodes, as a float only one of 64 bits, and writes in a
// form of its own.
func forwardMessages() scenario {
	return forward("forward", func(entries [][]byte) []byte {
		return cat([]byte{0x92}, text("app"), []byte{0x90 | byte(len(entries))}, cat(entries...))
	}, slices.DeleteFunc(forms(), func(entry []byte) bool { return bytes.HasSuffix(entry, text("float32")) }))
}

func forward(name string, pack func(entries [][]byte) []byte, entries [][]byte) scenario {
	return scenario{name: name, events: len(entries), prepare: func(t *testing.T, _ string) (string, feed) {
		port := harness.FreePort(t)
		pipeline := fmt.Sprintf("\n[INPUT]\n    Name forward\n    Listen 127.0.0.1\n    Port %d\n", port)
		return pipeline, func(t *testing.T, _ *harness.Host) {
			harness.Eventually(t, 20*time.Second, "a connection", func() error {
				c, err := net.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", port))
				if err != nil {
					return err
				}
				defer func() { _ = c.Close() }()
				_, err = c.Write(pack(entries))
				return err
			})
		}
	}}
}
