package outloki

import (
	"strconv"

	"github.com/tidegate/tidegate/common/chunk"
	"github.com/tidegate/tidegate/common/jsontext"
	"github.com/tidegate/tidegate/common/labels"
)

// spread appends each pair of a map, in order. The first explicit names are the
// operator's: a key that makes the same is left out. Any other name that is
// there already gets _2, _3 and so on put behind. A value that is null or empty
// makes no pair.
func (m *metadata) spread(dst, value []byte, explicit int) ([]byte, error) {
	err := eachPair(value, func(k, v []byte) (err error) {
		dst, err = m.mapped(dst, k, v, explicit)
		return err
	})
	return dst, err
}

// mapped appends one pair of a map.
func (m *metadata) mapped(dst, key, value []byte, explicit int) ([]byte, error) {
	if isNil(value) {
		return dst, nil
	}
	var err error
	if m.text, err = jsontext.AppendText(m.text[:0], value); err != nil || len(m.text) == 0 {
		return dst, err
	}
	if !m.nameOf(key, explicit) {
		return dst, err
	}
	text := m.text
	if m.plan.level && string(m.name) == levelName {
		text = normalLevel(text)
	}
	return appendPair(dst, m.name, text), nil
}

// nameOf makes a name of a key that no pair before has. It returns false for
// the operator's.
func (m *metadata) nameOf(key []byte, explicit int) bool {
	raw, _, err := chunk.ReadKeyZC(key)
	if err != nil || raw == nil {
		// A number or a map, as a key: rare enough to be made in two steps.
		if raw, err = jsontext.AppendText(nil, key); err != nil {
			return false
		}
	}
	m.name = labels.AppendSanitized(m.name[:0], raw)
	base, isNew := m.intern()
	if isNew {
		return true
	}
	if int(base) < explicit {
		return false
	}
	// The suffixes below were tried before: a map whose keys all make one name
	// must not cost the square of its size.
	length := len(m.name)
	for !isNew {
		m.suffixes[base]++
		m.name = strconv.AppendInt(append(m.name[:length], '_'), int64(m.suffixes[base]), 10)
		_, isNew = m.intern()
	}
	return true
}

// intern notes the name.
func (m *metadata) intern() (number int32, isNew bool) {
	if number, isNew = m.names.intern(m.name); isNew {
		m.suffixes = append(m.suffixes, 1)
	}
	return number, isNew
}

// The names of a record are few. What more needed goes back.
const (
	nameSlots    = 64
	maxNameSlots = 1 << 10
)

func (m *metadata) forgetNames() {
	if m.suffixes = m.suffixes[:0]; len(m.names.slots) > maxNameSlots {
		m.names = interner{seed: m.names.seed, slots: make([]slot, nameSlots)}
		return
	}
	m.names.reset()
}
