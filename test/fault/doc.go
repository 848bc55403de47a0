// Package fault proves what is lost and what is doubled while things break.
//
// A Ledger hands out numbers and notes which of them a source was told are safe: a line
// that is in its file, a message that the brokers confirmed. Records carry their number
// through any pipeline, whatever it makes of them. A Store reads what has arrived, in
// Loki, Kafka or LogTide, and Judge compares: a number that was safe at the source and is
// not there is missing, each copy after the first is one that came twice.
//
// Faults come from the package harness (proxies, limits, brokers that are killed) and from
// Lives, which says when to kill an agent. The same pipeline is written for our plugins and
// for those that Fluent Bit has built in, so that every claim has a comparison.
package fault
