// Package resume remembers, for chunks that an output answered with RETRY, what
// was already done with them, so that the retry does the rest and nothing
// twice.
//
// The engine gives a chunk no name, so it is known by its bytes and its tag.
// Chunks that are the same in both are interchangeable: each Keep is claimed by
// one retry, whichever comes first.
//
// A Store is bounded in number and in time. What it forgets costs duplicates,
// never records. It starts no goroutine.
package resume

import (
	"hash/maphash"
	"slices"
	"sync"
	"time"
)

// key stands for a chunk: 128 bits of hash over tag and bytes, and their
// number. It is good for the Store that made it only.
type key struct {
	hash   [2]uint64
	length int
}

// Store keeps states of type S, one output's. It is safe for concurrent use.
type Store[S any] struct {
	// Two seeds, drawn anew by each Store: nobody who writes logs can make two
	// chunks collide.
	seeds [2]maphash.Seed
	most  int
	keep  time.Duration

	mu sync.Mutex
	// kept is in the order of Keep, so the front expires first. It is searched
	// from one end to the other: a few hundred keys take less than hashing the
	// chunk did.
	kept []kept[S]
}

type kept[S any] struct {
	key     key
	expires time.Time
	state   S
}

// New returns a Store of at most most states, each kept for keep. The engine's
// waits between two tries grow to 2,000 seconds, so keep should be above that.
func New[S any](most int, keep time.Duration) *Store[S] {
	return &Store[S]{
		seeds: [2]maphash.Seed{maphash.MakeSeed(), maphash.MakeSeed()},
		most:  most,
		keep:  keep,
	}
}

func (s *Store[S]) key(tag string, chunk []byte) key {
	k := key{length: len(chunk)}
	for i, seed := range s.seeds {
		var h maphash.Hash
		h.SetSeed(seed)
		// The length between the two is in the key: no tag can pass for the
		// front of a chunk.
		_, _ = h.WriteString(tag) // hashes never fail
		_, _ = h.Write(chunk)
		k.hash[i] = h.Sum64()
	}
	return k
}

// Claim takes the state that was kept for a chunk out of the store. Of several
// it is the oldest. As long as nothing waits, it costs nothing: the chunk is not
// hashed.
func (s *Store[S]) Claim(tag string, chunk []byte) (state S, ok bool) {
	if s.empty() {
		return state, false
	}
	key := s.key(tag, chunk)
	s.mu.Lock()
	defer s.mu.Unlock()
	i := slices.IndexFunc(s.kept, func(k kept[S]) bool { return k.key == key })
	if i < 0 {
		return state, false
	}
	state = s.kept[i].state
	s.kept = slices.Delete(s.kept, i, i+1)
	return state, true
}

// empty reports whether nobody is to come back for anything.
func (s *Store[S]) empty() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.expireLocked(time.Now())
	return len(s.kept) == 0
}

// Keep remembers state for the next flush of the chunk, of which it keeps nothing
// but a hash. A full store forgets its oldest state.
func (s *Store[S]) Keep(tag string, chunk []byte, state S) {
	key := s.key(tag, chunk)
	s.mu.Lock()
	defer s.mu.Unlock()
	now := time.Now()
	s.expireLocked(now)
	if over := len(s.kept) + 1 - s.most; over > 0 {
		s.kept = slices.Delete(s.kept, 0, over)
	}
	s.kept = append(s.kept, kept[S]{key, now.Add(s.keep), state})
}

// expireLocked forgets what nobody came back for.
func (s *Store[S]) expireLocked(now time.Time) {
	n := 0
	for n < len(s.kept) && !now.Before(s.kept[n].expires) {
		n++
	}
	s.kept = slices.Delete(s.kept, 0, n)
}
