package autodiff

// Gram returns the Gram matrix (C,C) of the activations x (1,H,W,C), divided
// by the number of positions. With A the unrolling of x, (H W, C):
//
//	G  = A^T A / (H W)
//	dA = A (dG + dG^T) / (H W)
//
// G[i,j] says how strongly channels i and j respond at the same places,
// whatever those places are: style without layout (Gatys, Ecker and Bethge,
// "A Neural Algorithm of Artistic Style", 2015). It panics unless x is one
// picture.
//
// The gradient needs the activations. Where these are quick to compute again,
// as those of VGG19's first layer, the largest of all, they are not kept.
func Gram(x *Var) *Var { return gram("Gram", x, nil, nil) }
