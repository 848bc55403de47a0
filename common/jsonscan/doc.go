// Package jsonscan finds one value in JSON text without reading the rest.
//
// It walks up to the value and stops there. What stands before is stepped over
// by its quotes and brackets only, what stands behind may be anything, also
// cut off: a line that a container runtime broke in two still tells what its
// first half holds. For text that is JSON the result is that of a parser, but
// for keys that repeat: the first counts, since looking for another would be
// reading the rest.
//
// Nothing allocates. Results alias the text, and the cost is bounded by its
// length, however it is nested: brackets are counted, not followed.
package jsonscan
