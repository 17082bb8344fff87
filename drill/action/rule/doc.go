// Package rule is what the rules of several actions are made of, each written once: whether a region, a dataset or a link is
// as an action needs it. An answer is a Refusal, which says what to do instead, or nil.
package rule
