package schema

import (
	"encoding/binary"
	"errors"
	"fmt"
)

// headerSize is the magic byte and the id.
const headerSize = 5

// guidMagic starts the newer form, with a GUID in place of the id.
const guidMagic = 1

var errShort = errors.New("shorter than a magic byte and a schema id")

// split takes the header of the wire format off a value. payload aliases it.
func split(value []byte) (id uint32, payload []byte, err error) {
	switch {
	case len(value) < headerSize:
		return 0, nil, errShort
	case value[0] == guidMagic:
		return 0, nil, errors.New("magic byte 1: schema ids that are GUIDs are not read")
	case value[0] != 0:
		return 0, nil, fmt.Errorf("no magic byte: not written with a schema registry, or with a header of another form")
	}
	return binary.BigEndian.Uint32(value[1:]), value[headerSize:], nil
}
