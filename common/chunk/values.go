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
		var lengths KeyLengths
		lengths.Add(len(key))
		pairs := ReadPairs(m)
		for {
			k, v, ok := pairs.Next(lengths)
			if !ok || string(k) == key && !yield(v) {
				return
			}
		}
	}
}
