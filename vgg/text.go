package vgg

import "fmt"

// shapeText returns a shape of a file, without the end of one of many dimensions.
func shapeText(shape []int) string {
	const most = 5
	if len(shape) > most {
		return fmt.Sprintf("%v and %d dimensions more", shape[:most], len(shape)-most)
	}
	return fmt.Sprint(shape)
}
