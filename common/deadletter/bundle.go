package deadletter

import (
	"context"
	"sync"
)

// Bundle is the letters of one chunk. An output sends each as it finds its
// record rejected, and waits for all of them before it answers OK. Where time
// runs out it answers RETRY and keeps the Bundle with the chunk: the retry waits
// on, and sends no letter twice. The zero value is ready. It is safe for
// concurrent use.
type Bundle struct {
	mu      sync.Mutex
	waiting int
	empty   chan struct{} // closed when waiting becomes 0; nil unless someone waits
}

// Send sends a letter of the bundle. With an error it was not taken.
func (b *Bundle) Send(to Sink, l *Letter) error {
	b.add(1) // before it is sent: it can be safe before Send returns
	err := to.Send(l, func() { b.add(-1) })
	if err != nil {
		b.add(-1)
	}
	return err
}

func (b *Bundle) add(n int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.waiting += n
	if b.waiting == 0 && b.empty != nil {
		close(b.empty)
		b.empty = nil
	}
}

// Wait reports whether all letters are safe before ctx is done.
func (b *Bundle) Wait(ctx context.Context) bool {
	b.mu.Lock()
	if b.waiting == 0 {
		b.mu.Unlock()
		return true
	}
	if b.empty == nil {
		b.empty = make(chan struct{})
	}
	empty := b.empty
	b.mu.Unlock()
	select {
	case <-empty:
		return true
	case <-ctx.Done():
		return false
	}
}
