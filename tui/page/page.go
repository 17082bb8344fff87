// Package page holds the pages of the screen. A page owns its state, its keys and its
// drawing; what a key brought about it returns, and drawing it changes nothing.
package page
