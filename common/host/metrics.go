package host

/*
#include <stdlib.h>
#include "host.h"
#include "metrics.h"
*/
import "C"

import (
	"errors"
	"strings"
	"time"
	"unsafe"

	"github.com/tidegate/tidegate/common/metric"
)

// ErrNoMetrics is returned on hosts without functions for metrics of plugins.
var ErrNoMetrics = errors.New("this host exports no functions for plugins' metrics")

// Metrics publishes metrics among the agent's own, where its HTTP server and
// its fluentbit_metrics input find them. Each series gets the label name, with
// the instance's name, as the agent's own series have.
//
// It is for one goroutine. The host locks its lists against other writers, not
// against its own readers, and shows a family before it is whole: define all
// families during init. A series that comes later is whole before it is added
// to its list's end; the host's own plugins add theirs no other way.
type Metrics struct {
	in   *Instance
	cmt  unsafe.Pointer // the host's, valid until the instance's exit
	name *C.char
	made []*family
}

var _ metric.Sink = (*Metrics)(nil)

// NewMetrics returns the instance's place for metrics. Close it before the
// instance's exit returns. Valid during init only.
func (i *Instance) NewMetrics() (*Metrics, error) {
	if C.tidegate_metrics_find() == 0 {
		return nil, ErrNoMetrics
	}
	cmt := i.cmt()
	if cmt == nil {
		return nil, ErrNoMetrics
	}
	return &Metrics{in: i, cmt: cmt, name: C.CString(i.Name)}, nil
}

// Close gives back what the host did not copy. The series stay with the host
// until it destroys the instance.
func (m *Metrics) Close() {
	for _, f := range m.made {
		for _, c := range f.series {
			c.free()
		}
	}
	C.free(unsafe.Pointer(m.name))
	m.made, m.cmt = nil, nil
}

// family is one of the host's families, with the labels of its series as C
// strings.
type family struct {
	sink   *Metrics
	kind   metric.Kind
	ptr    C.tidegate_family
	series map[string]labelValues // by the values
	key    []byte
}

// Define implements metric.Sink.
func (m *Metrics) Define(d metric.Family) (metric.Series, error) {
	// The host joins a name of its parts, and takes no empty first one.
	space, rest, _ := strings.Cut(d.Name, "_")
	texts := newLabelValues(nil, append([]string{space, rest, d.Help, "name"}, d.Labels...))
	defer texts.free()
	keys := texts.list[3:]
	f := &family{sink: m, kind: d.Kind, series: map[string]labelValues{}}
	switch d.Kind {
	case metric.Counter:
		f.ptr = C.tidegate_counter(m.cmt, texts.list[0], texts.list[1], texts.list[2], C.int(len(keys)), &keys[0])
	case metric.Gauge:
		f.ptr = C.tidegate_gauge(m.cmt, texts.list[0], texts.list[1], texts.list[2], C.int(len(keys)), &keys[0])
	case metric.Histogram:
		bounds := make([]C.double, len(d.Bounds))
		for i, b := range d.Bounds {
			bounds[i] = C.double(b)
		}
		f.ptr = C.tidegate_histogram(m.cmt, texts.list[0], texts.list[1], texts.list[2], C.int(len(keys)), &keys[0],
			unsafe.SliceData(bounds), C.size_t(len(bounds)))
	}
	if f.ptr == nil {
		return nil, errors.New("the host refused it")
	}
	m.made = append(m.made, f)
	return f, nil
}

// labels returns a series' labels in C's hands, which are made once.
func (f *family) labels(values []string) labelValues {
	f.key = f.key[:0]
	for _, v := range values {
		f.key = append(append(f.key, v...), 0xff) // in no UTF-8
	}
	if l, ok := f.series[string(f.key)]; ok {
		return l
	}
	l := newLabelValues(f.sink.name, values)
	f.series[string(f.key)] = l
	return l
}

// Set implements metric.Series.
func (f *family) Set(values []string, v float64) {
	l := f.labels(values)
	f.sink.in.metricsMu.Lock()
	defer f.sink.in.metricsMu.Unlock()
	if f.kind == metric.Counter {
		C.tidegate_counter_set(f.ptr, now(), C.double(v), C.int(len(l.list)), &l.list[0])
	} else {
		C.tidegate_gauge_set(f.ptr, now(), C.double(v), C.int(len(l.list)), &l.list[0])
	}
}

// SetHistogram implements metric.Series.
func (f *family) SetHistogram(values []string, counts []uint64, sum float64) {
	l := f.labels(values)
	f.sink.in.metricsMu.Lock()
	defer f.sink.in.metricsMu.Unlock()
	C.tidegate_histogram_set(f.ptr, now(), (*C.uint64_t)(unsafe.SliceData(counts)), C.double(sum), C.uint64_t(counts[len(counts)-1]),
		C.int(len(l.list)), &l.list[0])
}

func now() C.uint64_t { return C.uint64_t(time.Now().UnixNano()) }

// labelValues is a list of C strings in C's memory, for calls that take a
// char **.
type labelValues struct {
	list  []*C.char // in C's memory
	owned []*C.char
}

// newLabelValues copies texts, behind first where there is one, which stays
// the caller's.
func newLabelValues(first *C.char, texts []string) labelValues {
	n := len(texts)
	if first != nil {
		n++
	}
	// Safety: the list is C's own memory, of n pointers, until free.
	list := unsafe.Slice((**C.char)(C.calloc(C.size_t(n), C.size_t(unsafe.Sizeof(first)))), n)
	l := labelValues{list: list, owned: list[n-len(texts):]}
	if first != nil {
		list[0] = first
	}
	for i, text := range texts {
		l.owned[i] = C.CString(text)
	}
	return l
}

func (l labelValues) free() {
	for _, text := range l.owned {
		C.free(unsafe.Pointer(text))
	}
	C.free(unsafe.Pointer(&l.list[0]))
}
