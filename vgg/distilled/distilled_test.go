package distilled_test

import (
	"fmt"
	"os"
	"testing"

	"github.com/brushgrad/brushgrad/vgg/distilled"
)

// The network has the layers that style transfer compares, and the manifest says
// how it was trained.
func Example() {
	w := distilled.Weights()
	fmt.Println(len(w.Convs), "layers, the last is", w.Convs[len(w.Convs)-1].Name)
	fmt.Println(w.Trained.Teacher != "", w.Trained.TeacherLicense != "", w.Trained.Command != "")
	// Output:
	// 13 layers, the last is conv5_1
	// true true true
}

// TestSize: the folder takes at most 4 MB of the program.
func TestSize(t *testing.T) {
	entries, err := os.ReadDir("weights")
	if err != nil {
		t.Fatal(err)
	}
	total := int64(0)
	for _, e := range entries {
		info, err := e.Info()
		if err != nil {
			t.Fatal(err)
		}
		total += info.Size()
	}
	if total > 4e6 || total < 1e6 {
		t.Errorf("%d bytes", total)
	}
}
