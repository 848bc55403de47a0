// Package golden_test captures chunks from a real Fluent Bit, as its inputs and filters make them, and holds them against
// those in common/chunk/testdata, which the product's reader is tested with. Values change from run to run; keys, their
// order, the types of the values and the groups must not.
//
// What it reads them with shares nothing with the product: a simple decoder that trusts its input. It also writes the
// descriptions (.txt) that the product's reader has to agree with.
//
//	go test ./golden -args -update    writes chunks and descriptions anew
package golden_test
