package rdkafka

// #include <stdlib.h>
// #include "properties.h"
import "C"

import (
	"bufio"
	"errors"
	"strings"
	"unsafe"
)

// Property is one of librdkafka's configuration properties.
type Property struct {
	Name string
	// Consumer and Producer say for which clients it means something.
	Consumer, Producer bool
	// Default and Values are as librdkafka's reference has them, often empty.
	Default, Values string
}

// Properties returns every property that this librdkafka knows, aliases
// included, in the order of its own reference.
func Properties() []Property {
	text := C.tg_properties()
	if text == nil {
		return nil
	}
	defer C.free(unsafe.Pointer(text))
	return parseProperties(C.GoString(text))
}

// parseProperties reads the table that rd_kafka_conf_properties_show prints:
// rows of `name | C/P | range | default | importance | description`.
func parseProperties(table string) []Property {
	var all []Property
	seen := map[string]bool{} // a few stand in both halves, global and per topic
	for lines := bufio.NewScanner(strings.NewReader(table)); lines.Scan(); {
		cells := strings.Split(lines.Text(), "|")
		if len(cells) < 5 {
			continue
		}
		for i := range cells {
			cells[i] = strings.TrimSpace(cells[i])
		}
		scope := cells[1]
		if scope != "*" && scope != "C" && scope != "P" {
			continue // the heading, or the line under it
		}
		if seen[cells[0]] {
			continue
		}
		seen[cells[0]] = true
		all = append(all, Property{
			Name:     cells[0],
			Consumer: scope != "P",
			Producer: scope != "C",
			Values:   cells[2],
			Default:  cells[3],
		})
	}
	return all
}

// CheckProperty asks librdkafka whether a property may have that value. The
// error is librdkafka's.
func CheckProperty(name, value string) error {
	n, v := C.CString(name), C.CString(value)
	defer C.free(unsafe.Pointer(n))
	defer C.free(unsafe.Pointer(v))
	text := make([]byte, 512)
	// Safety: librdkafka writes at most len(text) bytes, ended by NUL.
	errstr := (*C.char)(unsafe.Pointer(unsafe.SliceData(text)))
	if C.tg_check_property(n, v, errstr, C.size_t(len(text))) == 0 {
		return nil
	}
	return errors.New(C.GoString(errstr))
}
