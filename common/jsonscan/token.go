package jsonscan

// Kind is the type of a value.
type Kind uint8

// The kinds.
const (
	Invalid Kind = iota
	Null
	True
	False
	Number
	String
	Object
	Array
)

// Token returns the text of the value at the front of text, white space cut
// off, and its kind: Invalid for what is no value, or is cut off. The inside of
// strings, objects and arrays is not looked at.
func Token(text []byte) (token []byte, kind Kind) {
	b := Trim(text)
	n := valueEnd(b)
	if n <= 0 {
		return nil, Invalid
	}
	token = b[:n:n]
	switch token[0] {
	case '"':
		return token, String
	case '{':
		return token, Object
	case '[':
		return token, Array
	}
	switch string(token) {
	case "null":
		return token, Null
	case "true":
		return token, True
	case "false":
		return token, False
	}
	if !isNumber(token) {
		return nil, Invalid
	}
	return token, Number
}

// isNumber holds a token against JSON's grammar of numbers.
func isNumber(b []byte) bool {
	if len(b) > 0 && b[0] == '-' {
		b = b[1:]
	}
	whole := digits(b)
	if whole == 0 || whole > 1 && b[0] == '0' {
		return false
	}
	b = b[whole:]
	if len(b) > 0 && b[0] == '.' {
		n := digits(b[1:])
		if n == 0 {
			return false
		}
		b = b[1+n:]
	}
	if len(b) > 0 && b[0]|0x20 == 'e' {
		if b = b[1:]; len(b) > 0 && (b[0] == '+' || b[0] == '-') {
			b = b[1:]
		}
		n := digits(b)
		return n > 0 && n == len(b)
	}
	return len(b) == 0
}

func digits(b []byte) int {
	n := 0
	for n < len(b) && b[n] >= '0' && b[n] <= '9' {
		n++
	}
	return n
}
