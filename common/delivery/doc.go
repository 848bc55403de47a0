// Package delivery is the ledger between tidegate_kafka and the outputs: an
// offset may be committed once every output that has to has its record.
//
// An input has one Ledger. Its reader fills a Batch, hands it to Add, and the
// input appends it to the agent. Each record carries its origin in the event's
// metadata. An output collects the origins of a chunk in a Chunk and says what
// came of it: Start, then Done, GivenUp or Retry. The Registry, one in a
// process, brings the two together by the source in the origin: neither knows
// the other, and either may come first or stay longer.
//
// A record is finished when every output that is waited for delivered or
// rejected it, or when it was filtered out. That nobody ever says; it follows
// from what was seen, see settle.go. What was lost on the way follows from the
// agent's counters, see taken.go and output.go, and comes out of Redeliver to be
// appended again. An output that asks Chunk.Add sends of that only what it does
// not have yet.
//
// # Who owns what
//
// A Batch and its bytes are the caller's from Ledger.Batch or Redeliver until
// Add, or Appended, returns; else they are the ledger's, which uses them again
// once all is finished. Nothing here starts a goroutine or reads a clock: each
// call takes the time. All is safe for concurrent use, but for what is said at
// Batch, Chunk and Runs, which are one goroutine's, and at Ledger.Assign.
//
// What is kept is bounded by what is in flight: the bytes of unfinished
// batches, a bit for each record, state and output, and one span for each
// stretch of offsets without a gap.
//
// # What it cannot do
//
// These cost duplicates: two copies of a record that an output sends at the same
// moment are both sent; what was delivered is forgotten in a restart; and what
// outputs delivered that are not waited for is not kept. Where a filter makes two
// records of one for the same output (rewrite_tag with KEEP), they are one to
// the ledger: the first that is delivered finishes it.
package delivery
