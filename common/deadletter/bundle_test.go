package deadletter

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"
)

// later is a sink whose letters are safe when the test says so.
type later struct{ safe []func() }

func (s *later) Send(l *Letter, safe func()) error {
	if l.Reason == "full" {
		return ErrFull
	}
	s.safe = append(s.safe, safe)
	return nil
}

func (s *later) Close(time.Time) int { return 0 }

// A bundle is done when its last letter is safe; a wait that ends before is
// taken up by the next one.
func TestBundle(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var b Bundle
		var to later
		short := func() context.Context {
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			t.Cleanup(cancel)
			return ctx
		}
		if !b.Wait(short()) {
			t.Error("an empty bundle waits")
		}
		for range 2 {
			if err := b.Send(&to, &Letter{}); err != nil {
				t.Fatal(err)
			}
		}
		if err := b.Send(&to, &Letter{Reason: "full"}); !errors.Is(err, ErrFull) {
			t.Error(err)
		}
		if b.Wait(short()) {
			t.Error("nothing is safe yet")
		}
		to.safe[0]()
		if b.Wait(short()) {
			t.Error("one is not safe yet")
		}
		time.AfterFunc(time.Second/2, to.safe[1])
		for range 2 {
			if !b.Wait(short()) {
				t.Error("all were safe")
			}
		}
	})
}
