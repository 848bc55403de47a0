package kafkaconf

import "iter"

// For yields the properties that were given, like All, without those that mean
// nothing to a client of that kind: for a producer beside a consumer, which
// reaches the same cluster the same way.
func (p *Properties) For(client Client) iter.Seq2[string, string] {
	return func(yield func(string, string) bool) {
		for i, known := range p.known {
			fits := client == Consumer && known.Consumer || client == Producer && known.Producer
			if fits && p.values[i] != "" && !yield(known.Name, p.values[i]) {
				return
			}
		}
	}
}
