package autodiff

import "github.com/brushgrad/brushgrad/tensor"

// addGradOfRepeated is addGrad for an operand v that was repeated to a larger
// shape: write stores the gradient of the repeated value, and v gets the sum
// over the copies, since each of them was v.
func (v *Var) addGradOfRepeated(shape []int, write func(d *tensor.Tensor)) {
	if tensor.NumElements(shape) == v.value.Len() {
		v.addGrad(func(d *tensor.Tensor) { write(d.Reshape(shape...)) })
		return
	}
	v.addGrad(func(sum *tensor.Tensor) {
		d := v.tape.lend(shape)
		write(d)
		tensor.SumTo(sum, d)
		v.tape.giveBack(d)
	})
}
