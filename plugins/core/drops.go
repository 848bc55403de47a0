package main

import (
	"time"

	"github.com/tidegate/tidegate/common/host"
)

// watchDrops tells the ledgers when the agent drops chunks of this output: its
// own counters are the only sign of that.
func (i *instance) watchDrops(in *host.Instance) {
	read := in.Drops()
	if read == nil {
		i.log.Warn("this host does not count the records that it drops: those of tidegate_kafka are read again after a restart only")
		return
	}
	records, chunks, _ := read()
	look := func() {
		r, c, ok := read()
		if ok && r > records {
			i.acks.Dropped(r-records, c-chunks, time.Now())
		}
		if ok {
			records, chunks = r, c
		}
	}
	i.loop("drops", func() {
		tick := time.NewTicker(time.Second)
		defer tick.Stop()
		for {
			select {
			case <-tick.C:
				look()
			case <-i.ctx.Done():
				return
			}
		}
	})
}
