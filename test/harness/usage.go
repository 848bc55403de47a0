package harness

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// clockTick is the unit of the kernel's CPU times, the same on every Linux that Go knows.
const clockTick = time.Second / 100

// Usage is what a program takes at one moment.
type Usage struct {
	RSS         int64         // bytes of memory that are in use
	Threads     int           // of the kernel's
	Descriptors int           // open files and sockets
	CPU         time.Duration // user and system, since its start
}

// Usage asks the kernel what the host takes now.
func (h *Host) Usage() (Usage, error) { return h.process.usage() }

func (p *Process) usage() (Usage, error) {
	if p.Exited() {
		return Usage{}, fmt.Errorf("%s has ended", p.Name)
	}
	dir := filepath.Join("/proc", strconv.Itoa(p.cmd.Process.Pid))
	u, err := readStat(filepath.Join(dir, "stat"))
	if err != nil {
		return Usage{}, fmt.Errorf("reading what %s takes: %w", p.Name, err)
	}
	open, err := os.ReadDir(filepath.Join(dir, "fd"))
	u.Descriptors = len(open)
	return u, err
}

// Fields of /proc/<pid>/stat as proc(5) numbers them, from 1. The second is the name in
// parentheses, in which anything can stand: counting begins after its end.
const (
	statUser    = 14
	statSystem  = 15
	statThreads = 20
	statRSS     = 24 // pages
	afterName   = 3
)

func readStat(path string) (u Usage, err error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return u, err
	}
	fields := strings.Fields(string(text[bytes.LastIndexByte(text, ')')+1:]))
	if len(fields) <= statRSS-afterName {
		return u, fmt.Errorf("%s has %d fields", path, len(fields))
	}
	number := func(field int) (n int64) {
		if err == nil {
			n, err = strconv.ParseInt(fields[field-afterName], 10, 64)
		}
		return n
	}
	u.CPU = time.Duration(number(statUser)+number(statSystem)) * clockTick
	u.Threads = int(number(statThreads))
	u.RSS = number(statRSS) * int64(os.Getpagesize())
	return u, err
}
