package chunk

import "iter"

// Values returns the values of all pairs of the map whose key is key, in
// order, as raw msgpack.
//
// Keys repeat where Fluent Bit joined the metadata of several records: its
// multiline filter writes one pair for each. Bytes that are no map have no
// values, and those behind an error have none.
func Values(m []byte, key string) iter.Seq[[]byte] {
	return func(yield func([]byte) bool) {
		n, b, err := ReadMapHeader(m)
		if err != nil {
			return
		}
		for range n {
			var k, v []byte
			if k, b, err = ReadKeyZC(b); err != nil {
				return
			}
			if v, b, err = ReadValueZC(b); err != nil {
				return
			}
			if k != nil && string(k) == key && !yield(v) {
				return
			}
		}
	}
}
