// Package tty is what the program has of the terminal that it was started from: the signals that
// end it, and where it writes, which may stop reading.
package tty
