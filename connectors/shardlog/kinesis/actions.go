package kinesis

// actions lists the operations of the protocol. The rates are AWS's for one account.
func actions() map[string]action {
	table := map[string]action{}
	for _, group := range []map[string]action{streamActions(), shardActions(), recordActions(), readActions(), settingActions(), consumerActions(), accountActions()} {
		for name, a := range group {
			table[name] = a
		}
	}
	// Channels deliver to S3, which is not a log's business.
	for _, name := range []string{"CreateChannel", "DescribeChannel", "ListChannels", "UpdateChannel", "DeleteChannel"} {
		table[name] = action{run: func(*call) error {
			return clientError(unknownOperation, "%s is not supported yet: Weir writes to S3 with a SQL sink.", name)
		}}
	}
	return table
}
