// Package demo holds the two pictures that ship inside nst, so that its first
// run needs no files: a lake at dusk and a painting of a sun over fields. Both
// are drawn by cmd/demopictures.
package demo

import _ "embed"

//go:generate go run github.com/brushgrad/brushgrad/cmd/demopictures -o .

// Content is the lake, the picture to be painted: a JPEG of 600 x 400 pixels.
//
//go:embed content.jpg
var Content []byte

// Style is the painting whose strokes and colours it is to be painted in: a
// JPEG of 600 x 480 pixels.
//
//go:embed style.jpg
var Style []byte
