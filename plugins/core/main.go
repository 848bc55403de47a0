package main

import "C"

import (
	"unsafe"

	"github.com/tidegate/tidegate/plugins/command"
)

// tidegate_main is the program tidegate, whose process has no host and no other
// instance. It returns the exit code.
//
//export tidegate_main
func tidegate_main(argc C.int, argv **C.char) C.int {
	var args []string
	// Safety: argv is that of C's main, which stays for as long as the process.
	for _, arg := range unsafe.Slice(argv, int(argc)) {
		args = append(args, C.GoString(arg))
	}
	return C.int(command.Main(args, version))
}
