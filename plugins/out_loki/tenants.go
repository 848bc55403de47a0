package outloki

// byTenant returns the entries of each tenant, in the order of time, the tenant
// of the oldest entry first. It is called once the batch is sorted, and puts
// the entries of the batch in that order.
func (b *batch) byTenant() [][]entry {
	n := b.streams.tenants.len()
	if n < 2 {
		return [][]entry{b.entries}
	}
	counts := make([]int, n)
	var order []int32 // of the tenants
	for i := range b.entries {
		tenant := b.streams.ofTenant[b.entries[i].stream]
		if counts[tenant] == 0 {
			order = append(order, tenant)
		}
		counts[tenant]++
	}
	parts := make([][]entry, 0, len(order))
	next := make([]int, n)
	start := 0
	for _, tenant := range order {
		next[tenant] = start
		end := start + counts[tenant]
		parts = append(parts, b.entries[start:end:end])
		start = end
	}
	scratch := append(b.grouping.scratch[:0], b.entries...)
	b.grouping.scratch = scratch
	for _, e := range scratch {
		tenant := b.streams.ofTenant[e.stream]
		b.entries[next[tenant]] = e
		next[tenant]++
	}
	return parts
}

// tenantOf returns the tenant of entries of one tenant, empty for none.
func (b *batch) tenantOf(entries []entry) string { return b.streams.tenant(entries[0].stream) }
