// Package exchange is what package controller decides from and on: what was heard, and the steps that are asked for. Both are
// data, so that a decision can be made, and told again, without anything that carries it out.
package exchange
