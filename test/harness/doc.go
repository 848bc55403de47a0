// Package harness starts the real things that the end-to-end tests talk to: Apache
// Kafka, Grafana Loki and the host that loads the plugins (Fluent Bit, or the
// stand-in of test/host).
//
// Every server listens on 127.0.0.1 at ports that were free a moment ago, keeps its
// data in a temporary directory and is stopped by process id. StartX ties a server to
// one test; NewX gives the caller a server to Close, for those that a package shares.
// When a test fails, the directories of its servers stay, and the last lines of each
// log are printed with the path.
//
// A Proxy is a network that can be cut, stalled and slowed; Kafka's brokers can be had behind
// one each, and a Loki changes the limits of a tenant while it runs.
//
// What takes long to get (Kafka's jars, a build of Loki) is kept in CacheDir and made
// once, under a lock, by whichever test process comes first.
package harness
