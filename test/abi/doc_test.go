// Package abi_test proves what the stand-in host in test/host does, with a plugin in C that does what each test asks
// (test/host/testdata/probe.c), and holds it against a real Fluent Bit where one is installed.
package abi_test
