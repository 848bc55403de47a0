package avropack

import (
	"encoding/binary"
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"
)

// maker makes schemas, and values of them in Avro's encoding, at random.
type maker struct {
	*rand.Rand
	named int
	value []byte
}

// make returns the text of a schema, and appends a value of it.
func (m *maker) make(depth int, inUnion, write bool) string {
	kinds := 13
	if depth == 0 {
		kinds = 9
	}
	switch m.IntN(kinds) {
	case 0:
		return `"null"`
	case 1:
		m.write(write, byte(m.IntN(2)))
		return `"boolean"`
	case 2:
		m.write(write, appendLong(nil, int64(int32(m.Uint32()>>m.IntN(32))))...)
		return `"int"`
	case 3:
		m.write(write, appendLong(nil, int64(m.Uint64()>>m.IntN(64)))...)
		return `"long"`
	case 4:
		m.write(write, binary.LittleEndian.AppendUint32(nil, math.Float32bits(m.Float32()))...)
		return `"float"`
	case 5:
		m.write(write, binary.LittleEndian.AppendUint64(nil, math.Float64bits(m.NormFloat64()))...)
		return `"double"`
	case 6:
		m.text(write)
		return []string{`"string"`, `"bytes"`}[m.IntN(2)]
	case 7:
		size := m.IntN(20)
		m.write(write, make([]byte, size)...)
		return fmt.Sprintf(`{"type":"fixed","name":"%s","size":%d}`, m.name(), size)
	case 8:
		m.write(write, appendLong(nil, int64(m.IntN(2)))...)
		return fmt.Sprintf(`{"type":"enum","name":"%s","symbols":["A","B"]}`, m.name())
	case 9:
		return m.record(depth, write)
	case 10:
		return m.list(depth, write, "array", "items")
	case 11:
		return m.list(depth, write, "map", "values")
	}
	if inUnion {
		return `"null"`
	}
	return m.union(depth, write)
}

func (m *maker) record(depth int, write bool) string {
	name, fields := m.name(), []string{}
	for i := range m.IntN(6) {
		fields = append(fields, fmt.Sprintf(`{"name":"f%d","type":%s}`, i, m.make(depth-1, false, write)))
	}
	return fmt.Sprintf(`{"type":"record","name":"%s","fields":[%s]}`, name, strings.Join(fields, ","))
}

// list makes an array or a map, with no value or one: a second would need the
// first one's schema.
func (m *maker) list(depth int, write bool, kind, member string) string {
	one := write && m.IntN(3) > 0
	switch {
	case one && m.IntN(2) == 0:
		m.write(write, 1, 2) // a block whose size is told; nobody needs it to be right
	case one:
		m.write(write, 2)
	}
	if one && kind == "map" {
		m.text(write)
	}
	inner := m.make(depth-1, false, one)
	m.write(write, 0)
	return fmt.Sprintf(`{"type":"%s","%s":%s}`, kind, member, inner)
}

func (m *maker) union(depth int, write bool) string {
	branch := m.IntN(2)
	m.write(write, byte(2*branch))
	if branch == 0 {
		return `["null",` + m.record(depth, false) + `]`
	}
	return `["null",` + m.record(depth, write) + `]`
}

func (m *maker) text(write bool) {
	text := strings.Repeat("ä", m.IntN(40))
	m.write(write, append(appendLong(nil, int64(len(text))), text...)...)
}

func (m *maker) name() string {
	m.named++
	return fmt.Sprintf("n.T%d", m.named)
}

func (m *maker) write(write bool, b ...byte) {
	if write {
		m.value = append(m.value, b...)
	}
}

// TestRandom holds the walk against the library on random schemas: on a value
// of each, and on that with a wrong byte or without its end.
func TestRandom(t *testing.T) {
	const schemas = 3000
	var tr Transcoder
	for seed := range uint64(schemas) {
		m := &maker{Rand: rand.New(rand.NewPCG(seed, 5))}
		text := m.make(4, false, true)
		s, err := Compile(Source{Text: text, Plain: true})
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		library := oracle(t, text)
		var want any
		if rest, err := library.Decode(m.value, &want); err != nil || len(rest) > 0 {
			t.Fatalf("%s, %x: the library leaves %x and says %v", text, m.value, rest, err)
		}
		got, err := tr.Append(nil, m.value, s)
		if err != nil {
			t.Fatalf("%s, %x: %v", text, m.value, err)
		}
		if v, rest := unpack(t, got); plain(v) != plain(want) || len(rest) > 0 {
			t.Fatalf("%s, %x: got %s, want %s", text, m.value, plain(v), plain(want))
		}
		for i := range m.value {
			if out, err := tr.Append(nil, m.value[:i], s); err == nil || len(out) > 0 {
				t.Fatalf("%s, %x without its end was read as %x", text, m.value[:i], out)
			}
			wrong := append([]byte{}, m.value...)
			wrong[i] ^= byte(1 + m.IntN(255))
			if out, err := tr.Append(nil, wrong, s); err == nil {
				if _, rest := unpack(t, out); len(rest) > 0 {
					t.Fatalf("%s, %x: %x behind the value", text, wrong, rest)
				}
			}
		}
	}
}
