package outloki

// change is what the limits did to a record that is sent all the same.
type change uint8

const (
	// labelsMoved: labels beyond the number, or with a name too long, are in
	// the structured metadata.
	labelsMoved change = iota
	// labelCut: a label's value was cut.
	labelCut
	// labelDemoted: a label has too many values.
	labelDemoted
	lineCut
	// metadataDropped: pairs of structured metadata were left out.
	metadataDropped
	// timeOld and timeNew: the time was moved.
	timeOld
	timeNew

	numChanges
)

var changeNames = [numChanges]string{
	"labels_moved", "label_value_cut", "label_demoted", "line_cut", "metadata_dropped", "too_old", "too_new",
}

func (c change) String() string { return changeNames[c] }
