package main

import "sync"

// table gives Go values to C as numbers from 1 on. A number that is not in it,
// because its value is gone, is no panic in a thread of the host's, as with a
// cgo.Handle, but found to be missing. It is safe for concurrent use.
type table[T any] struct {
	mu    sync.Mutex
	last  uintptr
	items map[uintptr]T
}

func (t *table[T]) add(item T) uintptr {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.items == nil {
		t.items = map[uintptr]T{}
	}
	t.last++
	t.items[t.last] = item
	return t.last
}

func (t *table[T]) get(number uintptr) (item T, ok bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	item, ok = t.items[number]
	return item, ok
}

// take removes what it returns.
func (t *table[T]) take(number uintptr) (item T, ok bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	item, ok = t.items[number]
	delete(t.items, number)
	return item, ok
}

// takeAll empties the table.
func (t *table[T]) takeAll() []T {
	t.mu.Lock()
	defer t.mu.Unlock()
	all := make([]T, 0, len(t.items))
	for _, item := range t.items {
		all = append(all, item)
	}
	clear(t.items)
	return all
}
