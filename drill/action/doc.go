// Package action has what can be done to a fleet: a file a verb, and one list of them
// all. Engine, keys, palette, dialogs, file check, dry run and help are loops over All.
//
// An action is data and functions over the drill's state: its words, its parameters
// (package param), the one rule for when it may be done (made of those of package rule),
// what it is predicted to break, what a dry run takes for granted, how it is done and
// proved, and which verb takes it back. To add one: write its file, add its row to All.
// What goes by the list alone stands above it: package conflict says which commands
// wait for each other.
package action
