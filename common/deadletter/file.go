package deadletter

import (
	"fmt"
	"log/slog"
	"os"
	"sync"
	"time"

	"golang.org/x/sys/unix"

	"github.com/tidegate/tidegate/common/throttle"
)

// File appends letters to a file of JSON lines, which is rotated by its size.
//
// Several instances, and several agents on one machine, may share the file:
// whoever writes or rotates has its lock (flock). A line is there as a whole or
// not at all, also where the disk is full. Only a kill -9 in the middle of a
// write can leave a part of one; the next line then begins on its own.
//
// A letter is safe when the kernel has its line. It then survives the end of the
// agent, by kill -9 too, but not the machine's loss of power: like the agent's
// own storage, it is only synced when a file is full and at the end.
type File struct {
	counts
	log      *slog.Logger
	instance string
	path     string
	limits   Rotation
	failures throttle.Line

	mu   sync.Mutex
	file *os.File // nil when there is none to go on with, and after Close
	line []byte
	shut bool
}

var _ Sink = (*File)(nil)

// Rotation bounds what files take of the disk.
type Rotation struct {
	// Size is where a file is full, in bytes. A line that is longer has a file of
	// its own.
	Size int64
	// Files is how many full ones are kept, as path.1, the youngest, to path.N.
	Files int
}

// fileMode lets the group read what can be anyone's data.
const fileMode = 0o640

// NewFile opens or makes the file, so that a wrong path is told at start.
func NewFile(o Owner, path string, limits Rotation) (*File, error) {
	f := &File{log: o.Host.Log, instance: o.Host.Name, path: path, limits: limits}
	if err := f.open(); err != nil {
		return nil, err
	}
	f.counts = newCounts(o)
	return f, nil
}

// Send implements Sink. safe is called before it returns. An error, such as that
// of a full disk, may be gone the next time.
func (f *File) Send(l *Letter, safe func()) error {
	now := time.Now()
	if err := f.send(now, l); err != nil {
		f.failed.Inc()
		if n, due := f.failures.Add(now, 1); due {
			f.log.Error("dead letters cannot be written, their records wait", "failures", n, "err", err)
		}
		return err
	}
	f.safe(l)
	safe()
	return nil
}

func (f *File) send(now time.Time, l *Letter) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.shut {
		return ErrClosed
	}
	f.line = AppendLine(append(f.line[:0], '\n'), now, f.instance, l)
	err := f.append()
	if cap(f.line) > maxLine {
		f.line = nil
	}
	if err != nil {
		return fmt.Errorf("writing a dead letter: %w", err)
	}
	return nil
}

// maxLine is how large a buffer is kept.
const maxLine = 1 << 20

// append writes the line, under the lock of the file that is at the path now.
func (f *File) append() error {
	size, err := f.lock()
	for err == nil && size > 0 && size+int64(len(f.line)) > f.limits.Size {
		if err = f.rotate(); err == nil { // which gives the lock back
			size, err = f.lock()
		}
	}
	if err != nil {
		return err
	}
	defer f.unlock()
	line := f.line
	if f.whole(size) {
		line = line[1:] // the newline that would end a part
	}
	if _, err := f.file.Write(line); err != nil {
		// What was written of it goes, so that the next line begins where it should.
		if cutErr := f.file.Truncate(size); cutErr != nil {
			return fmt.Errorf("%w; and a part of a line stays: %w", err, cutErr)
		}
		return err
	}
	return nil
}

// whole reports whether the file ends where a line ends.
func (f *File) whole(size int64) bool {
	if size == 0 {
		return true
	}
	var end [1]byte
	_, err := f.file.ReadAt(end[:], size-1)
	return err == nil && end[0] == '\n'
}

func (f *File) open() error {
	// Also to read: the end of a file, and so that a pipe does not block here.
	file, err := os.OpenFile(f.path, os.O_RDWR|os.O_APPEND|os.O_CREATE, fileMode)
	if err != nil {
		return err
	}
	info, err := file.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = fmt.Errorf("%s is no regular file", f.path)
	}
	if err != nil {
		_ = file.Close() // nothing was written
		return err
	}
	f.file = file
	return nil
}

// lockTries bounds how often a file is looked for: each time, another writer has
// moved it away.
const lockTries = 100

// lock locks the file that is at the path, which another may have rotated or
// removed since, and returns its size.
func (f *File) lock() (size int64, err error) {
	for range lockTries {
		if f.file == nil {
			if err := f.open(); err != nil {
				return 0, err
			}
		}
		if err := f.flock(unix.LOCK_EX); err != nil {
			return 0, err
		}
		mine, err := f.file.Stat()
		if err == nil {
			there, statErr := os.Stat(f.path)
			if statErr == nil && os.SameFile(mine, there) {
				return mine.Size(), nil
			}
		}
		f.drop()
	}
	return 0, fmt.Errorf("%s is moved away each time", f.path)
}

func (f *File) flock(how int) error {
	for {
		err := unix.Flock(int(f.file.Fd()), how)
		if err == nil {
			return nil
		}
		if err != unix.EINTR {
			return fmt.Errorf("locking %s: %w", f.path, err)
		}
	}
}

// unlock also works on a file that is not at the path any more.
func (f *File) unlock() {
	if f.file != nil {
		_ = f.flock(unix.LOCK_UN) // closing it does so too
	}
}

// drop closes the file, and with it gives its lock back.
func (f *File) drop() {
	_ = f.file.Close() // nothing waits in it: each line is one write
	f.file = nil
}

// Close implements Sink. Nothing is ever left.
func (f *File) Close(time.Time) (left int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.shut = true
	if f.file != nil {
		if err := f.file.Sync(); err != nil {
			f.log.Warn("dead letters may not be on disk yet", "err", err)
		}
		f.drop()
	}
	return 0
}
