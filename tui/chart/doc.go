// Package chart draws the charts of the screen on a canvas: columns over time,
// gauges, and digits that can be read from the back of a room.
package chart
