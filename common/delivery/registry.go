package delivery

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// Registry brings inputs and outputs of a process together. There is one, over
// all hot reloads: an output of the agent's old configuration may still deliver
// what is an input's of the new one.
type Registry struct {
	// first is the first number of an assignment in this process. It is the
	// time of the start, so that lower numbers are of an earlier run.
	first uint32
	next  atomic.Uint32
	chunk atomic.Uint64

	// ledgers is replaced as a whole: outputs read it without the lock.
	ledgers atomic.Pointer[[]*Ledger]

	mu      sync.Mutex
	outputs []*Output
}

// NewRegistry returns a registry of a process that started now.
func NewRegistry(now time.Time) *Registry {
	r := &Registry{first: uint32(now.Unix())}
	r.next.Store(r.first)
	r.ledgers.Store(new([]*Ledger))
	return r
}

func (r *Registry) nextAssignment() uint32 { return r.next.Add(1) }

func (r *Registry) add(l *Ledger) {
	r.mu.Lock()
	defer r.mu.Unlock()
	all := append(slices.Clone(*r.ledgers.Load()), l)
	r.ledgers.Store(&all)
}

func (r *Registry) remove(l *Ledger) {
	r.mu.Lock()
	defer r.mu.Unlock()
	all := slices.DeleteFunc(slices.Clone(*r.ledgers.Load()), func(other *Ledger) bool { return other == l })
	r.ledgers.Store(&all)
}

// Kept returns how many bytes of events all inputs keep, unfinished ones and the
// memory for more.
func (r *Registry) Kept() (bytes int64) {
	for _, l := range *r.ledgers.Load() {
		bytes += l.kept()
	}
	return bytes
}

// Join adds an output: an instance by its name, of a plugin.
func (r *Registry) Join(plugin, name string) *Output {
	o := &Output{registry: r, plugin: plugin, name: name}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.outputs = append(r.outputs, o)
	return o
}

// Leave takes the output out. What it reports still counts.
func (o *Output) Leave() {
	o.registry.mu.Lock()
	defer o.registry.mu.Unlock()
	o.registry.outputs = slices.DeleteFunc(o.registry.outputs, func(other *Output) bool { return other == o })
}

// resolve returns the names of the outputs that ack_from stands for.
func (r *Registry) resolve(ackFrom []string) ([]string, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	var all, names []string
	for _, o := range r.outputs {
		all = append(all, o.name)
	}
	slices.Sort(all)
	all = slices.Compact(all)
	if len(all) == 0 {
		return nil, fmt.Errorf("commit delivered needs a Tidegate output to wait for, and this agent has none: commit appended goes with other outputs")
	}
	if len(ackFrom) == 0 {
		if len(all) == 1 {
			return all, nil
		}
		return nil, fmt.Errorf("ack_from must name the outputs to wait for, since there are several: %s", strings.Join(all, ", "))
	}
	for _, want := range ackFrom {
		found := r.namedLocked(want)
		if len(found) == 0 {
			return nil, fmt.Errorf("ack_from names %q, which is no Tidegate output of this agent; it has: %s", want, strings.Join(all, ", "))
		}
		names = append(names, found...)
	}
	slices.Sort(names)
	return slices.Compact(names), nil
}

// namedLocked returns the instance of that name, else those of the plugin.
func (r *Registry) namedLocked(want string) []string {
	var ofPlugin []string
	for _, o := range r.outputs {
		if o.name == want {
			return []string{want}
		}
		if o.plugin == want {
			ofPlugin = append(ofPlugin, o.name)
		}
	}
	return ofPlugin
}

// idle is Output.idle for all of a name. Where there is none, as at the agent's
// end, what it did not get to is not known.
func (r *Registry) idle(name string, since, retries time.Time) (idle bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, o := range r.outputs {
		if o.name != name {
			continue
		}
		if !o.idle(since, retries) {
			return false
		}
		idle = true
	}
	return idle
}
