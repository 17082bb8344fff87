// Package tui is the screen. It shows what a drill's events say and hands a
// person's commands on; it never talks to a fleet itself. Everything it draws
// comes from drill.State, to which it applies each event of a Session.
//
// One model routes messages to the page that is shown and to the dialog on top.
// Pages (package page) and panes (package pane) draw the state; dialogs (package
// dialog) take keys and return what was chosen; every key stands in one table
// (package keys), made of the actions that there are and of the screen's own keys.
// Drawing changes nothing.
//
// What a page of a drill shows comes from one of two sources (watched): the session
// that runs, or a past that is played back from a journal (package player): of a drill that is
// over, or of the one that runs and was paused. The pages are the same, and know of a past
// only why keys are off; the lines around them (page.Tape) say where in it one is.
package tui
