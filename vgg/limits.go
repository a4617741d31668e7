package vgg

import "fmt"

// CheckWidths returns an error if Load would not read a network whose convolutions, from
// conv1_1 on, have these numbers of filters: see there. There must be at least one, and at
// most as many as VGG19 has.
func CheckWidths(filters []int) error {
	in, left := 3, maxNumbers
	for i, n := range filters {
		name, most := layerNames[i], maxWidening*widths()[i]
		if n < 1 || n > most {
			return fmt.Errorf("%s has %d filters, but must have 1 to %d (twice as many as in VGG19)", name, n, most)
		}
		if left -= n * (9*in + 1); left < 0 {
			return fmt.Errorf("the layers up to %s have more than %d weights, twice as many as VGG19", name, maxNumbers)
		}
		in = n
	}
	return nil
}
