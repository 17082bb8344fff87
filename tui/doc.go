// Package tui is the screen. It shows what a drill's events say and hands a
// person's commands on; it never talks to a fleet itself. Everything it draws
// comes from drill.State, to which it applies each event of a Session.
//
// One model owns the program. Panes (package pane) are functions of the state,
// dialogs are values that swallow all keys while they are open, and every key
// stands in one table from which the footer and the help are made.
package tui
