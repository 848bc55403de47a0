//go:build !faults

// Package fault names the places in which tests have a running agent fail.
// Only a build with the tag faults does anything at them:
//
//	make build TAGS=faults OUT=… WORK=…
//	TIDEGATE_FAULT=flush:3 fluent-bit …   panics in the third flush
package fault

// Point panics where TIDEGATE_FAULT asks for it. In builds without the tag
// faults it is nothing, also to the machine.
func Point(string) {}
