package plan

// Normalize makes a changelog with all kinds of rows out of changes by key: it keeps the last row of each
// key. UpdateBefore says whether somebody needs -U.
type Normalize struct {
	Props
	Input        Node
	Keys         []int
	UpdateBefore bool
}

// Inputs gives the input.
func (n *Normalize) Inputs() []Node { return []Node{n.Input} }

// Name gives Normalize.
func (n *Normalize) Name() string { return "Normalize" }

// Attrs gives the key.
func (n *Normalize) Attrs() []Attr {
	return attrs{{"by", list(names(n.Input.Properties().Schema, n.Keys))}}
}

// Materialize keeps all rows that there are for each key of a sink, where the query's rows are identified by something
// else, and gives the newest of them: as +I or +U, and as -D when the last one goes. RowKey, where the input has one,
// tells the rows of a key apart; nil means that all columns do.
type Materialize struct {
	Props
	Input  Node
	Keys   []int
	RowKey []int
}

// Inputs gives the input.
func (n *Materialize) Inputs() []Node { return []Node{n.Input} }

// Name gives Materialize.
func (n *Materialize) Name() string { return "Materialize" }

// Attrs gives the sink's key and what tells its rows apart.
func (n *Materialize) Attrs() []Attr {
	in := n.Input.Properties().Schema
	a := attrs{{"by", list(names(in, n.Keys))}}
	if n.RowKey != nil {
		a.add("rows", list(names(in, n.RowKey)))
	}
	return a
}
