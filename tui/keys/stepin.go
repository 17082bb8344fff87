package keys

// stepKeys step out of the screen into what runs below it, or copy the command that does.
func stepKeys() Table {
	return Table{
		{Keys: []string{"e"}, Show: "e", Name: "open psql", Help: "psql on the dataset's server in the region", Group: GroupData, use: commands, off: Now.NoCommands, Intent: Intent{Op: OpenPsql}},
		{Keys: []string{"O", "shift+o"}, Show: "O", Name: "copy psql", Help: "copy the command that opens the server", Group: GroupData, use: commands, off: Now.NoCommands, Intent: Intent{Op: CopyPsql}},
		{Keys: []string{"Y", "shift+y"}, Show: "Y", Name: "copy kubectl", Help: "copy how kubectl reaches the region", Group: GroupRegion, use: commands, off: Now.NoCommands, Intent: Intent{Op: CopyKubectl}},
	}
}
