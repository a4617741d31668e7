package autodiff

import "fmt"

// dimension returns axis counted from the front, and panics if shape has no
// such dimension.
func dimension(op string, axis int, shape []int) int {
	i := axis
	if i < 0 {
		i += len(shape)
	}
	if i < 0 || i >= len(shape) {
		panic(fmt.Sprintf("autodiff: %s: shape %v has no dimension %d", op, shape, axis))
	}
	return i
}
