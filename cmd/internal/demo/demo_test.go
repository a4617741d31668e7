package demo_test

import (
	"bytes"
	"fmt"
	"image"
	_ "image/jpeg"

	"github.com/brushgrad/brushgrad/cmd/internal/demo"
)

func Example() {
	for _, data := range [][]byte{demo.Content, demo.Style} {
		c, format, err := image.DecodeConfig(bytes.NewReader(data))
		fmt.Println(format, c.Width, c.Height, err)
	}
	// Output:
	// jpeg 600 400 <nil>
	// jpeg 600 480 <nil>
}
