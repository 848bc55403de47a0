package outloki

// Ways to send a push in parts. None copies entries.

// singles returns a push for each stream of one.
func (b *batch) singles(p push) (all []push) {
	for entries := p.entries; len(entries) > 0; {
		n := run(entries)
		all = append(all, push{p.tenant, entries[:n], p.streamsOf(entries[:n])})
		entries = entries[n:]
	}
	return all
}

// splitStreams returns the parts of a push of several streams. One bad stream
// among many is found by halves. What was refused for an unknown reason goes
// stream by stream.
func (b *batch) splitStreams(p push, a answer) []push {
	if a == refused {
		return b.singles(p)
	}
	at := run(p.entries)
	for at < len(p.entries)/2 {
		n := run(p.entries[at:])
		if at+n == len(p.entries) {
			break
		}
		at += n
	}
	return p.at(at)
}

// halves returns the parts of a push of several entries, halves by size.
func (p push) halves() []push {
	total := 0
	for i := range p.entries {
		total += p.entries[i].size()
	}
	sum := 0
	for i := range p.entries[:len(p.entries)-1] {
		if sum += p.entries[i].size(); 2*sum >= total {
			return p.at(i + 1)
		}
	}
	return p.at(len(p.entries) - 1)
}

func (p push) at(n int) []push {
	first, second := p.entries[:n], p.entries[n:]
	return []push{{p.tenant, first, p.streamsOf(first)}, {p.tenant, second, p.streamsOf(second)}}
}

// streamsOf returns the runs of entries, which are among those of the push and
// in their order.
func (p push) streamsOf(entries []entry) []streamRun {
	from := 0
	for p.streams[from].stream != entries[0].stream {
		from++
	}
	to := from
	for p.streams[to].stream != entries[len(entries)-1].stream {
		to++
	}
	return p.streams[from : to+1]
}

// runOf returns the run of a stream of the push.
func (p push) runOf(stream int32) *streamRun {
	for i := range p.streams {
		if p.streams[i].stream == stream {
			return &p.streams[i]
		}
	}
	return &p.streams[0]
}
