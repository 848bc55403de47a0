package outkafka

// tally is what one flush did. Records are counted in the flush that settles
// them: the flight knows them in the next.
type tally struct {
	delivered int64
	rejected  [numReasons]sum
	detours   [numDetours]sum
}

// sum is a number of records and an example.
type sum struct {
	records int64
	example example
}

// example is what an operator gets to see: never the record.
type example struct {
	topic string
	text  string
}

// add counts one record. The first example of a flush is kept.
func (s *sum) add(ex example) {
	if s.records == 0 {
		s.example = ex
	}
	s.records++
}
