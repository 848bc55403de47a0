package host

// #include <stdlib.h>
// #include "host.h"
import "C"

import (
	"context"
	"log/slog"
	"strings"
	"unsafe"
)

// Handler is a slog.Handler that writes to the agent's log, as the built-in
// plugins do: `[output:tidegate_loki:loki.0] message key=value`.
//
// The instance's level is read once, when it is made: asking the host for
// every line would need the host's instance, which a goroutine may outlive.
type Handler struct {
	print  unsafe.Pointer // the host's log_print
	level  slog.Level
	prefix string
	attrs  string // ` key=value` of WithAttrs, already formatted
	group  string // `group.` of WithGroup
}

// levels are the host's, from the most to the least verbose that we use.
var levels = []struct {
	host int
	slog slog.Level
}{
	{C.FLB_LOG_DEBUG, slog.LevelDebug},
	{C.FLB_LOG_INFO, slog.LevelInfo},
	{C.FLB_LOG_WARN, slog.LevelWarn},
	{C.FLB_LOG_ERROR, slog.LevelError},
}

// levelOff is above every level that is logged.
const levelOff = slog.LevelError + 1

// Handler returns the instance's log. It outlives the instance.
func (i *Instance) Handler() *Handler {
	api := (*C.struct_flbgo_plugin)(i.plugin).api
	kind, isInput := "output", C.int(0)
	if i.kind == Input {
		kind, isInput = "input", 1
	}
	h := &Handler{
		print:  *(*unsafe.Pointer)(unsafe.Pointer(&api.log_print)), // Safety: a function pointer of the host's text, never freed
		level:  levelOff,
		prefix: "[" + kind + ":" + i.Plugin + ":" + i.Name + "] ",
	}
	for _, l := range levels {
		if C.tidegate_log_check(api, isInput, i.ins, C.int(l.host)) != 0 {
			h.level = l.slog
			break
		}
	}
	return h
}

// Enabled reports whether the instance's log_level lets level through.
func (h *Handler) Enabled(_ context.Context, level slog.Level) bool { return level >= h.level }

// Handle writes one record. The host stamps it with the time.
func (h *Handler) Handle(_ context.Context, r slog.Record) error {
	var b strings.Builder
	b.WriteString(h.prefix)
	b.WriteString(r.Message)
	b.WriteString(h.attrs)
	r.Attrs(func(a slog.Attr) bool {
		writeAttr(&b, h.group, a)
		return true
	})
	text := C.CString(b.String())
	defer C.free(unsafe.Pointer(text))
	C.tidegate_log_print(h.print, C.int(hostLevel(r.Level)), text)
	return nil
}

func hostLevel(level slog.Level) int {
	host := C.FLB_LOG_DEBUG
	for _, l := range levels {
		if level >= l.slog {
			host = l.host
		}
	}
	return host
}

// WithAttrs returns a handler whose lines end in attrs.
func (h *Handler) WithAttrs(attrs []slog.Attr) slog.Handler {
	var b strings.Builder
	b.WriteString(h.attrs)
	for _, a := range attrs {
		writeAttr(&b, h.group, a)
	}
	with := *h
	with.attrs = b.String()
	return &with
}

// WithGroup returns a handler whose keys start with name and a dot.
func (h *Handler) WithGroup(name string) slog.Handler {
	with := *h
	if name != "" {
		with.group += name + "."
	}
	return &with
}
