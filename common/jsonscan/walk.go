package jsonscan

import "bytes"

// Member returns the text from the value on that key has in the object at the
// front of text.
func Member(text []byte, key string) (at []byte, ok bool) {
	b, ok := open(text, '{')
	for ok && len(b) > 0 && b[0] == '"' {
		end := stringEnd(b)
		if end < 0 {
			return nil, false
		}
		found := sameKey(b[1:end-1], key)
		if b = Trim(b[end:]); len(b) == 0 || b[0] != ':' {
			return nil, false
		}
		b = Trim(b[1:])
		if found {
			return b, len(b) > 0
		}
		b, ok = next(b)
	}
	return nil, false
}

// Element returns the text from the element at index on, counted from 0, of
// the array at the front of text.
func Element(text []byte, index int) (at []byte, ok bool) {
	b, ok := open(text, '[')
	for range index {
		if !ok || len(b) == 0 {
			return nil, false
		}
		b, ok = next(b)
	}
	return b, ok && len(b) > 0 && b[0] != ']'
}

// Trim cuts off the white space at the front.
func Trim(b []byte) []byte {
	for len(b) > 0 && (b[0] == ' ' || b[0] == '\n' || b[0] == '\t' || b[0] == '\r') {
		b = b[1:]
	}
	return b
}

// open steps into an object or array.
func open(b []byte, bracket byte) (rest []byte, ok bool) {
	if b = Trim(b); len(b) == 0 || b[0] != bracket {
		return nil, false
	}
	return Trim(b[1:]), true
}

// next steps over a value and the comma behind it. What stands there instead
// of a comma ends the object or array, so that there is no next.
func next(b []byte) (rest []byte, ok bool) {
	n := valueEnd(b)
	if n <= 0 {
		return nil, false
	}
	if b = Trim(b[n:]); len(b) == 0 || b[0] != ',' {
		return nil, false
	}
	return Trim(b[1:]), true
}

// valueEnd returns the length of the value at the front of b, 0 or less if
// there is none.
func valueEnd(b []byte) int {
	if len(b) == 0 {
		return 0
	}
	switch b[0] {
	case '"':
		return stringEnd(b)
	case '{', '[':
		return containerEnd(b)
	default:
		return literalEnd(b)
	}
}

// stringEnd returns the length of the string at the front of b with its
// quotes, -1 if it never ends.
func stringEnd(b []byte) int {
	for at := 1; ; at++ {
		n := bytes.IndexByte(b[at:], '"')
		if n < 0 {
			return -1
		}
		at += n
		// A quote is escaped if the backslashes before it are odd in number.
		slashes := 0
		for at-slashes > 1 && b[at-slashes-1] == '\\' {
			slashes++
		}
		if slashes%2 == 0 {
			return at + 1
		}
	}
}

// containerEnd returns the length of the object or array at the front of b, -1
// if it never ends.
func containerEnd(b []byte) int {
	depth := 0
	for i := 0; i < len(b); i++ {
		switch b[i] {
		case '"':
			n := stringEnd(b[i:])
			if n < 0 {
				return -1
			}
			i += n - 1
		case '{', '[':
			depth++
		case '}', ']':
			if depth--; depth == 0 {
				return i + 1
			}
		}
	}
	return -1
}

// literalEnd returns the length of the number or word at the front of b.
func literalEnd(b []byte) int {
	for i, c := range b {
		switch c {
		case ',', ']', '}', ':', '"', '{', '[', ' ', '\n', '\t', '\r':
			return i
		}
	}
	return len(b)
}
