// Package chunk reads and writes what Fluent Bit calls a chunk: msgpack events,
// one after the other, each a timestamp, a metadata map and a body map.
//
// A Reader walks the events without copying or allocating. Metadata and body
// are given as raw msgpack, which the ReadX and Skip functions take apart; a
// suffix ZC means that the value aliases the bytes it was read from. Nothing
// here keeps the chunk: its memory belongs to the caller, and what was read
// from it must not outlive it.
//
// The bytes are not trusted. Every length is held against what is left, so a
// hostile header can cost no more than the bytes it came with, and skipping
// counts what is open instead of recursing.
package chunk
