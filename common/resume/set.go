package resume

// Set is a set of records of a chunk, by their numbers. nil is empty.
type Set []uint64

// Has reports whether i is in the set.
func (s Set) Has(i int) bool { return i/64 < len(s) && s[i/64]&(1<<(i%64)) != 0 }

// Add puts i, which is not negative, into the set.
func (s *Set) Add(i int) {
	for i/64 >= len(*s) {
		*s = append(*s, 0)
	}
	(*s)[i/64] |= 1 << (i % 64)
}
