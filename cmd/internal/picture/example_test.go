package picture_test

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/brushgrad/brushgrad/cmd/internal/outfile"
	"github.com/brushgrad/brushgrad/cmd/internal/picture"
)

func Example() {
	dir, err := os.MkdirTemp("", "")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	out := filepath.Join(dir, "small.jpg")

	if err := outfile.CheckFile(out); err != nil {
		fmt.Println(err)
		return
	}
	photo, err := picture.Load("testdata/detail.png", 32)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(photo.Shape())
	fmt.Println(picture.Save(out, photo))
	// Output:
	// [1 23 32 3]
	// <nil>
}

func ExampleOptions_Check() {
	fmt.Println(picture.Options{}.Check("painting.gif"))
	// Output:
	// painting.gif: cannot write .gif pictures; the extension must be .png, .jpg, .jpeg, .tif or .tiff
}
