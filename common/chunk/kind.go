package chunk

// Kind is the type of a msgpack value.
type Kind uint8

// The kinds. Int is a negative integer or one written in a signed format, Uint
// one written in an unsigned format.
const (
	Invalid Kind = iota
	Nil
	Bool
	Int
	Uint
	Float
	String
	Bin
	Array
	Map
	Ext
)

var kindNames = [...]string{"invalid byte", "nil", "bool", "int", "uint", "float", "string", "bin", "array", "map", "ext"}

func (k Kind) String() string { return kindNames[k] }

// KindOf returns the kind of the value at the front of b, Invalid if b is
// empty.
func KindOf(b []byte) Kind {
	if len(b) == 0 {
		return Invalid
	}
	return shapes[b[0]].kind
}

// shape says how long a value is, by its first byte.
type shape struct {
	// size is the length of the first byte and of what follows it at a fixed
	// length: a number, a length field, a short string.
	size uint8
	// width is the size of the length field behind the first byte, 0 for none.
	// It is not 0 for the invalid byte, which keeps that out of skip's short
	// way.
	width uint8
	// fixed is the number of elements or pairs that the first byte tells,
	// opens the number of values in them.
	fixed, opens uint8
	kind         Kind
}

var shapes = makeShapes()

// The first bytes, by the msgpack specification.
func makeShapes() (t [256]shape) {
	for c := range 256 {
		switch {
		case c <= 0x7f:
			t[c] = shape{size: 1, kind: Uint}
		case c <= 0x8f:
			n := uint8(c & 0x0f)
			t[c] = shape{size: 1, fixed: n, opens: 2 * n, kind: Map}
		case c <= 0x9f:
			n := uint8(c & 0x0f)
			t[c] = shape{size: 1, fixed: n, opens: n, kind: Array}
		case c <= 0xbf:
			t[c] = shape{size: 1 + uint8(c&0x1f), kind: String}
		case c >= 0xe0:
			t[c] = shape{size: 1, kind: Int}
		}
	}
	t[0xc0] = shape{size: 1, kind: Nil}
	t[0xc1] = shape{size: 1, width: 1, kind: Invalid}
	t[0xc2] = shape{size: 1, kind: Bool}
	t[0xc3] = shape{size: 1, kind: Bool}
	for i := range uint8(3) {
		width := uint8(1) << i
		t[0xc4+i] = shape{size: 1 + width, width: width, kind: Bin}
		t[0xc7+i] = shape{size: 2 + width, width: width, kind: Ext}
		t[0xd9+i] = shape{size: 1 + width, width: width, kind: String}
	}
	t[0xca] = shape{size: 5, kind: Float}
	t[0xcb] = shape{size: 9, kind: Float}
	for i := range uint8(4) {
		t[0xcc+i] = shape{size: 1 + 1<<i, kind: Uint}
		t[0xd0+i] = shape{size: 1 + 1<<i, kind: Int}
	}
	for i := range uint8(5) {
		t[0xd4+i] = shape{size: 2 + 1<<i, kind: Ext}
	}
	for i := range uint8(2) {
		width := uint8(2) << i
		t[0xdc+i] = shape{size: 1 + width, width: width, kind: Array}
		t[0xde+i] = shape{size: 1 + width, width: width, kind: Map}
	}
	return t
}
