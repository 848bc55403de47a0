package fault

import "github.com/tidegate/tidegate/test/harness"

// Drop is a filter that drops the records in which a regular expression matches a key.
func Drop(key, expression string) string {
	return section("FILTER", "Name grep", "Match *", "Exclude "+key+" "+expression)
}

// DropEach is a filter of the stand-in that drops each n-th record that comes to it.
func DropEach(n string) string {
	return section("FILTER", "Name grep_mod", "Match *", "Nth "+n)
}

// StripMetadata is a filter that makes its records anew, without their metadata. Fluent Bit's
// needs no cluster for that.
func StripMetadata(host harness.HostBinary) string {
	if !host.FluentBit {
		return section("FILTER", "Name strip_metadata", "Match *")
	}
	return section("FILTER", "Name kubernetes", "Match *", "Dummy_Meta on")
}
