package outloki

import (
	"sync/atomic"
	"testing"
)

// A panic while a flush sends ends after the goroutines that read its batch, and
// no other flush gets that batch.
func TestPanicBesidePushes(t *testing.T) {
	asked, release := make(chan struct{}, 16), make(chan struct{})
	server := startLoki(t, func([]stream) lokiReply {
		asked <- struct{}{}
		<-release
		return lokiReply{status: 204}
	})
	o, _ := newTestOutput(t, "url="+server.URL, "label_keys=app", "batch_size=1Ki", "parallel=2")
	made, pushing := 0, atomic.Bool{}
	batches, packers := o.batches.New, o.packers.New
	o.batches.New = func() any { made++; return batches() }
	o.packers.New = func() any {
		if pushing.Load() {
			close(release)
			panic("as a bug would")
		}
		return packers()
	}
	ended := make(chan struct{})
	o.spawn = func(name string, f func()) <-chan struct{} {
		end := spawn(name, f)
		go func() { <-end; close(ended) }()
		<-asked
		pushing.Store(true)
		return ended
	}
	func() {
		defer func() {
			if recover() == nil {
				t.Error("no panic")
			}
			select {
			case <-ended:
			default:
				t.Error("a push is under way, and reads what the next flush writes")
			}
		}()
		o.Flush(t.Context(), "tag", apps("", 4, 1000, "a", "b"))
	}()
	if o.batches.Get(); made != 2 {
		t.Errorf("%d batches were made: one was used again", made)
	}
}
