package kinesis

// actions lists the operations of the protocol. The rates are AWS's for one account.
func actions() map[string]action {
	table := map[string]action{}
	for _, group := range []map[string]action{streamActions(), shardActions(), recordActions(), readActions(), settingActions(), consumerActions(), accountActions(), channelActions()} {
		for name, a := range group {
			table[name] = a
		}
	}
	return table
}
