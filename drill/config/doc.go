// Package config is what a fleet's configuration is made of: the Kubernetes objects that a region is to have by its Git
// repository, where what it has differs from them, which revision each region is to have, and what a region takes of its
// objects for itself. It reads nothing, asks nobody and knows no time but what it is told.
package config
