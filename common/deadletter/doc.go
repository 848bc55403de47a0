// Package deadletter keeps what a plugin cannot use: messages that an input
// cannot read, records that an output's server refuses. A Topic produces them
// to Kafka, a File writes them as lines of JSON. Both take the same Letter.
//
// A letter is safe, and its record finished, when the brokers have it (all
// in-sync replicas) or when the kernel has its line. Nothing is given up: what
// cannot be put away now is refused with an error, so that the plugin keeps the
// record and comes again, or waits inside and is sent until it arrives. A letter
// that the topic finds too large is cut and says so in its headers. What is
// under way when a Topic is closed is counted and stays unfinished.
//
// A letter can be there twice, after a fatal error of the Kafka client or a
// restart, as records can.
//
// Memory: a sink copies what it keeps of a letter before Send returns. A Topic
// holds at most maxLetters, and maxBytes plus one letter; librdkafka as much
// again. Goroutines: a Topic has one that owns its producer, one for that client's
// log lines and for a moment one that gets it a token, joined by Close; a File has
// none.
package deadletter
