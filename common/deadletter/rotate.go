package deadletter

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strconv"
)

// rotate makes the full file path.1, path.1 path.2, and so on; the last one goes.
// It is called with the file's lock, and gives it back. The path itself is moved
// last: until then, nobody else has a file there to lock and to rotate.
//
// Where it cannot, nothing is written: a file without bounds would take the disk
// from others.
func (f *File) rotate() error {
	defer f.drop()
	if err := f.file.Sync(); err != nil {
		return fmt.Errorf("syncing %s: %w", f.path, err)
	}
	if f.limits.Files == 0 {
		f.removing(f.path)
		return os.Remove(f.path)
	}
	if _, err := os.Stat(f.numbered(f.limits.Files)); err == nil {
		f.removing(f.numbered(f.limits.Files))
	}
	for n := f.limits.Files - 1; n > 0; n-- {
		if err := os.Rename(f.numbered(n), f.numbered(n+1)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return os.Rename(f.path, f.numbered(1))
}

// removing tells that letters go for good, which is what the limits ask for.
func (f *File) removing(path string) {
	f.log.Warn("the oldest dead letters are removed to make room", "file", path, "check", "dead_letter_max_size and dead_letter_max_files")
}

func (f *File) numbered(n int) string { return f.path + "." + strconv.Itoa(n) }
